const router = require('express').Router();

router.get('/', function (req, res) {
  const db = req.db;
  db.connect(req.url, function (err, client, done) {  // site: correct library=pg
    if (err) {
      return console.error('no client', err);
    }
    client.query('SELECT * FROM orders', function (err, result) {
      done();
      if (err) {
        return console.error('query failed', err);
      }
      res.json(result.rows);
    });
  });
});

router.get('/:id', function (req, res) {
  const db = req.db;
  db.connect(req.url, function (err, client, done) {  // site: leak PGC103 library=pg category=early-exit
    if (err) {
      return console.error('no client', err);
    }
    client.query('SELECT * FROM orders WHERE id = $1', [req.params.id], function (err, result) {
      if (err) {
        return res.status(500).end();
      }
      done();
      res.json(result.rows[0]);
    });
  });
});

router.delete('/:id', function (req, res) {
  req.db.connect(req.url, function (err, client, done) {  // site: leak PGC101 library=pg category=never-released
    if (err) {
      return console.error('no client', err);
    }
    client.query('DELETE FROM orders WHERE id = $1', [req.params.id], function (err) {
      res.json({ deleted: !err });
    });
  });
});

router.put('/:id', function (req, res) {
  const db = req.db;
  db.connect(req.url, (err, client, release) => {  // site: leak PGC106 library=pg category=used-after-release
    if (err) {
      return res.status(500).end();
    }
    client.query('UPDATE orders SET seen = true WHERE id = $1', [req.params.id], (err) => {
      release();
      if (err) {
        return res.status(500).end();
      }
      client.query('SELECT 1', () => res.end());
    });
  });
});

module.exports = router;
