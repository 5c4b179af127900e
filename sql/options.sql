-- options: the validator's messages, who may set what, configuration
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS cassandra_fdw;
RESET client_min_messages;

-- all of a server's, with predecessors' names
CREATE SERVER options_server FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (
	host '127.0.0.1,127.0.0.2:9043', port '9042', local_datacenter 'dc1',
	rack 'r1', connections_per_node '2', protocol '5', compression 'lz4',
	ssl 'false', connect_timeout '2s', request_timeout '1500',
	heartbeat_interval '30s', consistency 'one', fetch_size '100',
	scan_concurrency '4', keep_connections 'true', fdw_startup_cost '10.5',
	fdw_tuple_cost '0.1', application_name 'topic', keyspace 'k',
	allow_filtering 'on', vector_search 'off', serial_consistency 'serial',
	batch_size '10', max_in_flight '20', timestamps 'server',
	conditional_writes 'true', write_nulls 'false', updatable 'false',
	truncatable 'false', remote_dc_failover 'true', max_retries '0');
CREATE FOREIGN TABLE options_table (
	id int OPTIONS (column_name 'Id', on_unconvertible 'null'))
	SERVER options_server
	OPTIONS (schema_name 'k', "table" 't', read_consistency 'LOCAL_ONE',
			 write_consistency 'any', consistency 'TWO', ttl '86400');
DROP FOREIGN TABLE options_table;

-- names: a near one is proposed, or all are listed
ALTER SERVER options_server OPTIONS (ADD hots '127.0.0.1');
ALTER SERVER options_server OPTIONS (ADD password 'x');
CREATE FOREIGN TABLE options_table (id int) SERVER options_server
	OPTIONS (tabel_name 't');
CREATE FOREIGN TABLE options_table (id int OPTIONS (colum_name 'x'))
	SERVER options_server;
CREATE USER MAPPING FOR CURRENT_USER SERVER options_server
	OPTIONS (usernam 'x');
ALTER FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (ADD host 'x');
ALTER SERVER options_server OPTIONS (ADD use_remote_estimate 'true');
CREATE FOREIGN TABLE options_table (id int) SERVER options_server
	OPTIONS (query 'SELECT * FROM t');
CREATE FOREIGN TABLE options_table (id int) SERVER options_server
	OPTIONS (columnfamily 't', "table" 't');
ALTER SERVER options_server OPTIONS (ADD protocol_version '5');
ALTER SERVER options_server OPTIONS (ADD sslmode 'require');
CREATE FOREIGN TABLE options_table (id int) SERVER options_server
	OPTIONS (keyspace 'k', schema_name 'k');
CREATE USER MAPPING FOR CURRENT_USER SERVER options_server
	OPTIONS (username 'x', "user" 'x');

-- values
ALTER SERVER options_server OPTIONS (SET port '0');
ALTER SERVER options_server OPTIONS (SET port '65536');
ALTER SERVER options_server OPTIONS (SET port '9042x');
ALTER SERVER options_server OPTIONS (SET port '');
ALTER SERVER options_server OPTIONS (SET protocol '3');
ALTER SERVER options_server OPTIONS (SET compression 'snappy');
ALTER SERVER options_server OPTIONS (ADD sslmode 'prefer');
ALTER SERVER options_server OPTIONS (SET request_timeout '12 hours');
ALTER SERVER options_server OPTIONS (SET request_timeout '0');
ALTER SERVER options_server OPTIONS (SET request_timeout '-1');
ALTER SERVER options_server OPTIONS (SET request_timeout 'nan');
ALTER SERVER options_server OPTIONS (ADD speculative_delay '0');
ALTER SERVER options_server OPTIONS (ADD max_nodes '0');
ALTER SERVER options_server OPTIONS (ADD speculative_delay '50ms', ADD max_nodes '2');
ALTER SERVER options_server OPTIONS (SET consistency 'MOST');
ALTER SERVER options_server OPTIONS (SET consistency 'ANY');
ALTER SERVER options_server OPTIONS (ADD read_consistency 'ANY');
ALTER SERVER options_server OPTIONS (ADD write_consistency 'SERIAL');
ALTER SERVER options_server OPTIONS (SET serial_consistency 'QUORUM');
ALTER SERVER options_server OPTIONS (SET batch_size '0');
ALTER SERVER options_server OPTIONS (SET timestamps 'now');
ALTER SERVER options_server OPTIONS (SET updatable '2');
ALTER SERVER options_server OPTIONS (ADD ttl '10');
CREATE FOREIGN TABLE options_table (id int) SERVER options_server
	OPTIONS (ttl '630720001');
ALTER SERVER options_server OPTIONS (SET fdw_tuple_cost '-1');
ALTER SERVER options_server OPTIONS (SET keep_connections 'perhaps');
ALTER SERVER options_server OPTIONS (SET host '');
ALTER SERVER options_server OPTIONS (SET host 'a b');
ALTER SERVER options_server OPTIONS (SET host 'a,,b');
ALTER SERVER options_server OPTIONS (SET host 'a , b:9043, ::1');
CREATE FOREIGN TABLE options_table (
	id int OPTIONS (on_unconvertible 'ignore')) SERVER options_server;

-- files of the server and mappings without password: not for everybody
CREATE ROLE cassandra_options_user;
GRANT USAGE ON FOREIGN SERVER options_server TO cassandra_options_user;
GRANT USAGE ON FOREIGN DATA WRAPPER cassandra_fdw TO cassandra_options_user;
SET ROLE cassandra_options_user;
CREATE SERVER options_other FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (sslrootcert '/etc/passwd');
CREATE USER MAPPING FOR CURRENT_USER SERVER options_server
	OPTIONS (username 'u', sslkey '/etc/passwd');
CREATE USER MAPPING FOR CURRENT_USER SERVER options_server
	OPTIONS (username 'u', password_required 'false');
CREATE USER MAPPING FOR CURRENT_USER SERVER options_server
	OPTIONS (username 'u', password 'p');
RESET ROLE;
GRANT pg_read_server_files TO cassandra_options_user;
SET ROLE cassandra_options_user;
CREATE SERVER options_other FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (sslrootcert '/no/such/file');
DROP SERVER options_other;
RESET ROLE;

-- a signature is for a region
CREATE SERVER options_aws FOREIGN DATA WRAPPER cassandra_fdw
	OPTIONS (auth 'sigv4');
CREATE USER MAPPING FOR CURRENT_USER SERVER options_aws
	OPTIONS (aws_access_key_id 'a', aws_secret_access_key 's');
SELECT * FROM cassandra_query('options_aws', 'SELECT key FROM system.local')
	AS t (key text);
ALTER USER MAPPING FOR CURRENT_USER SERVER options_aws
	OPTIONS (ADD username 'a');
DROP SERVER options_aws CASCADE;

-- configuration parameters
SHOW cassandra_fdw.read_consistency;
SHOW cassandra_fdw.scan_concurrency;
SHOW cassandra_fdw.request_timeout;
SHOW cassandra_fdw.allow_filtering;
SET cassandra_fdw.read_consistency = 'quorum';
SET cassandra_fdw.read_consistency = 'most';
SET cassandra_fdw.read_consistency = 'any';
SET cassandra_fdw.write_consistency = 'any';
SET cassandra_fdw.write_consistency = 'serial';
SET cassandra_fdw.serial_consistency = 'local_serial';
SET cassandra_fdw.serial_consistency = 'one';
SET cassandra_fdw.allow_filtering = on;
SHOW cassandra_fdw.allow_filtering;
SET cassandra_fdw.vector_search = 'perhaps';
SET cassandra_fdw.scan_concurrency = 1000;
SET cassandra_fdw.no_such = 1;
RESET cassandra_fdw.read_consistency;
RESET cassandra_fdw.write_consistency;
RESET cassandra_fdw.serial_consistency;
RESET cassandra_fdw.allow_filtering;

SET client_min_messages = warning;
DROP SERVER options_server CASCADE;
DROP OWNED BY cassandra_options_user;
DROP ROLE cassandra_options_user;
RESET client_min_messages;
