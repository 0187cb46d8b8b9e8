const { tidy, lost } = require('../closures');

describe('units', () => {
  it('tidies', async () => {
    await tidy();
    await lost();
  });
});
