-- COPY FROM and TO: columns, NULL, defaults, triggers, errors, many rows.
\i test/cql/write_setup.sql

COPY kv (id, v) FROM stdin;
1	one
2	\N
3	three
1	one again
\.
COPY kv (id, n, v) FROM stdin (FORMAT csv, NULL 'nil');
4,40,four
5,nil,"fi,ve"
6,60,nil
\.
SELECT * FROM kv ORDER BY id;
COPY (SELECT * FROM kv ORDER BY id) TO stdout;
COPY kv TO stdout;

-- errors tell the line; rows before in the same batch are not sent
COPY kv (id, v) FROM stdin;
10	ten
eleven	no number
\.
COPY kv (id, v) FROM stdin;
10	ten
\N	no key
\.
SELECT count(*) FROM kv WHERE id = 10;

-- a table made in the same transaction
BEGIN;
CREATE FOREIGN TABLE made (v text, id int)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
COPY made FROM stdin;
made	31
\.
SELECT * FROM made WHERE id = 31;
COMMIT;
SELECT id, v FROM kv WHERE id = 31;
DROP FOREIGN TABLE made;
DELETE FROM kv WHERE id = 31;

-- a filter, a trigger, a table with only a key
COPY kv (id, v) FROM stdin WHERE id > 20;
20	twenty
21	twenty-one
\.
CREATE FUNCTION upper_v() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.v = upper(NEW.v); RETURN NEW; END $$;
CREATE TRIGGER up BEFORE INSERT ON kv FOR EACH ROW EXECUTE FUNCTION upper_v();
COPY kv (id, v) FROM stdin;
22	twenty-two
\.
DROP TRIGGER up ON kv;
SELECT id, v FROM kv WHERE id IN (20, 21, 22) ORDER BY id;
COPY narrow FROM stdin;
a
b
\.
SELECT count(*) FROM narrow;

-- into a partitioned table
CREATE TABLE parent (id int, n bigint DEFAULT 5, v text)
  PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (100) TO (200)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
CREATE TABLE part_local PARTITION OF parent FOR VALUES FROM (200) TO (300);
COPY parent (id, v) FROM stdin;
100	far
200	near
101	far
\.
SELECT tableoid::regclass, * FROM parent ORDER BY id;

-- many rows, through a file
COPY (SELECT 'dev ' || g / 250, 1, g, g / 2.0 FROM generate_series(0, 19999) g)
  TO '/tmp/cassandra_fdw_copy.txt';
COPY ts (dev, day, seq, v) FROM '/tmp/cassandra_fdw_copy.txt';
SELECT count(*), count(DISTINCT dev), sum(v) FROM ts;
\! rm -f /tmp/cassandra_fdw_copy.txt
\copy kv (id, n) from program 'seq 1000 5999 | sed "s/.*/&\t&/"'
SELECT count(*), sum(n) FROM kv WHERE id >= 1000;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
