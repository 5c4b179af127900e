-- The type timeuuid: input, casts, order, indexes, joins, aggregates.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
SET client_min_messages = notice;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

-- input and output; only version 1
SELECT timeuuid '13814000-1dd2-11b2-8080-808080808080', '{138140001DD211B28080808080808080}'::timeuuid;
SELECT timeuuid '123e4567-e89b-42d3-a456-426655440000';
SELECT timeuuid '13814000-1dd2';
SELECT timeuuid_send('13814000-1dd2-11b2-8080-808080808080');
SELECT pg_typeof(NULL::timeuuid), typlen, typalign, typstorage, typcategory, typbyval
FROM pg_type WHERE oid = 'timeuuid'::regtype;

-- casts
SELECT '13814000-1dd2-11b2-8080-808080808080'::timeuuid::uuid AS u,
  '13814000-1dd2-11b2-8080-808080808080'::uuid::timeuuid AS t,
  '13814000-1dd2-11b2-8080-808080808080'::timeuuid::text AS x,
  '13814000-1dd2-11b2-8080-808080808080'::text::timeuuid AS y;
SELECT 'ffffffff-ffff-4fff-bfff-ffffffffffff'::uuid::timeuuid;
SELECT '13814000-1dd2-11b2-8080-808080808080'::timeuuid::timestamptz;
SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod
FROM pg_cast WHERE 'timeuuid'::regtype IN (castsource, casttarget) ORDER BY 1, 2;
CREATE TEMP TABLE u (u uuid);
INSERT INTO u VALUES (timeuuid '13814000-1dd2-11b2-8080-808080808080');
CREATE TEMP TABLE tu (t timeuuid);
INSERT INTO tu SELECT u FROM u;
INSERT INTO tu VALUES (uuid 'ffffffff-ffff-4fff-bfff-ffffffffffff');
SELECT * FROM tu;

-- instants
SELECT timeuuid_timestamp('13814000-1dd2-11b2-8080-808080808080') = 'epoch' AS epoch,
  timeuuid_timestamp('00000000-0000-1000-8080-808080808080') AS first,
  timeuuid_timestamp('ffffffff-ffff-1fff-bfff-ffffffffffff') AS last,
  timeuuid_timestamp('13813fff-1dd2-11b2-0000-000000000000') AS before_epoch,
  timeuuid_timestamp('13814009-1dd2-11b2-0000-000000000000') AS same_microsecond,
  timeuuid_timestamp('1381400a-1dd2-11b2-0000-000000000000') AS next_microsecond;
SELECT min_timeuuid('epoch'), max_timeuuid('epoch');
SELECT min_timeuuid('1582-10-15'), max_timeuuid('1582-10-15');
SELECT min_timeuuid('5236-03-31 21:21:00.684696'), max_timeuuid('5236-03-31 21:21:00.684696');
SELECT min_timeuuid('1582-10-14 23:59:59.999999');
SELECT max_timeuuid('5236-03-31 21:21:00.684698');
SELECT min_timeuuid('infinity');
SELECT min_timeuuid(NULL) IS NULL;
-- every microsecond's are around it, and around nothing else
SELECT bool_and(timeuuid_timestamp(min_timeuuid(t)) = t AND timeuuid_timestamp(max_timeuuid(t)) = t
  AND min_timeuuid(t) < max_timeuuid(t) AND max_timeuuid(t) < min_timeuuid(t + '1 us'))
FROM generate_series('1582-10-15'::timestamptz, '5236-03-31', '777 days 3.141593 s') t;

-- order: time first, then the low half as signed bytes
CREATE TEMP TABLE o (n int, t timeuuid);
INSERT INTO o VALUES
  (1, '00000000-0000-1000-8080-808080808080'),
  (2, 'ffffffff-1dd1-11b2-0000-000000000000'),
  (3, '13814000-1dd2-11b2-8080-808080808080'),
  (4, '13814000-1dd2-11b2-8080-808080808081'),
  (5, '13814000-1dd2-11b2-ff00-000000000000'),
  (6, '13814000-1dd2-11b2-0080-000000000000'),
  (7, '13814000-1dd2-11b2-0000-000000000000'),
  (8, '13814000-1dd2-11b2-7f7f-7f7f7f7f7f7f'),
  (9, '13814001-1dd2-11b2-8080-808080808080'),
  (10, '00000000-1dd3-11b2-8080-808080808080'),
  (11, '00000000-0000-11b3-8080-808080808080'),
  (12, 'ffffffff-ffff-1fff-7f7f-7f7f7f7f7f7f');
SELECT array_agg(n ORDER BY t), array_agg(n ORDER BY t DESC), array_agg(n ORDER BY t::uuid) FROM o;
-- the operators agree with it, one with another and with the comparison
SELECT count(*), bool_and((a.t < b.t) = (a.n < b.n) AND (a.t <= b.t) = (a.n <= b.n)
  AND (a.t = b.t) = (a.n = b.n) AND (a.t <> b.t) = (a.n <> b.n)
  AND (a.t >= b.t) = (a.n >= b.n) AND (a.t > b.t) = (a.n > b.n)
  AND sign(timeuuid_cmp(a.t, b.t)) = sign(a.n - b.n)) AS agree
FROM o a, o b;
SELECT min(t), max(t), min(t) FILTER (WHERE n > 3 AND n < 9), count(DISTINCT t) FROM o;
SELECT min(t), max(t) FROM o WHERE false;

-- indexes
CREATE INDEX o_btree ON o (t);
CREATE INDEX o_hash ON o USING hash (t);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT n FROM o WHERE t > '13814000-1dd2-11b2-ff00-000000000000' ORDER BY t LIMIT 2;
SELECT n FROM o WHERE t > '13814000-1dd2-11b2-ff00-000000000000' ORDER BY t LIMIT 2;
SELECT max(t) FROM o;
DROP INDEX o_btree;
EXPLAIN (COSTS OFF) SELECT n FROM o WHERE t = '13814000-1dd2-11b2-ff00-000000000000';
SELECT n FROM o WHERE t = '13814000-1dd2-11b2-ff00-000000000000';
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT opcname, amname, opcdefault, amvalidate(c.oid)
FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod WHERE opcintype = 'timeuuid'::regtype ORDER BY 2;
CREATE TEMP TABLE keyed (t timeuuid PRIMARY KEY);
INSERT INTO keyed SELECT t FROM o;
INSERT INTO keyed VALUES ('13814000-1dd2-11b2-ff00-000000000000');

-- joins of every kind, also with uuid
CREATE TEMP TABLE partner AS SELECT n, t, t::uuid AS u FROM o WHERE n % 2 = 0;
ANALYZE o, partner;
SET enable_nestloop = off;
SET enable_mergejoin = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM o JOIN partner USING (t);
SELECT count(*) FROM o JOIN partner USING (t);
SELECT count(*) FROM o JOIN partner ON o.t = partner.u;
SET enable_hashjoin = off;
SET enable_mergejoin = on;
EXPLAIN (COSTS OFF) SELECT count(*) FROM o JOIN partner USING (t);
SELECT count(*) FROM o JOIN partner USING (t);
EXPLAIN (COSTS OFF) SELECT count(*) FROM o JOIN partner ON o.t = partner.u;
SELECT count(*) FROM o JOIN partner ON o.t = partner.u;
SET enable_mergejoin = off;
SET enable_nestloop = on;
SELECT count(*) FROM o JOIN partner ON o.t < partner.t;
RESET enable_hashjoin;
RESET enable_mergejoin;
SELECT count(*) FROM (SELECT t FROM o UNION SELECT t FROM partner) s;
SELECT count(*) FROM (SELECT t FROM o EXCEPT SELECT t FROM partner) s;
SELECT array_agg(n ORDER BY n) FROM o WHERE t IN ('13814000-1dd2-11b2-8080-808080808080', '00000000-0000-1000-8080-808080808080');
SELECT array_agg(n ORDER BY n) FROM o WHERE t = ANY (ARRAY['13814000-1dd2-11b2-8080-808080808080']::timeuuid[]);

-- partitioned by it, as range and as hash
CREATE TEMP TABLE ranges (t timeuuid) PARTITION BY RANGE (t);
CREATE TEMP TABLE ranges_old PARTITION OF ranges FOR VALUES FROM (MINVALUE) TO ('13814000-1dd2-11b2-8080-808080808080');
CREATE TEMP TABLE ranges_new PARTITION OF ranges FOR VALUES FROM ('13814000-1dd2-11b2-8080-808080808080') TO (MAXVALUE);
INSERT INTO ranges SELECT t FROM o;
SELECT tableoid::regclass, count(*) FROM ranges GROUP BY 1 ORDER BY 1;
CREATE TEMP TABLE hashed (t timeuuid) PARTITION BY HASH (t);
CREATE TEMP TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO hashed SELECT t FROM o;
SELECT count(*), count(DISTINCT tableoid) FROM hashed;

-- new ones: version 1, now, increasing, no network address
SELECT count(DISTINCT t), bool_and(t::text ~ '^.{14}1.{4}[89ab]') AS version_1,
  bool_and(timeuuid_timestamp(t) BETWEEN now() - '1 s'::interval AND clock_timestamp() + '1 s'::interval) AS is_now,
  bool_and(get_bit(substring(timeuuid_send(t) FROM 11 FOR 1), 0) = 1) AS multicast
FROM (SELECT generate_timeuuid() AS t FROM generate_series(1, 10000)) s;
SELECT bool_and(t > before) FROM (SELECT t, lag(t) OVER (ORDER BY i) AS before
  FROM (SELECT i, generate_timeuuid() AS t FROM generate_series(1, 10000) i OFFSET 0) s) r;

-- copied out and in
\set VERBOSITY terse
COPY (SELECT t FROM o WHERE n = 8) TO STDOUT;
COPY tu FROM STDIN;
13814000-1dd2-41b2-8080-808080808080
\.
