/* cassandra_fdw--1.0--1.1.sql: what 1.1 has that 1.0 has not */

\echo Use "ALTER EXTENSION cassandra_fdw UPDATE TO '1.1'" to load this file. \quit

/* ---- for those who watch it ---- */

CREATE FUNCTION cassandra_hosts(
	server name, OUT address text, OUT host_id uuid, OUT datacenter text,
	OUT rack text, OUT local bool, OUT ring_share float8, OUT release text,
	OUT state text, OUT connect_error text, OUT connections int,
	OUT in_flight int, OUT requests int8, OUT retries int8,
	OUT timeouts int8, OUT lost int8, OUT unavailable int8,
	OUT overloaded int8, OUT server_timeouts int8, OUT failures int8,
	OUT refused int8, OUT other_errors int8, OUT latency_p50 float8,
	OUT latency_p95 float8, OUT latency_p99 float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION cassandra_get_statistics(
	OUT server_oid oid, OUT scope text, OUT requests int8, OUT retries int8,
	OUT reprepared int8, OUT orphans int8, OUT connects int8,
	OUT bytes_sent int8, OUT bytes_received int8, OUT timeouts int8,
	OUT lost int8, OUT unavailable int8, OUT overloaded int8,
	OUT server_timeouts int8, OUT failures int8, OUT refused int8,
	OUT other_errors int8, OUT latency_p50 float8, OUT latency_p95 float8,
	OUT latency_p99 float8, OUT stats_reset timestamptz)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
CREATE VIEW cassandra_statistics AS
	SELECT srv.srvname AS server_name, s.scope, s.requests, s.retries,
		s.timeouts, s.lost, s.unavailable, s.overloaded, s.server_timeouts,
		s.failures, s.refused, s.other_errors, s.reprepared, s.orphans,
		s.connects, s.bytes_sent, s.bytes_received, s.latency_p50,
		s.latency_p95, s.latency_p99, s.stats_reset
	FROM cassandra_get_statistics() s
		JOIN pg_catalog.pg_foreign_server srv ON srv.oid = s.server_oid;
GRANT SELECT ON cassandra_statistics TO PUBLIC;
CREATE FUNCTION cassandra_statistics_reset() RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION cassandra_statistics_reset() FROM PUBLIC;

CREATE FUNCTION cassandra_progress(
	OUT pid int, OUT datid oid, OUT datname text, OUT usename text,
	OUT relid oid, OUT command text, OUT rows int8, OUT estimated_rows int8,
	OUT began timestamptz) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION cassandra_refresh(server name) RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

/* ---- tables ---- */

CREATE FUNCTION cassandra_columns(
	foreign_table regclass, OUT column_name text, OUT cql_name text,
	OUT kind text, OUT key_position int, OUT clustering_order text,
	OUT cql_type text, OUT indexes text[], OUT masked bool)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

CREATE FUNCTION cassandra_create_table(
	local_table regclass, server name, keyspace text, partition_key text[],
	clustering_key text[] DEFAULT '{}', table_name text DEFAULT NULL,
	options text DEFAULT NULL, foreign_schema name DEFAULT NULL,
	run bool DEFAULT false) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

/* ---- moving whole tables ---- */

/*
 * cassandra_copy() and its parts run with the caller's rights.  A procedure
 * that commits cannot have a search_path of its own, so names are qualified,
 * and operands are of the types of pg_catalog's operators.
 */

/* What it needs to know of its tables; errors where it cannot be done. */
CREATE FUNCTION cassandra_copy_check(
	source regclass, target regclass, on_error text, ranges int,
	OUT by_token bool, OUT source_name text, OUT target_name text,
	OUT short_name text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	source_kind text;
	target_kind text;
BEGIN
	SELECT c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname)
		INTO source_kind, source_name
		FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = source::oid;
	SELECT c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relname
		INTO target_kind, target_name, short_name
		FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = target::oid;
	by_token := source_kind = 'f';
	IF by_token IS NOT TRUE AND target_kind IS DISTINCT FROM 'f' THEN
		RAISE EXCEPTION 'neither source nor target is a foreign table'
			USING ERRCODE = 'wrong_object_type';
	ELSIF NOT by_token AND source_kind NOT IN ('r', 'm') THEN
		RAISE EXCEPTION 'cannot copy from relation "%"', source
			USING ERRCODE = 'wrong_object_type',
			DETAIL = 'It must be a table or a materialized view.',
			HINT = 'Copy partitions one by one; make a table of a view.';
	ELSIF coalesce(target_kind, '') NOT IN ('r', 'p', 'v', 'f') THEN
		RAISE EXCEPTION 'cannot copy to relation "%"', target
			USING ERRCODE = 'wrong_object_type';
	ELSIF on_error IS NULL OR on_error NOT IN ('stop', 'log') THEN
		RAISE EXCEPTION 'on_error must be "stop" or "log"'
			USING ERRCODE = 'invalid_parameter_value';
	ELSIF ranges NOT BETWEEN 1 AND 65536 THEN
		RAISE EXCEPTION 'the number of ranges must be between 1 and 65536'
			USING ERRCODE = 'invalid_parameter_value';
	ELSIF NOT pg_catalog.has_table_privilege(source, 'SELECT') THEN
		RAISE EXCEPTION 'permission denied for table %', source
			USING ERRCODE = 'insufficient_privilege';
	END IF;
END $$;

/*
 * Makes a job's tables where they are not there: its ranges, of tokens (above
 * lower, up to upper) or of blocks (from lower to before upper), and bad rows.
 * Its settings are the table's comment; those of another are refused.
 */
CREATE FUNCTION cassandra_copy_job(
	job_table text, bad_table text, source regclass, by_token bool,
	settings jsonb, ranges int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	size numeric;
	n int;
BEGIN
	PERFORM pg_catalog.pg_advisory_xact_lock(
		pg_catalog.hashtextextended(job_table, 0));
	IF pg_catalog.to_regclass(job_table) IS NOT NULL THEN
		IF pg_catalog.obj_description(pg_catalog.to_regclass(job_table),
				'pg_class') IS DISTINCT FROM settings::text THEN
			RAISE EXCEPTION 'table % is of another copy', job_table
				USING ERRCODE = 'duplicate_table',
				DETAIL = 'Its comment tells what that was called with.',
				HINT = 'Drop it, or name another one in "job".';
		END IF;
		RETURN;
	END IF;
	SELECT CASE WHEN by_token THEN greatest(c.reltuples::numeric, 0)
			ELSE pg_catalog.div(pg_catalog.pg_relation_size(source),
				pg_catalog.current_setting('block_size')::numeric) END
		INTO size FROM pg_catalog.pg_class c WHERE c.oid = source::oid;
	n := CASE WHEN by_token
			THEN coalesce(ranges, greatest(64, pg_catalog.div(size, 50000)))
			ELSE least(size, coalesce(
				ranges, greatest(16, pg_catalog.div(size, 512)))) END;
	n := greatest(n, 1);
	EXECUTE pg_catalog.format('CREATE TABLE %s (range int PRIMARY KEY, '
		'lower bigint NOT NULL, upper bigint NOT NULL, rows bigint, '
		'bad bigint, began timestamptz, ended timestamptz, pid int)',
		job_table);
	EXECUTE pg_catalog.format(
		'COMMENT ON TABLE %s IS %L', job_table, settings);
	EXECUTE pg_catalog.format('INSERT INTO %s (range, lower, upper) '
		'SELECT i, $1 + pg_catalog.div($2 * (i - 1)::numeric, $4), CASE i '
		'WHEN $4 THEN $3 ELSE $1 + pg_catalog.div($2 * i::numeric, $4) END '
		'FROM pg_catalog.generate_series(1, $4) i', job_table)
		USING CASE WHEN by_token THEN -9223372036854775808 ELSE 0 END,
			CASE WHEN by_token THEN 18446744073709551616 ELSE size END,
			CASE WHEN by_token THEN 9223372036854775807 ELSE 4294967295 END, n;
	IF bad_table IS NOT NULL THEN
		EXECUTE pg_catalog.format('CREATE TABLE %s ("row" jsonb, '
			'message text NOT NULL, sqlstate text NOT NULL, at timestamptz '
			'NOT NULL DEFAULT pg_catalog.clock_timestamp())', bad_table);
	END IF;
END $$;

/*
 * The target's columns and what is put into them: by name, or as an object says
 * (names of the source's columns to those of the target's).
 */
CREATE FUNCTION cassandra_copy_columns(
	source regclass, target regclass, columns jsonb,
	OUT names text, OUT expressions text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	missing text;
	relation regclass;
BEGIN
	IF columns IS NULL THEN
		SELECT pg_catalog.jsonb_object_agg(a.attname, a.attname) INTO columns
			FROM pg_catalog.pg_attribute a
			WHERE a.attrelid = source::oid AND a.attnum > 0 AND NOT a.attisdropped
				AND NOT EXISTS (
					SELECT FROM pg_catalog.pg_attribute g
					WHERE g.attrelid = target::oid AND g.attname = a.attname
						AND g.attgenerated::text <> '');
	END IF;
	SELECT CASE WHEN s.attname IS NULL THEN m.key ELSE m.value END,
			CASE WHEN s.attname IS NULL THEN source ELSE target END
		INTO missing, relation
		FROM pg_catalog.jsonb_each_text(columns) m
			LEFT JOIN pg_catalog.pg_attribute s
				ON s.attrelid = source::oid AND s.attname::text = m.key
					AND s.attnum > 0 AND NOT s.attisdropped
			LEFT JOIN pg_catalog.pg_attribute t
				ON t.attrelid = target::oid AND t.attname::text = m.value
					AND t.attnum > 0 AND NOT t.attisdropped
		WHERE s.attname IS NULL OR t.attname IS NULL
		LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'column "%" of relation "%" does not exist',
			missing, relation USING ERRCODE = 'undefined_column',
			HINT = 'Say in "columns" which ones are copied, and where to.';
	END IF;
	-- casts have no length: what does not fit is an error, as in INSERT
	SELECT pg_catalog.string_agg(
				pg_catalog.quote_ident(t.attname), ', ' ORDER BY t.attnum),
			pg_catalog.string_agg(CASE WHEN s.atttypid = t.atttypid
					THEN pg_catalog.quote_ident(s.attname)
					ELSE pg_catalog.format('%I::%s', s.attname,
						pg_catalog.format_type(t.atttypid, -1)) END, ', '
				ORDER BY t.attnum)
		INTO names, expressions
		FROM pg_catalog.jsonb_each_text(columns) m
			JOIN pg_catalog.pg_attribute s
				ON s.attrelid = source::oid AND s.attname::text = m.key
			JOIN pg_catalog.pg_attribute t
				ON t.attrelid = target::oid AND t.attname::text = m.value;
END $$;

/*
 * Makes a temporary foreign table like the source, with the tokens of its rows
 * as a column: they are Cassandra's, so each row is in one range, whatever its
 * key.
 */
CREATE FUNCTION cassandra_copy_source(source regclass, partition_key text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	made constant text := 'pg_temp.cassandra_copy_' || source::oid::text;
	columns text;
	options text;
	server text;
BEGIN
	IF pg_catalog.to_regclass(made) IS NOT NULL THEN
		EXECUTE 'DROP FOREIGN TABLE ' || made;
	END IF;
	SELECT pg_catalog.string_agg(pg_catalog.concat(
			pg_catalog.quote_ident(a.attname), ' ',
			pg_catalog.format_type(a.atttypid, a.atttypmod),
			(SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.format(
						'%I %L', o.option_name, o.option_value), ', ') || ')'
				FROM pg_catalog.pg_options_to_table(a.attfdwoptions) o),
			' COLLATE ' || nullif(a.attcollation, 0::oid)::regcollation::text), ', '
			ORDER BY a.attnum)
		INTO columns
		FROM pg_catalog.pg_attribute a
		WHERE a.attrelid = source::oid AND a.attnum > 0 AND NOT a.attisdropped;
	-- the foreign table's own name may say where the table is
	SELECT srv.srvname, pg_catalog.string_agg(pg_catalog.format(
			'%I %L', o.option_name, o.option_value), ', ')
		INTO server, options
		FROM pg_catalog.pg_foreign_table f
			JOIN pg_catalog.pg_foreign_server srv ON srv.oid = f.ftserver
			JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
			LATERAL (
				SELECT t.option_name, t.option_value
				FROM pg_catalog.pg_options_to_table(f.ftoptions) t
				UNION ALL SELECT 'table_name', c.relname::text
				WHERE NOT EXISTS (
					SELECT FROM pg_catalog.pg_options_to_table(f.ftoptions) t
					WHERE t.option_name IN
						('table_name', 'table', 'columnfamily'))
				UNION ALL SELECT 'keyspace', n.nspname::text
				WHERE NOT EXISTS (
					SELECT FROM pg_catalog.pg_options_to_table(
						pg_catalog.array_cat(f.ftoptions, srv.srvoptions)) t
					WHERE t.option_name IN ('keyspace', 'schema_name'))) o
		WHERE f.ftrelid = source::oid
		GROUP BY srv.srvname;
	EXECUTE pg_catalog.format(
		'CREATE FOREIGN TABLE %s (%s, cassandra_copy_token bigint '
		'OPTIONS (expression %L)) SERVER %I OPTIONS (%s)', made, columns,
		'token(' || partition_key || ')', server, options);
	RETURN made;
END $$;

/* The statements of a copy; $1 and $2 are the bounds of a range. */
CREATE FUNCTION cassandra_copy_statements(
	source regclass, target regclass, by_token bool, where_clause text,
	columns jsonb, bad_table text, OUT statement text, OUT each_row text,
	OUT one_row text, OUT bad_row text)
LANGUAGE plpgsql AS $$
DECLARE
	extension constant text := (
		SELECT e.extnamespace::regnamespace FROM pg_catalog.pg_extension e
		WHERE e.extname = 'cassandra_fdw');
	relation text := source;
	alias constant text := (
		SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c
		WHERE c.oid = source::oid);
	place text;
	start text;
	names text;
	expressions text;
	key text;
BEGIN
	EXECUTE pg_catalog.format(
		'SELECT * FROM %s.cassandra_copy_columns($1, $2, $3)', extension)
		INTO names, expressions USING source, target, columns;
	IF by_token THEN
		EXECUTE pg_catalog.format($q$
			SELECT pg_catalog.string_agg(pg_catalog.concat('"',
				pg_catalog.replace(c.cql_name, '"', '""'), '"'), ', '
				ORDER BY c.key_position)
			FROM %s.cassandra_columns($1) c WHERE c.kind = 'partition_key'$q$,
			extension) INTO key USING source;
		EXECUTE pg_catalog.format(
			'SELECT %s.cassandra_copy_source($1, $2)', extension)
			INTO relation USING source, key;
		place := pg_catalog.concat(alias, '.cassandra_copy_token > $1 AND ',
			alias, '.cassandra_copy_token <= $2');
	ELSE
		place := pg_catalog.concat(
			alias, $q$.ctid >= pg_catalog.concat('(', $1, ',0)')::tid AND $q$,
			alias, $q$.ctid < pg_catalog.concat('(', $2, ',0)')::tid$q$);
	END IF;
	place := pg_catalog.concat(relation, ' AS ', alias, ' WHERE ',
		'(' || where_clause || ') AND ', place);
	start := pg_catalog.format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE '
		'SELECT %s FROM ', target, names, expressions);
	statement := start || place;
	each_row := pg_catalog.format('SELECT (%1$s.*)::text AS value, '
		'pg_catalog.to_jsonb(%1$s.*) - ''cassandra_copy_token''::text AS document '
		'FROM ', alias) || place;
	one_row := pg_catalog.concat(
		start, '(SELECT ($1::', relation, ').*) AS ', alias);
	bad_row := 'INSERT INTO ' || bad_table
		|| ' ("row", message, sqlstate) VALUES ($1, $2, $3)';
END $$;

/*
 * Copies a range.  Where a row of it is bad, and there is a table for such, by
 * parts, in the end row by row.  What cannot even be read is cut until it is
 * the rows of one token.
 */
CREATE FUNCTION cassandra_copy_range(
	statement text, each_row text, one_row text, bad_row text, lower bigint,
	upper bigint, depth int, OUT rows bigint, OUT bad bigint)
LANGUAGE plpgsql AS $$
DECLARE
	bad_states constant text := '^(22|23|44|54|P0|XX001)';
	middle constant bigint :=
		lower / 2 + upper / 2 + (lower % 2::bigint + upper % 2::bigint) / 2;
	may_cut constant bool := middle > lower AND middle < upper;
	r record;
	message text;
	state text;
BEGIN
	rows := 0;
	bad := 0;
	BEGIN
		EXECUTE statement USING lower, upper;
		GET DIAGNOSTICS rows = ROW_COUNT;
		RETURN;
	EXCEPTION WHEN OTHERS THEN
		IF bad_row IS NULL OR SQLSTATE !~ bad_states THEN
			RAISE;
		END IF;
	END;
	IF depth >= 8 OR NOT may_cut THEN
		BEGIN
			FOR r IN EXECUTE each_row USING lower, upper LOOP
				BEGIN
					EXECUTE one_row USING r.value;
					rows := rows + 1;
				EXCEPTION WHEN OTHERS THEN
					IF SQLSTATE !~ bad_states THEN
						RAISE;
					END IF;
					EXECUTE bad_row USING r.document, SQLERRM, SQLSTATE;
					bad := bad + 1;
				END;
			END LOOP;
			RETURN;
		EXCEPTION WHEN OTHERS THEN
			IF SQLSTATE !~ bad_states THEN
				RAISE;
			END IF;
			message := SQLERRM;
			state := SQLSTATE;
		END;
	END IF;
	rows := 0;
	bad := 0;
	IF NOT may_cut THEN
		EXECUTE bad_row USING NULL::jsonb, message, state;
		bad := 1;
		RETURN;
	END IF;
	FOR r IN EXECUTE pg_catalog.format(
		'SELECT c.rows, c.bad FROM (VALUES ($5, $6), ($6, $7)) v (l, u), '
		'LATERAL %s.cassandra_copy_range($1, $2, $3, $4, l, u, $8) c',
		(SELECT e.extnamespace::regnamespace FROM pg_catalog.pg_extension e
			WHERE e.extname = 'cassandra_fdw'))
		USING statement, each_row, one_row, bad_row, lower, middle, upper,
			depth + 1
	LOOP
		rows := rows + r.rows;
		bad := bad + r.bad;
	END LOOP;
END $$;

CREATE PROCEDURE cassandra_copy(
	source regclass, target regclass, where_clause text DEFAULT NULL,
	columns jsonb DEFAULT NULL, on_error text DEFAULT 'stop',
	ranges int DEFAULT NULL, job name DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
	extension constant text := (
		SELECT e.extnamespace::regnamespace FROM pg_catalog.pg_extension e
		WHERE e.extname = 'cassandra_fdw');
	traffic constant text := pg_catalog.format(
		$q$SELECT coalesce(sum(s.bytes_sent + s.bytes_received), 0)
		FROM %s.cassandra_get_statistics() s WHERE s.scope = 'session'$q$,
		extension);
	began constant timestamptz := pg_catalog.clock_timestamp();
	checked record;
	statements record;
	turn record;
	done record;
	job_table text;
	bad_table text;
	bytes_before numeric;
	bytes numeric;
	seconds numeric;
	range_began timestamptz;
	n int := 0;
	all_rows bigint := 0;
	all_bad bigint := 0;
BEGIN
	EXECUTE pg_catalog.format(
		'SELECT * FROM %s.cassandra_copy_check($1, $2, $3, $4)', extension)
		INTO checked USING source, target, on_error, ranges;
	job := coalesce(job, pg_catalog.left(checked.short_name, 45) || '_copy');
	job_table := pg_catalog.format('%I.%I', pg_catalog.current_schema(), job);
	IF on_error = 'log' THEN
		bad_table := pg_catalog.format(
			'%I.%I', pg_catalog.current_schema(), job || '_errors');
	END IF;
	EXECUTE pg_catalog.format(
		'SELECT %s.cassandra_copy_job($1, $2, $3, $4, $5, $6)', extension)
		USING job_table, bad_table, source, checked.by_token,
			pg_catalog.jsonb_build_object('source', checked.source_name,
				'target', checked.target_name, 'where_clause', where_clause,
				'columns', columns, 'on_error', on_error), ranges;
	EXECUTE pg_catalog.format(
		'SELECT * FROM %s.cassandra_copy_statements($1, $2, $3, $4, $5, $6)',
		extension) INTO statements
		USING source, target, checked.by_token, where_clause, columns, bad_table;
	COMMIT;
	EXECUTE traffic INTO bytes_before;
	LOOP
		EXECUTE pg_catalog.format(
			'SELECT j.range, j.lower, j.upper FROM %s j WHERE j.ended IS NULL '
			'ORDER BY j.range LIMIT 1 FOR UPDATE SKIP LOCKED', job_table)
			INTO turn;
		EXIT WHEN turn.range IS NULL;
		range_began := pg_catalog.clock_timestamp();
		IF on_error = 'log' THEN
			-- what is written again row by row is no news
			PERFORM pg_catalog.set_config(
				'cassandra_fdw.rollback_warning', 'off', true);
		END IF;
		EXECUTE pg_catalog.format('SELECT * FROM '
			'%s.cassandra_copy_range($1, $2, $3, $4, $5, $6, 0)', extension)
			INTO done USING statements.statement, statements.each_row,
				statements.one_row, statements.bad_row, turn.lower, turn.upper;
		EXECUTE pg_catalog.format(
			'UPDATE %s SET rows = $2, bad = $3, began = $4, '
			'ended = pg_catalog.clock_timestamp(), '
			'pid = pg_catalog.pg_backend_pid() WHERE range = $1', job_table)
			USING turn.range, done.rows, done.bad, range_began;
		COMMIT;
		n := n + 1;
		all_rows := all_rows + done.rows;
		all_bad := all_bad + done.bad;
	END LOOP;
	EXECUTE traffic INTO bytes;
	seconds := greatest(0.001, extract(
		epoch FROM pg_catalog.clock_timestamp() - began));
	RAISE NOTICE '% rows in % s (% a second, % MB/s): % ranges, % bad rows',
		all_rows, pg_catalog.round(seconds, 1),
		pg_catalog.round(all_rows::numeric / seconds), pg_catalog.round(
			(bytes - bytes_before) / 1000000.0 / seconds, 1), n, all_bad;
	EXECUTE pg_catalog.format(
		'SELECT count(*) FROM %s WHERE ended IS NULL', job_table) INTO n;
	IF n > 0 THEN
		RAISE NOTICE '% ranges are with other sessions', n;
	END IF;
	IF checked.by_token THEN
		EXECUTE 'DROP FOREIGN TABLE pg_temp.cassandra_copy_' || source::oid::text;
	END IF;
END $$;

/* ---- comments ---- */

COMMENT ON TYPE timeuuid IS 'UUID of version 1, ordered by its time';
COMMENT ON FUNCTION timeuuid_in(cstring) IS
	'I/O';
COMMENT ON FUNCTION timeuuid_out(timeuuid) IS
	'I/O';
COMMENT ON FUNCTION timeuuid_recv(internal) IS
	'I/O';
COMMENT ON FUNCTION timeuuid_send(timeuuid) IS
	'I/O';
COMMENT ON FUNCTION timeuuid(uuid) IS
	'a UUID of version 1 as timeuuid';
COMMENT ON FUNCTION timeuuid_timestamp(timeuuid) IS
	'time of a timeuuid';
COMMENT ON FUNCTION min_timeuuid(timestamptz) IS
	'least timeuuid of a millisecond';
COMMENT ON FUNCTION max_timeuuid(timestamptz) IS
	'greatest timeuuid of a millisecond';
COMMENT ON FUNCTION generate_timeuuid() IS
	'a new timeuuid of this moment';
COMMENT ON FUNCTION timeuuid_lt(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_le(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_eq(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_ne(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_ge(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_gt(timeuuid, timeuuid) IS
	'implementation of an operator';
COMMENT ON FUNCTION timeuuid_cmp(timeuuid, timeuuid) IS
	'comparison of timeuuids';
COMMENT ON FUNCTION timeuuid_hash(timeuuid) IS
	'hash';
COMMENT ON FUNCTION timeuuid_hash_extended(timeuuid, int8) IS
	'hash';
COMMENT ON FUNCTION timeuuid_smaller(timeuuid, timeuuid) IS
	'smaller of two';
COMMENT ON FUNCTION timeuuid_larger(timeuuid, timeuuid) IS
	'larger of two';
COMMENT ON OPERATOR < (timeuuid, timeuuid) IS 'less than';
COMMENT ON OPERATOR <= (timeuuid, timeuuid) IS 'less than or equal';
COMMENT ON OPERATOR = (timeuuid, timeuuid) IS 'equal';
COMMENT ON OPERATOR <> (timeuuid, timeuuid) IS 'not equal';
COMMENT ON OPERATOR >= (timeuuid, timeuuid) IS 'greater than or equal';
COMMENT ON OPERATOR > (timeuuid, timeuuid) IS 'greater than';
COMMENT ON OPERATOR CLASS timeuuid_ops USING btree IS 'timeuuids by their time';
COMMENT ON OPERATOR FAMILY timeuuid_ops USING btree IS 'timeuuids by their time';
COMMENT ON OPERATOR CLASS timeuuid_ops USING hash IS 'timeuuids';
COMMENT ON OPERATOR FAMILY timeuuid_ops USING hash IS 'timeuuids';
COMMENT ON AGGREGATE min(timeuuid) IS 'earliest timeuuid';
COMMENT ON AGGREGATE max(timeuuid) IS 'latest timeuuid';
COMMENT ON CAST (timeuuid AS uuid) IS 'the same bytes';
COMMENT ON CAST (uuid AS timeuuid) IS 'of version 1 only';
COMMENT ON CAST (timeuuid AS timestamptz) IS 'its time';
COMMENT ON FUNCTION cassandra_fdw_handler() IS
	'handler of the foreign-data wrapper';
COMMENT ON FUNCTION cassandra_fdw_validator(text[], oid) IS
	'checks options';
COMMENT ON FOREIGN DATA WRAPPER cassandra_fdw IS 'Apache Cassandra';
COMMENT ON FUNCTION cassandra_l2_distance(float4[], float4[]) IS
	'Euclidean distance of two vectors';
COMMENT ON FUNCTION cassandra_l2_distance_double(anycompatiblearray, anycompatiblearray) IS
	'implementation of an operator';
COMMENT ON OPERATOR <-> (anycompatiblearray, anycompatiblearray) IS
	'Euclidean distance of two vectors';
COMMENT ON FUNCTION cassandra_cosine_distance(float4[], float4[]) IS
	'cosine distance of two vectors';
COMMENT ON FUNCTION cassandra_cosine_distance_double(anycompatiblearray, anycompatiblearray) IS
	'implementation of an operator';
COMMENT ON OPERATOR <=> (anycompatiblearray, anycompatiblearray) IS
	'cosine distance of two vectors';
COMMENT ON FUNCTION cassandra_negative_inner_product(float4[], float4[]) IS
	'negative inner product of two vectors';
COMMENT ON FUNCTION cassandra_negative_inner_product_double(anycompatiblearray, anycompatiblearray) IS
	'implementation of an operator';
COMMENT ON OPERATOR <#> (anycompatiblearray, anycompatiblearray) IS
	'negative inner product of two vectors';
COMMENT ON FUNCTION cassandra_execute(name, text) IS
	'runs a CQL statement that is no query';
COMMENT ON FUNCTION cassandra_query(name, text) IS
	'rows of a CQL query';
COMMENT ON FUNCTION cassandra_query_json(name, text) IS
	'rows of a CQL query as JSON objects';
COMMENT ON FUNCTION cassandra_execute(name, text, VARIADIC "any") IS
	'runs a CQL statement that is no query';
COMMENT ON FUNCTION cassandra_query(name, text, VARIADIC "any") IS
	'rows of a CQL query';
COMMENT ON FUNCTION cassandra_query_json(name, text, VARIADIC "any") IS
	'rows of a CQL query as JSON objects';
COMMENT ON FUNCTION cassandra_batch(name, jsonb, text) IS
	'runs CQL statements as a batch';
COMMENT ON FUNCTION cassandra_batch(name, text, text) IS
	'runs CQL statements as a batch';
COMMENT ON FUNCTION cassandra_batch(name, text[], text) IS
	'runs CQL statements as a batch';
COMMENT ON FUNCTION cassandra_fdw_version() IS
	'version of the library';
COMMENT ON FUNCTION cassandra_clusters() IS
	'clusters that the session is connected to';
COMMENT ON FUNCTION cassandra_connections() IS
	'nodes that the session is connected to';
COMMENT ON FUNCTION cassandra_disconnect(name) IS
	'closes the connections to a server';
COMMENT ON FUNCTION cassandra_disconnect_all() IS
	'closes all connections';
COMMENT ON FUNCTION cassandra_hosts(name) IS
	'nodes of a server: state, load, errors, latencies';
COMMENT ON FUNCTION cassandra_get_statistics() IS
	'totals by server, for cassandra_statistics';
COMMENT ON FUNCTION cassandra_statistics_reset() IS
	'sets the totals to 0';
COMMENT ON FUNCTION cassandra_progress() IS
	'long scans and loads of all sessions';
COMMENT ON FUNCTION cassandra_refresh(name) IS
	'reads topology and schema anew';
COMMENT ON FUNCTION cassandra_token(regclass, VARIADIC "any") IS
	'token of a partition key';
COMMENT ON FUNCTION cassandra_ring_ranges(name, text, int) IS
	'ranges of the ring that cover it';
COMMENT ON FUNCTION cassandra_columns(regclass) IS
	'what the columns of a foreign table are in Cassandra';
COMMENT ON VIEW cassandra_statistics IS 'requests, errors and latencies by server';
COMMENT ON FUNCTION cassandra_create_table(regclass, name, text, text[], text[],
	text, text, name, bool) IS
	'CREATE TABLE of CQL for a local table, and the foreign table';
COMMENT ON PROCEDURE cassandra_copy(regclass, regclass, text, jsonb, text, int,
	name) IS
	'copies a table from or to Cassandra by parts, and goes on where it was';
COMMENT ON FUNCTION cassandra_copy_check(regclass, regclass, text, int) IS
	'part of cassandra_copy';
COMMENT ON FUNCTION cassandra_copy_columns(regclass, regclass, jsonb) IS
	'part of cassandra_copy';
COMMENT ON FUNCTION cassandra_copy_job(text, text, regclass, bool, jsonb, int) IS
	'part of cassandra_copy';
COMMENT ON FUNCTION cassandra_copy_range(text, text, text, text, bigint, bigint,
	int) IS
	'part of cassandra_copy';
COMMENT ON FUNCTION cassandra_copy_source(regclass, text) IS
	'part of cassandra_copy';
COMMENT ON FUNCTION cassandra_copy_statements(regclass, regclass, bool, text,
	jsonb, text) IS
	'part of cassandra_copy';
