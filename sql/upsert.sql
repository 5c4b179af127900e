-- INSERT ... ON CONFLICT (primary key), as applications and their libraries
-- write it.
\getenv host CASSANDRA_HOST
\getenv port CASSANDRA_PORT
\set protocol 5
\getenv protocol CASSANDRA_PROTOCOL
\! test/cassandra/cql "$CASSANDRA_HOST:$CASSANDRA_PORT" -f test/cql/upsert.cql
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SERVER IF EXISTS upsert_server CASCADE;
CREATE SERVER upsert_server FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host :'host', port :'port', protocol_version :'protocol');
CREATE USER MAPPING FOR CURRENT_USER SERVER upsert_server;
DROP SCHEMA IF EXISTS fdw_upsert CASCADE;
CREATE SCHEMA fdw_upsert;
IMPORT FOREIGN SCHEMA fdw_upsert FROM SERVER upsert_server INTO fdw_upsert;
CREATE FUNCTION fdw_upsert.affected(statement text) RETURNS bigint
  LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN EXECUTE statement; GET DIAGNOSTICS n = ROW_COUNT; RETURN n; END $$;

-- the library must be loaded before such a statement is planned
\c
INSERT INTO fdw_upsert.users (id, name) VALUES (1, 'one') ON CONFLICT (id) DO NOTHING;
SELECT format('ALTER DATABASE %I SET session_preload_libraries = %L',
  current_database(), 'cassandra_fdw') AS command \gexec
\c
SET search_path = fdw_upsert, public;
SET timezone = 'UTC';
INSERT INTO users (id, name) VALUES (1, 'one') ON CONFLICT (id) DO NOTHING;

-- DO NOTHING
INSERT INTO users (id, name) VALUES (1, 'again'), (2, 'two')
  ON CONFLICT (id) DO NOTHING RETURNING id, name;
INSERT INTO events (tenant, day, seq, kind) VALUES ('a', 1, 1, 'x')
  ON CONFLICT (seq, tenant, day) DO NOTHING RETURNING kind;
INSERT INTO events (tenant, day, seq, kind) VALUES ('a', 1, 1, 'y')
  ON CONFLICT (tenant, day, seq) DO NOTHING RETURNING kind;
SELECT affected($$INSERT INTO users (id) VALUES (1), (2), (3)
  ON CONFLICT (id) DO NOTHING$$);

-- EXCLUDED's values: an INSERT; what it does not name stays
EXPLAIN (COSTS OFF) INSERT INTO users (id, name) VALUES (1, 'uno')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
UPDATE users SET email = 'one@x' WHERE id = 1;
SELECT affected($$INSERT INTO users (id, name) VALUES (1, 'uno'), (4, 'four')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name$$);
SELECT id, name, email FROM users ORDER BY id;
INSERT INTO users (id, name) VALUES (1, 'eins'), (5, 'five')
  ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id, name = EXCLUDED.name
  RETURNING id, name, email;
-- NULL, and columns that are set but not given, are set to NULL
INSERT INTO users (id, name) VALUES (1, NULL)
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email;
ALTER FOREIGN TABLE users OPTIONS (ADD write_nulls 'false');
INSERT INTO users (id, name, email) VALUES (4, NULL, '4@x')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email
  RETURNING id, name, email;
ALTER FOREIGN TABLE users OPTIONS (DROP write_nulls);
SELECT id, name, email FROM users ORDER BY id;

-- given, but not set: only of new rows
EXPLAIN (COSTS OFF, VERBOSE) INSERT INTO users (id, name, created)
  VALUES (1, 'one', '2025-01-01'), (6, 'six', '2025-01-01')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
INSERT INTO users (id, name, created)
  VALUES (1, 'one', '2025-01-01'), (6, 'six', '2025-01-01')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
  RETURNING id, name, created;
INSERT INTO users (id, name, created)
  VALUES (6, 'SIX', '2026-01-01'), (7, 'seven', '2026-01-01')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
SELECT id, name, created FROM users WHERE id IN (1, 6, 7) ORDER BY id;
ALTER FOREIGN TABLE users ALTER visits SET DEFAULT 1;
INSERT INTO users (id, name) VALUES (6, 'six'), (8, 'eight')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
  RETURNING id, name, visits;

-- expressions and WHERE
EXPLAIN (COSTS OFF) INSERT INTO users (id, name) VALUES (8, 'eight')
  ON CONFLICT (id) DO UPDATE SET visits = users.visits + 1;
INSERT INTO users (id, name) VALUES (8, 'eight'), (9, 'nine')
  ON CONFLICT (id) DO UPDATE SET visits = users.visits + 1
  RETURNING id, name, visits;
SELECT affected($$INSERT INTO users (id, name) VALUES (8, 'acht'), (9, 'neun')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
  WHERE users.visits > 1$$);
INSERT INTO users AS u (id, name) VALUES (8, 'VIII'), (9, 'IX')
  ON CONFLICT (id) DO UPDATE SET (name, email) = (EXCLUDED.name, u.name)
  WHERE u.name IS DISTINCT FROM 'nine' RETURNING u.*;
INSERT INTO users (id, name) VALUES (8, 'x')
  ON CONFLICT (id) DO UPDATE SET name = (SELECT 'from ' || max(day)
  FROM (VALUES (3), (4)) d (day)) RETURNING name;
SELECT id, name, email, visits FROM users WHERE id > 7 ORDER BY id;
INSERT INTO users (id, visits) VALUES (20, 1), (20, 2)
  ON CONFLICT (id) DO UPDATE SET visits = users.visits + EXCLUDED.visits;
INSERT INTO users (id) VALUES (8)
  ON CONFLICT (id) DO UPDATE SET id = 10;
INSERT INTO events (tenant, day, seq, tags) VALUES ('a', 1, 1, '{x}')
  ON CONFLICT (tenant, day, seq)
  DO UPDATE SET tags = events.tags || EXCLUDED.tags, n = 1;
INSERT INTO events (tenant, day, seq, tags, s) VALUES ('a', 1, 2, '{y}', 'st')
  ON CONFLICT (tenant, day, seq)
  DO UPDATE SET tags = coalesce(events.tags, '{}') || EXCLUDED.tags;
INSERT INTO events (tenant, day, seq, tags) VALUES ('a', 1, 2, '{z}')
  ON CONFLICT (tenant, day, seq)
  DO UPDATE SET tags = coalesce(events.tags, '{}') || EXCLUDED.tags
  RETURNING *;
INSERT INTO events (tenant, day, s) VALUES ('b', 1, 'alone')
  ON CONFLICT (tenant, day, seq) DO UPDATE SET s = EXCLUDED.s || events.s;
SELECT * FROM events ORDER BY tenant, day, seq;

-- counters are added to
EXPLAIN (COSTS OFF) INSERT INTO hits VALUES ('/', 1, 2) ON CONFLICT (page)
  DO UPDATE SET views = hits.views + EXCLUDED.views,
  clicks = EXCLUDED.clicks + coalesce(hits.clicks, 0);
INSERT INTO hits (page, views, clicks) VALUES ('/', 1, 2) ON CONFLICT (page)
  DO UPDATE SET views = hits.views + EXCLUDED.views,
  clicks = EXCLUDED.clicks + coalesce(hits.clicks, 0);
INSERT INTO hits (page, views, clicks) VALUES ('/', 1, 2) ON CONFLICT (page)
  DO UPDATE SET views = hits.views + EXCLUDED.views,
  clicks = EXCLUDED.clicks + coalesce(hits.clicks, 0) RETURNING *;
INSERT INTO hits (page, views) VALUES ('/', 1), ('/x', 1)
  ON CONFLICT (page) DO UPDATE SET views = hits.views + 10;
INSERT INTO hits (page, clicks) VALUES ('/', 1), ('/y', 1)
  ON CONFLICT (page) DO UPDATE SET views = hits.views + 10;
INSERT INTO hits (page, views) VALUES ('/', 1)
  ON CONFLICT (page) DO UPDATE SET views = EXCLUDED.views;
INSERT INTO hits (page, views) VALUES ('/', 1) ON CONFLICT (page) DO NOTHING;
SELECT * FROM hits ORDER BY page;

-- conditional writes: INSERT IF NOT EXISTS, UPDATE IF what was read is so
ALTER FOREIGN TABLE users OPTIONS (ADD conditional_writes 'true');
EXPLAIN (COSTS OFF) INSERT INTO users (id, name) VALUES (30, 'a')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
INSERT INTO users (id, name, visits) VALUES (30, 'a', 1), (31, 'b', 1)
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
INSERT INTO users (id, name, visits) VALUES (30, 'c', 1), (32, 'd', 1)
  ON CONFLICT (id) DO UPDATE SET visits = users.visits + 1
  RETURNING id, name, visits;
SELECT id, name, visits FROM users WHERE id >= 30 ORDER BY id;
ALTER FOREIGN TABLE users OPTIONS (DROP conditional_writes);

-- other columns than the key
INSERT INTO users (id, email) VALUES (1, 'e') ON CONFLICT (email) DO NOTHING;
INSERT INTO users (id) VALUES (1) ON CONFLICT (id, email) DO NOTHING;
INSERT INTO users (id) VALUES (1) ON CONFLICT (abs(id)) DO NOTHING;
INSERT INTO users (id) VALUES (1) ON CONFLICT (id int4_ops) DO NOTHING;
INSERT INTO events (tenant, day, seq) VALUES ('a', 1, 1)
  ON CONFLICT (tenant, day) DO UPDATE SET n = EXCLUDED.n;
INSERT INTO users (id) VALUES (1) ON CONFLICT ON CONSTRAINT users_pkey
  DO NOTHING;

-- in functions, WITH, views, prepared statements, of what the table holds
CREATE FUNCTION touch(i int, n text) RETURNS text LANGUAGE sql AS $$
INSERT INTO users (id, name) VALUES (i, n)
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING name $$;
SELECT touch(40, 'f'), touch(40, 'g');
DO $$ BEGIN
  FOR i IN 40..41 LOOP
    INSERT INTO users (id, visits) VALUES (i, 1)
      ON CONFLICT (id) DO UPDATE SET visits = coalesce(users.visits, 0) + 1;
  END LOOP;
END $$;
WITH w AS (INSERT INTO users (id, name) VALUES (41, 'w'), (42, 'w')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING id, visits)
SELECT * FROM w ORDER BY id;
CREATE VIEW forties AS SELECT name AS label, id AS number FROM users
  WHERE id BETWEEN 40 AND 49 WITH CHECK OPTION;
INSERT INTO forties (number, label) VALUES (42, 'view')
  ON CONFLICT (number) DO UPDATE SET label = EXCLUDED.label RETURNING *;
INSERT INTO forties (number, label) VALUES (50, 'view')
  ON CONFLICT (number) DO UPDATE SET label = EXCLUDED.label;
INSERT INTO forties (number, label) VALUES (42, '+')
  ON CONFLICT (number) DO UPDATE SET label = forties.label || EXCLUDED.label;
PREPARE p (int, text) AS INSERT INTO users (id, name) VALUES ($1, $2)
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, email = $2;
SET plan_cache_mode = force_generic_plan;
EXECUTE p (43, 'first');
EXECUTE p (43, 'second');
RESET plan_cache_mode;
INSERT INTO users (id, name) SELECT id, name || '!' FROM users
  WHERE id BETWEEN 40 AND 49
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
INSERT INTO users (id, name) SELECT id, '?' FROM users
  WHERE id BETWEEN 40 AND 49
  ON CONFLICT (id) DO UPDATE SET name = users.name || EXCLUDED.name;
SELECT id, name, email, visits FROM users WHERE id BETWEEN 40 AND 49
  ORDER BY id;

-- partitions; beside a local one
CREATE TABLE parent (k int, region text, v text) PARTITION BY LIST (region);
CREATE FOREIGN TABLE parent_other PARTITION OF parent FOR VALUES IN ('eu')
  SERVER upsert_server OPTIONS (keyspace 'fdw_upsert', table_name 'other');
CREATE TABLE parent_local PARTITION OF parent FOR VALUES IN ('us');
INSERT INTO parent VALUES (1, 'eu', 'a')
  ON CONFLICT (region, k) DO UPDATE SET v = EXCLUDED.v;
CREATE UNIQUE INDEX ON parent_local (k, region);
INSERT INTO parent VALUES (1, 'eu', 'a'), (1, 'us', 'a')
  ON CONFLICT (region, k) DO UPDATE SET v = EXCLUDED.v;
INSERT INTO parent VALUES (1, 'eu', 'b'), (1, 'us', 'b'), (2, 'us', 'b')
  ON CONFLICT (region, k) DO UPDATE SET v = parent.v || EXCLUDED.v
  RETURNING tableoid::regclass, *;
INSERT INTO parent VALUES (1, 'eu', 'c'), (3, 'eu', 'c'), (1, 'us', 'c')
  ON CONFLICT (region, k) DO NOTHING;
INSERT INTO parent VALUES (1, 'eu', 'd')
  ON CONFLICT (k) DO UPDATE SET v = EXCLUDED.v;
INSERT INTO parent VALUES (1, 'eu', 'd')
  ON CONFLICT (k, region) DO UPDATE SET region = 'us';
SELECT tableoid::regclass, * FROM parent ORDER BY region, k;
ALTER TABLE parent ENABLE ROW LEVEL SECURITY;
ALTER TABLE parent FORCE ROW LEVEL SECURITY;
CREATE ROLE regress_upsert;
GRANT ALL ON SCHEMA fdw_upsert TO regress_upsert;
GRANT ALL ON parent TO regress_upsert;
GRANT USAGE ON FOREIGN SERVER upsert_server TO regress_upsert;
CREATE USER MAPPING FOR regress_upsert SERVER upsert_server
  OPTIONS (password_required 'false');
INSERT INTO parent VALUES (4, 'eu', 'secret');
CREATE POLICY own ON parent USING (v <> 'secret');
SET ROLE regress_upsert;
INSERT INTO parent VALUES (1, 'eu', 'd'), (5, 'eu', 'e')
  ON CONFLICT (k, region) DO UPDATE SET v = EXCLUDED.v RETURNING *;
INSERT INTO parent VALUES (4, 'eu', 'd')
  ON CONFLICT (k, region) DO UPDATE SET v = EXCLUDED.v;
INSERT INTO parent VALUES (1, 'eu', 'd')
  ON CONFLICT (k, region) DO UPDATE SET v = 'secret';
RESET ROLE;
DROP USER MAPPING FOR regress_upsert SERVER upsert_server;
DROP OWNED BY regress_upsert;
DROP ROLE regress_upsert;
DROP TABLE parent;

-- triggers, generated columns
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE NOTICE '% % %', TG_WHEN, TG_LEVEL, TG_OP; RETURN NEW; END $$;
CREATE TRIGGER before_row BEFORE INSERT ON users FOR EACH ROW
  EXECUTE FUNCTION tell();
CREATE TRIGGER statement BEFORE INSERT OR UPDATE ON users
  EXECUTE FUNCTION tell();
INSERT INTO users (id, name) VALUES (50, 'fifty')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
CREATE TRIGGER after_row AFTER INSERT ON users FOR EACH ROW
  EXECUTE FUNCTION tell();
INSERT INTO users (id, name) VALUES (50, 'fifty')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name;
DROP TRIGGER before_row ON users;
DROP TRIGGER statement ON users;
DROP TRIGGER after_row ON users;
CREATE FOREIGN TABLE made (id int, visits int, name text,
  email text GENERATED ALWAYS AS (name || ':' || visits) STORED)
  SERVER upsert_server OPTIONS (keyspace 'fdw_upsert', table_name 'users');
INSERT INTO made (id, visits, name) VALUES (60, 6, 'made');
INSERT INTO made (id, name) VALUES (60, 'again')
  ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name RETURNING *;
SELECT * FROM made WHERE id = 60;
MERGE INTO users USING (VALUES (1)) v (id) ON users.id = v.id
  WHEN MATCHED THEN DO NOTHING;

-- SQLAlchemy 2: insert().on_conflict_do_update(), on_conflict_do_nothing()
INSERT INTO users (id, name, email) VALUES (101, 'a', 'a@x')
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email
  RETURNING users.id;
INSERT INTO users (id, name) VALUES (101, 'b')
  ON CONFLICT (id) DO UPDATE SET name = 'param' RETURNING users.id, users.name;
INSERT INTO users (id, name) VALUES (101, 'c')
  ON CONFLICT (id) DO NOTHING RETURNING users.id;
-- Django: bulk_create(update_conflicts=True, unique_fields, update_fields)
INSERT INTO "users" ("id", "name", "email", "created") VALUES
  (102, 'a', 'a@x', '2025-01-01 00:00:00+00:00'::timestamptz),
  (103, 'b', 'b@x', '2025-01-01 00:00:00+00:00'::timestamptz)
  ON CONFLICT("id") DO UPDATE SET "name" = EXCLUDED."name",
  "email" = EXCLUDED."email" RETURNING "users"."id";
INSERT INTO "users" ("id", "name", "email", "created") VALUES
  (102, 'A', NULL, '2026-01-01 00:00:00+00:00'::timestamptz),
  (103, 'B', 'B@x', '2026-01-01 00:00:00+00:00'::timestamptz)
  ON CONFLICT("id") DO UPDATE SET "name" = EXCLUDED."name",
  "email" = EXCLUDED."email" RETURNING "users"."id";
-- Sequelize: upsert(), bulkCreate({updateOnDuplicate})
INSERT INTO "users" ("id","name","created","updated") VALUES
  (104,'a','2025-01-01 00:00:00.000 +00:00','2025-01-01 00:00:00.000 +00:00')
  ON CONFLICT ("id") DO UPDATE SET "id"=EXCLUDED."id","name"=EXCLUDED."name",
  "updated"=EXCLUDED."updated" RETURNING "id","name","created","updated";
INSERT INTO "users" ("id","name","created","updated") VALUES
  (104,'b','2026-01-01 00:00:00.000 +00:00','2026-01-01 00:00:00.000 +00:00')
  ON CONFLICT ("id") DO UPDATE SET "id"=EXCLUDED."id","name"=EXCLUDED."name",
  "updated"=EXCLUDED."updated" RETURNING "id","name","created","updated";
-- Knex: insert().onConflict('id').merge(), ignore()
insert into "users" ("id", "name", "visits") values (105, 'a', 1)
  on conflict ("id") do update set "id" = excluded."id",
  "name" = excluded."name", "visits" = excluded."visits" returning *;
insert into "users" ("id", "name", "visits") values (105, 'b', 2)
  on conflict ("id") do update set "visits" = excluded."visits"
  where "users"."visits" < 2 returning "name", "visits";
insert into "users" ("id", "name") values (105, 'c')
  on conflict ("id") do nothing;
-- TypeORM: upsert({skipUpdateIfNoValuesChanged}); Hibernate: insert on conflict
INSERT INTO "users"("id", "name", "email", "visits")
  VALUES (106, 'a', DEFAULT, DEFAULT) ON CONFLICT ( "id" ) DO UPDATE
  SET "name" = EXCLUDED."name"
  WHERE ("users"."name" IS DISTINCT FROM EXCLUDED."name")
  RETURNING "email", "visits";
INSERT INTO "users"("id", "name", "email", "visits")
  VALUES (106, 'a', DEFAULT, DEFAULT) ON CONFLICT ( "id" ) DO UPDATE
  SET "name" = EXCLUDED."name"
  WHERE ("users"."name" IS DISTINCT FROM EXCLUDED."name")
  RETURNING "email", "visits";
insert into users as u1_0 (name,email,id) values ('h','h@x',107)
  on conflict(id) do update set name=excluded.name,email=excluded.email;
-- Rails: upsert_all, insert_all
INSERT INTO "users" ("id","name","created","updated")
  VALUES (108, 'a', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)
  ON CONFLICT ("id") DO UPDATE SET updated=(CASE WHEN
  ("users"."name" IS NOT DISTINCT FROM excluded."name")
  THEN "users".updated ELSE CURRENT_TIMESTAMP END),"name"=excluded."name"
  RETURNING "id";
CREATE TEMP TABLE kept AS SELECT updated FROM users WHERE id = 108;
INSERT INTO "users" ("id","name","created","updated")
  VALUES (108, 'a', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)
  ON CONFLICT ("id") DO UPDATE SET updated=(CASE WHEN
  ("users"."name" IS NOT DISTINCT FROM excluded."name")
  THEN "users".updated ELSE CURRENT_TIMESTAMP END),"name"=excluded."name"
  RETURNING "id";
SELECT updated = (SELECT updated FROM kept) AS kept FROM users WHERE id = 108;
INSERT INTO "users" ("id","name") VALUES (108, 'b'), (109, 'c')
  ON CONFLICT ("id") DO NOTHING RETURNING "id";
SELECT id, name, email, visits FROM users WHERE id > 100 ORDER BY id;

SELECT format('ALTER DATABASE %I RESET session_preload_libraries',
  current_database()) AS command \gexec
SET client_min_messages = warning;
DROP SERVER upsert_server CASCADE;
DROP SCHEMA fdw_upsert CASCADE;
