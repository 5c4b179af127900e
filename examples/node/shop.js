// node-postgres: upserts, values as strings where JavaScript has no type for
// them, a stream of rows by pages.
import assert from 'node:assert';
import { randomUUID } from 'node:crypto';
import pg from 'pg';

const client = new pg.Client();
await client.connect();

const customer = randomUUID();
const upsert = `INSERT INTO shop.customers (id, name, credit, address)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name,
        credit = EXCLUDED.credit, address = EXCLUDED.address`;
await client.query(upsert, [customer, 'Dee', '7.25', { country: 'AT' }]);
await client.query(upsert, [customer, 'Dee Ray', '8.25', { country: 'JP' }]);

const { rows } = await client.query(
  `SELECT c.name, c.credit, r.region FROM shop.customers AS c
       JOIN regions AS r ON r.country = c.address ->> 'country'
   WHERE c.id = $1`, [customer]);
assert.deepStrictEqual(rows,
  [{ name: 'Dee Ray', credit: '8.25', region: 'Asia' }]);

const placed = new Date('2025-03-01T00:00:00Z');
for (let number = 0; number < 5; number++) {
  await client.query({
    name: 'order', // prepared once
    text: `INSERT INTO shop.orders (customer, placed, number, total)
           VALUES ($1, $2, $3, $4)`,
    values: [customer, placed, number, String(number)],
  });
}
const changed = await client.query(
  `UPDATE shop.orders SET paid = true
   WHERE customer = $1 AND placed = $2 AND number < 3`, [customer, placed]);
assert.strictEqual(changed.rowCount, 3);
const unpaid = await client.query(
  `SELECT number FROM shop.orders
   WHERE customer = $1 AND paid IS NOT TRUE ORDER BY placed DESC, number`,
  [customer]);
assert.deepStrictEqual(unpaid.rows.map((row) => row.number), [3, 4]);

const event = await client.query(
  `INSERT INTO shop.events (source, id, body)
   VALUES ($1, generate_timeuuid(), $2) RETURNING id`, [customer, 'opened']);
assert.match(event.rows[0].id, /^[0-9a-f]{8}-[0-9a-f]{4}-1/);

await client.end();
console.log('node: ok');
