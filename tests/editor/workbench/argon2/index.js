// Stands in for argon2: the workbench of the tests has no password.
exports.hash = exports.verify = () => {
  throw new Error("the workbench of the tests has no password");
};
