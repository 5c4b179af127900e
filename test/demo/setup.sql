-- From nothing to queries on Cassandra: four statements and an IMPORT.
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
DROP SCHEMA IF EXISTS fleet, plant CASCADE;
DROP SERVER IF EXISTS cassandra CASCADE;
CREATE SERVER cassandra FOREIGN DATA WRAPPER cassandra_fdw
    OPTIONS (host :'host', port :'port', local_datacenter 'dc1');
CREATE USER MAPPING FOR CURRENT_USER SERVER cassandra;
CREATE SCHEMA fleet;
IMPORT FOREIGN SCHEMA fleet FROM SERVER cassandra INTO fleet;

-- A relational table of this database, to join with.
CREATE SCHEMA plant;
CREATE TABLE plant.work_orders AS
    SELECT n AS order_id,
        (ARRAY['pump', 'valve', 'meter', 'boiler'])[n * 7 % 100 % 4 + 1]
            || '-' || to_char(n * 7 % 100, 'FM000') AS device_id,
        DATE '2025-03-01' + n % 4 AS day,
        (ARRAY['inspect', 'replace seal', 'recalibrate'])[n % 3 + 1] AS task,
        n % 10 = 0 AS urgent
    FROM generate_series(1, 60) AS n;
ALTER TABLE plant.work_orders ADD PRIMARY KEY (order_id);
ANALYZE plant.work_orders;

-- What the planner expects of a query, and what comes.
CREATE FUNCTION plant.expected(query text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
CREATE FUNCTION plant.found(query text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE rows bigint;
BEGIN
    EXECUTE 'SELECT count(*) FROM (' || query || ') AS q' INTO rows;
    RETURN rows;
END $$;
