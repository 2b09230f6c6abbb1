// Workers of node-postgres on one Pool: crowd.js WORKERS ROUNDS; PGURL says where.
const assert = require('assert');
const { Pool, Client } = require('pg');

const [workers, rounds] = process.argv.slice(2).map(Number);
const COLUMNS = 'n, price, at, data, tags, numbers, raw, key, ok, note';

function valuesOf(worker, turn) {
  if (turn % 3 === 2) return [turn, null, null, null, null, null, null, null, null, null];
  return [turn, (worker * 1000 + turn + 0.125).toFixed(3), new Date(Date.UTC(2024, turn % 12, 1 + worker, 3, 4, 5, turn)),
    { list: [turn, null, 'ö'], worker }, ['a,b', 'q"uo', null, `w${worker}`], [turn, null, 0 - worker],
    Buffer.from([worker, turn, 0, 255]), `00000000-0000-0000-0000-${String(worker * 1000 + turn).padStart(12, '0')}`,
    turn % 2 === 0, `note ${worker}.${turn} 'ü\\`];
}

async function fails(code, promise) {
  await assert.rejects(promise, (error) => error.code === code || assert.fail(`${error.code} ${error.message}`));
}

async function turnOf(client, table, worker, turn) {
  const row = valuesOf(worker, turn);
  const marks = row.map((_, n) => `$${n + 1}`).join(', ');
  await client.query('BEGIN');
  const id = (await client.query(`INSERT INTO ${table} (${COLUMNS}) VALUES (${marks}) RETURNING id`, row)).rows[0].id;
  const got = await client.query({ name: `one of ${table}`, text: `SELECT ${COLUMNS} FROM ${table} WHERE id = $1`,
    values: [id], rowMode: 'array' });
  assert.deepStrictEqual(got.rows[0], row);
  await client.query('COMMIT');
  await client.query('BEGIN');
  const changed = await client.query({ name: 'change', text: `UPDATE ${table} SET note = $1, n = n + 100 WHERE id = $2`,
    values: ['gone', id] });
  assert.strictEqual(changed.rowCount, 1);
  await client.query('ROLLBACK');
  await client.query('BEGIN');
  await client.query('SAVEPOINT s');
  await fails('23505', client.query(`INSERT INTO ${table} (n) VALUES ($1)`, [turn]));
  await fails('25P02', client.query('SELECT 1'));
  await client.query('ROLLBACK TO SAVEPOINT s');
  // queued by the driver, answered in order
  const sums = await Promise.all([1, 2, 3, 4, 5].map((n) =>
    client.query({ name: 'sum', text: 'SELECT $1::int + $2::int AS s', values: [n, worker] })));
  assert.deepStrictEqual(sums.map((sum) => sum.rows[0].s), [1, 2, 3, 4, 5].map((n) => n + worker));
  await client.query('COMMIT');
  await fails('22012', client.query({ name: 'quotient', text: 'SELECT $1::int / $2::int', values: [turn, 0] }));
  const count = await client.query(`SELECT count(*)::int AS c, max(note) AS m FROM ${table} WHERE n < 100`);
  assert.strictEqual(count.rows[0].c, turn + 1);
}

async function work(pool, worker) {
  const table = `crowd_n${worker}`;
  const client = await pool.connect();
  await client.query(`DROP TABLE IF EXISTS ${table}`);
  for (let again = 0; again < 2; again++) {
    await client.query(`CREATE TABLE ${table} (id bigserial PRIMARY KEY, n int NOT NULL UNIQUE, price numeric(12,3),
      at timestamptz, data jsonb, tags text[], numbers int[], raw bytea, key uuid, ok boolean, note text)`);
    for (let turn = 0; turn < rounds; turn++) await turnOf(client, table, worker, turn);
    await client.query(`DROP TABLE ${table}`);
  }
  client.release();
  for (let turn = 0; turn < rounds; turn++) {
    const result = await pool.query({ name: 'of the pool', text: 'SELECT $1::text AS t', values: [`w${worker}`] });
    assert.strictEqual(result.rows[0].t, `w${worker}`);
    await fails('42P01', pool.query(`SELECT * FROM ${table} WHERE n = $1`, [turn]));
  }
  for (let turn = 0; turn < 2; turn++) {
    const own = new Client({ connectionString: process.env.PGURL });
    await own.connect();
    assert.strictEqual((await own.query('SELECT $1::int AS n', [worker])).rows[0].n, worker);
    await own.end();
  }
}

async function main() {
  const pool = new Pool({ connectionString: process.env.PGURL, max: workers });
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(pool, worker)));
  await pool.end();
  console.log(`${workers} workers`);
}
main().catch((error) => { console.error(error); process.exit(1); });
