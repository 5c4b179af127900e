-- Which devices are there?  A look at one, by its key.
SELECT device_id, model, site ->> 'city' AS city, address, tags, price
FROM fleet.devices
WHERE device_id = 'pump-016';

-- The latest five readings of a device on a day: Cassandra's own order.
SELECT at, temperature, humidity, battery
FROM fleet.readings
WHERE device_id = 'pump-016' AND day = '2025-03-02'
ORDER BY at DESC
LIMIT 5;

-- A range of time inside a partition.
SELECT at, temperature, status
FROM fleet.readings
WHERE device_id = 'valve-033' AND day = '2025-03-03'
    AND at >= '2025-03-03 08:00+00' AND at < '2025-03-03 08:20+00'
ORDER BY at;

-- Several keys at once: requests side by side, one for each partition.
SELECT device_id, day, count(*) AS readings, round(avg(temperature)::numeric, 2) AS mean
FROM fleet.readings
WHERE device_id IN ('pump-004', 'pump-008', 'boiler-003')
    AND day IN ('2025-03-01', '2025-03-02')
GROUP BY device_id, day
ORDER BY device_id, day;

-- A timeuuid keeps Cassandra's order of time.
SELECT id::timestamptz AS at, kind, detail ->> 'by' AS by
FROM fleet.events
WHERE device_id = 'meter-002'
ORDER BY id DESC
LIMIT 3;

-- A local table joined with Cassandra: work orders and their devices.
SELECT w.order_id, w.task, d.device_id, d.site ->> 'city' AS city,
    d.settings ->> 'interval' AS interval
FROM plant.work_orders AS w
    JOIN fleet.devices AS d USING (device_id)
WHERE w.urgent
ORDER BY w.order_id;

-- The reading before each urgent order: a lateral look-up per row.
SELECT w.order_id, w.device_id, r.at, r.temperature
FROM plant.work_orders AS w
    CROSS JOIN LATERAL (
        SELECT at, temperature FROM fleet.readings AS r
        WHERE r.device_id = w.device_id AND r.day = w.day
        ORDER BY at DESC LIMIT 1) AS r
WHERE w.urgent
ORDER BY w.order_id;

-- Sets, maps and user-defined types are arrays and JSON.
SELECT full_name, roles, contact ->> 'city' AS city, credit
FROM fleet.users
WHERE 'admin' = ANY (roles) AND credit > 990
ORDER BY credit DESC
LIMIT 5;

-- An aggregate over all 200,000 readings, read in token ranges.
SELECT status, count(*), min(temperature), max(temperature),
    round(avg(humidity)::numeric, 3) AS mean_humidity
FROM fleet.readings
GROUP BY status
ORDER BY status;

-- Taking data home: a table of daily figures, made in one statement.
CREATE TABLE plant.daily AS
SELECT device_id, day, count(*) AS readings, avg(temperature) AS mean,
    count(*) FILTER (WHERE status = 'alarm') AS alarms
FROM fleet.readings
GROUP BY device_id, day;

-- And it is an ordinary table now.
SELECT device_id, sum(alarms) AS alarms
FROM plant.daily
GROUP BY device_id
ORDER BY alarms DESC, device_id
LIMIT 3;

-- Writing back: what was computed here becomes rows of a table in Cassandra.
INSERT INTO fleet.summaries (device_id, day, readings, mean, alarms)
SELECT device_id, day, readings, mean, alarms
FROM plant.daily;

-- They can be changed, with their keys from a local table.
UPDATE fleet.summaries AS s
SET checked_by = 'order ' || w.order_id
FROM plant.work_orders AS w
WHERE w.urgent AND s.device_id = w.device_id AND s.day = w.day;

-- And read by whoever asks Cassandra.
SELECT * FROM fleet.summaries
WHERE device_id = 'pump-040';

-- ANALYZE takes random rows of many partitions, and counts.
ANALYZE fleet.devices, fleet.readings, fleet.events, fleet.users,
    fleet.summaries;

-- From then on the planner knows what to expect.
SELECT question, plant.expected('TABLE fleet.' || question),
    plant.found('TABLE fleet.' || question)
FROM unnest(ARRAY['devices', 'readings', 'events', 'users']) AS question
UNION ALL
SELECT question, plant.expected('SELECT FROM fleet.' || question),
    plant.found('SELECT FROM fleet.' || question)
FROM unnest(ARRAY[
    $$readings WHERE status = 'alarm'$$,
    $$readings WHERE device_id = 'pump-016' AND day = '2025-03-02'$$,
    $$readings JOIN plant.work_orders USING (device_id, day)$$,
    $$users WHERE full_name LIKE 'Ada %'$$]) AS question;
