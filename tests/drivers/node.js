// node-postgres at its defaults; prints one JSON line for the test to read.
const { Client, Pool } = require('pg');

async function main() {
  const ssl = process.env.PGCA ? { ca: require('fs').readFileSync(process.env.PGCA), servername: 'localhost' } : false;
  const settings = { connectionString: process.env.PGURL, ssl };
  const client = new Client(settings);
  await client.connect();
  const out = {};
  await client.query('DROP TABLE IF EXISTS node_thing');
  await client.query(`CREATE TABLE node_thing (id serial PRIMARY KEY, name text NOT NULL, n int, big bigint,
    data jsonb, at timestamptz DEFAULT now(), ok boolean)`);
  const inserted = await client.query(
    'INSERT INTO node_thing (name, n, big, data, ok) VALUES ($1, $2, $3, $4, $5) RETURNING id, name, n, big, data, ok',
    ['näme', 41, '9007199254740993', { a: [1, 'x'] }, true]);
  out.inserted = inserted.rows[0];
  out.fields = inserted.fields.map((field) => field.dataTypeID);
  for (let i = 0; i < 5; i++) {
    const named = await client.query({ name: 'by-n', text: 'SELECT count(*)::int AS c FROM node_thing WHERE n > $1', values: [i] });
    out.named = named.rows[0].c;
  }
  await client.query('BEGIN');
  await client.query("INSERT INTO node_thing (name) VALUES ('gone')");
  await client.query('ROLLBACK');
  out.count = (await client.query('SELECT count(*)::int AS c FROM node_thing')).rows[0].c;
  try { await client.query('INSERT INTO node_thing (name) VALUES ($1)', [null]); } catch (error) {
    out.error = { code: error.code, column: error.column, table: error.table };
  }
  const pool = new Pool({ ...settings, max: 20 });
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.query('SELECT $1::int * 2 AS d', [i])));
  out.doubled = results.every((result, i) => result.rows[0].d === i * 2);
  await pool.end();
  await client.query('DROP TABLE node_thing');
  await client.end();
  console.log(JSON.stringify(out));
}
main().catch((error) => { console.error(error); process.exit(1); });
