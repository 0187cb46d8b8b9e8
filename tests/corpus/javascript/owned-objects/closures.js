const { Pool } = require('pg');

const pool = new Pool();  // site: correct library=pg

const logged = (fn) => async (...args) => {
  console.log(fn.name);
  return fn(...args);
};

function makeUnit() {
  let client = null;
  const begin = async () => {
    if (client) return;
    client = await pool.connect();  // site: correct library=pg
    await client.query('BEGIN');
  };
  const finish = () => {
    if (!client) return;
    client.release();
    client = null;
  };
  return { begin: logged(begin), finish, query: (text) => client.query(text), commit: async () => client.query('COMMIT') };
}

exports.tidy = async () => {
  const unit = makeUnit();  // site: correct library=pg
  try {
    await unit.begin();
    await unit.query('UPDATE stock SET n = n - 1');
    await unit.commit();
  } finally {
    unit.finish();
  }
};

exports.lost = async () => {
  const unit = makeUnit();
  await unit.begin();  // site: leak PGC101 library=pg category=never-released
  await unit.query('UPDATE stock SET n = n - 1');
  await unit.commit();
};

function prepared() {
  return new Promise((resolve, reject) => {
    pool.connect((error, client, done) => {  // site: correct library=pg
      if (error) return reject(error);
      client.query('SET search_path TO app', (failure) => {
        if (failure) {
          done(failure);
          return reject(failure);
        }
        resolve(client);
      });
    });
  });
}

exports.names = async () => {
  const client = await prepared();  // site: leak PGC102 library=pg category=on-error
  const { rows } = await client.query('SELECT name FROM things');
  client.release();
  return rows;
};

exports.sizes = async () => {
  const client = await prepared();  // site: correct library=pg
  try {
    return await client.query('SELECT size FROM things');
  } finally {
    client.release();
  }
};

exports.marked = (callback) => {
  pool.connect((error, client, done) => {  // site: correct library=pg
    if (error) return callback(error);
    client.finish = done;
    client.query('SELECT 1', (failure, result) => {
      client.finish();
      callback(failure, result);
    });
  });
};

exports.markedTooEarly = (callback) => {
  pool.connect((error, client, done) => {  // site: leak PGC103 library=pg category=early-exit
    if (error) return callback(error);
    client.finish = done;
    client.query('SELECT 1', (failure, result) => {
      if (failure) return callback(failure);
      client.finish();
      callback(null, result);
    });
  });
};

exports.ping = () => {
  pool.connect(() => console.log('connected'));  // site: leak PGC101 library=pg category=never-released
};
