-- TRUNCATE: one, several, partitions, what is refused.
\i test/cql/write_setup.sql
INSERT INTO kv (id) VALUES (1), (2);
INSERT INTO narrow VALUES ('a');
TRUNCATE kv;
SELECT count(*) FROM kv;
INSERT INTO kv (id) VALUES (1), (2);
SELECT count(*) FROM kv;
TRUNCATE kv, narrow RESTART IDENTITY CASCADE;
SELECT (SELECT count(*) FROM kv), (SELECT count(*) FROM narrow);

CREATE TABLE parent (id int, n bigint, v text) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE part PARTITION OF parent FOR VALUES FROM (100) TO (200)
  SERVER write_server OPTIONS (keyspace 'fdw_write', table_name 'kv');
CREATE TABLE part_local PARTITION OF parent FOR VALUES FROM (200) TO (300);
INSERT INTO parent (id) VALUES (100), (200);
TRUNCATE parent;
SELECT count(*) FROM parent;

INSERT INTO parent (id) VALUES (100), (200);
TRUNCATE ONLY part;
SELECT id FROM parent;

INSERT INTO kv (id) VALUES (1);
TRUNCATE kv_by_n;
ALTER FOREIGN TABLE kv OPTIONS (ADD truncatable 'false');
TRUNCATE narrow, kv;
ALTER SERVER write_server OPTIONS (ADD truncatable 'false');
TRUNCATE narrow;
ALTER FOREIGN TABLE kv OPTIONS (SET truncatable 'true');
TRUNCATE kv;
SELECT count(*) FROM kv;
INSERT INTO kv (id) VALUES (1);
ALTER FOREIGN TABLE kv OPTIONS (ADD updatable 'false');
TRUNCATE kv;
ALTER SERVER write_server OPTIONS (ADD updatable 'false',
  SET truncatable 'true');
TRUNCATE narrow;
SELECT count(*) FROM kv;

DROP SERVER write_server CASCADE;
DROP SCHEMA fdw_write CASCADE;
