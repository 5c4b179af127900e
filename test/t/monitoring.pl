# What operators look at: totals of all sessions in shared memory, slow
# requests in the log, nodes that hang, warnings and traces of errors.
use strict;
use warnings;
use Time::HiRes qw(sleep time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new(
	'monitoring',
	options => [
		'--commitlog-batch', '--set',
		'tombstone_warn_threshold=100', '--set',
		'tombstone_failure_threshold=400'
	]);
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.t (id int PRIMARY KEY, v text);
	INSERT INTO k.t (id, v) VALUES (1, 'one');
	CREATE TABLE k.dead (p int, c int, v int, PRIMARY KEY (p, c));)
	  . join '',
	map { "DELETE FROM k.dead WHERE p = 1 AND c = $_; " } 1 .. 450);

my $pg = CassandraNodes::postgres('monitoring',
	"shared_preload_libraries = 'cassandra_fdw'\nlog_statement = 'none'\n");
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', batch_size '10');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;));

my $watcher = SqlSession->new($pg);
my $look_up = 'SELECT v FROM t WHERE id = 1';

sub total
{
	my ($session, $scope, $column) = @_;

	return $session->ask("SELECT $column FROM cassandra_statistics "
		  . "WHERE server_name = 's' AND scope = '$scope'");
}

# ---- all sessions ----

cmp_ok(total($watcher, 'all', 'requests'),
	'>', 0, 'what a session did that has ended is there');
is(total($watcher, 'session', 'requests'), '', 'this one has done nothing');
$watcher->ask('SELECT cassandra_statistics_reset()');
is(total($watcher, 'all', 'requests'), '0', 'a reset');

my @sessions = map { SqlSession->new($pg) } 1 .. 3;
foreach my $i (0 .. 2)
{
	$sessions[$i]->ask($look_up) foreach 0 .. $i;
}
my %sum = ();
foreach my $column (qw(requests connects bytes_sent bytes_received))
{
	$sum{$column} += total($_, 'session', $column) foreach @sessions;
	is(total($watcher, 'all', $column),
		$sum{$column}, "$column of all are the sum of each");
}
is(total($watcher, 'all', 'connects'), '3', 'one connection each');
is(total($watcher, 'all', 'latency_p50 <= latency_p99'),
	't', 'there are latencies');
$sessions[2]->quit;
$watcher->ask("SELECT pg_terminate_backend($sessions[1]{pid})");
is(total($watcher, 'all', 'requests'),
	$sum{requests}, 'they stay when sessions end');

# What a statement did counts when its transaction has ended, however that is.
my $session = $sessions[0];
$session->ask("BEGIN; $look_up; $look_up; SELECT 1 / 0");
is( total($watcher, 'all', 'requests'),
	$sum{requests} + 2,
	'after an error');
$session->ask('ROLLBACK');

# Those of parallel workers are nobody else's.
$session->ask(q(CREATE FUNCTION look_up(k int) RETURNS text LANGUAGE plpgsql
	STABLE PARALLEL SAFE AS
	$$ BEGIN RETURN (SELECT v FROM t WHERE id = k); END $$;
	CREATE TABLE many WITH (parallel_workers = 2) AS
	  SELECT 1 AS id FROM generate_series(1, 300);
	ANALYZE many;
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
	SET parallel_leader_participation = off));
$watcher->ask('SELECT cassandra_statistics_reset()');
is($session->ask("SELECT count(*) FROM many WHERE look_up(id) = 'one'"),
	'300', 'look-ups in workers');
cmp_ok(total($watcher, 'all', 'requests'), '>=', 300, 'are counted');

$pg->safe_psql('postgres', 'CREATE DATABASE other');
is( $pg->safe_psql(
		'other',
		'CREATE EXTENSION cassandra_fdw; '
		  . 'SELECT count(*) FROM cassandra_statistics'),
	'0',
	'another database has its own');

# Slots of servers that were dropped are used again.
foreach my $i (1 .. 70)
{
	$session->ask(
		"CREATE SERVER s$i FOREIGN DATA WRAPPER cassandra_fdw "
		  . "OPTIONS (host '$address', port '$port'); "
		  . "CREATE USER MAPPING FOR CURRENT_USER SERVER s$i; "
		  . "SELECT cassandra_refresh('s$i')");
	$session->ask("DROP SERVER s$i CASCADE") if $i < 70;
}
is( $session->ask(
		'SELECT server_name, connects FROM cassandra_statistics '
		  . "WHERE scope = 'all' AND server_name = 's70'"),
	's70|1',
	'the seventieth server is counted, too');

# ---- progress ----

# What others see of a slow statement, as soon as they do.
sub progress
{
	my ($of, $statement, $columns) = @_;
	my $seen = '';

	$of->send($statement);
	foreach (1 .. 300)
	{
		$seen = $watcher->ask(
			"SELECT $columns FROM cassandra_progress() WHERE rows > 0");
		last if $seen ne '';
		sleep(0.1);
	}
	return $seen;
}

my $worker = SqlSession->new($pg);
$worker->ask('SET cassandra_fdw.rollback_warning = off; '
	  . "ALTER FOREIGN TABLE t OPTIONS (ADD fetch_size '50'); "
	  . "SET cassandra_fdw.write_throttle = '500'; "
	  . "SET cassandra_fdw.read_throttle = '50'");
my $columns = 'pid, datname, usename, relid::regclass, command, '
  . "began BETWEEN now() - interval '1 min' AND now()";
is( progress(
		$worker,
		'INSERT INTO t SELECT i FROM generate_series(1, 1500) i', $columns),
	"$worker->{pid}|postgres|" . $pg->safe_psql('postgres', 'SELECT user')
	  . '|t|load|t',
	'a load that goes on');
$worker->receive;
is($watcher->ask('SELECT count(*) FROM cassandra_progress()'),
	'0', 'and no longer when it has ended');
$worker->ask('ANALYZE t');
is( progress($worker, 'SELECT id FROM t', "$columns, estimated_rows > 0"),
	"$worker->{pid}|postgres|" . $pg->safe_psql('postgres', 'SELECT user')
	  . '|t|scan|t|t',
	'a scan that goes on');
$watcher->ask('CREATE ROLE looker');
is($watcher->ask('SET ROLE looker; SELECT count(*) FROM cassandra_progress()'),
	'0', 'others do not see it');
$watcher->ask('RESET ROLE; GRANT pg_read_all_stats TO looker');
is($watcher->ask('SET ROLE looker; SELECT count(*) FROM cassandra_progress()'),
	'1', 'unless they may see all');
$watcher->ask("RESET ROLE; SELECT pg_cancel_backend($worker->{pid})");
$worker->receive;
is($watcher->ask('SELECT count(*) FROM cassandra_progress()'),
	'0', 'nor when it was cancelled');
my $other = SqlSession->new($pg);
progress($other,
	"SET cassandra_fdw.read_throttle = '50'; SELECT id FROM t", 'pid');
$watcher->ask("SELECT pg_terminate_backend($other->{pid}, 60000)");
eval { $other->quit };
is($watcher->ask('SELECT count(*) FROM cassandra_progress()'),
	'0', 'or its session ended');
$worker->quit;

# ---- slow requests ----

# Lines of the log since the last time.
my $log_seen = 0;

sub logged
{
	my $all = slurp_file($pg->logfile);
	my $new = substr $all, $log_seen;

	$log_seen = length $all;
	return $new;
}

logged();
$session->ask('SET cassandra_fdw.log_min_duration = 0');
$session->ask("SELECT v FROM t WHERE id = 12345");
my $log = logged();
like(
	$log,
	qr/LOG:\ \ duration:\ [\d.]+\ ms\ \ CQL:\ SELECT\ v\ .*\ id\ =\ \?\n
		.*DETAIL:\ \ Node:\ \Q$address:$port\E,\ attempts:\ 1,\ bytes\ sent:
		\ [1-9]\d*,\ received:\ [1-9]\d*\.\n/x,
	'a look-up');
unlike($log, qr/12345|STATEMENT/, 'without the value, or the SQL');
unlike($log, qr/\/\*/, 'nor what is added to the text');

$session->ask("INSERT INTO dead SELECT 2, 777000 + g, 1 "
	  . 'FROM generate_series(1, 10) g');
$log = logged();
like($log, qr/CQL batch of 10: INSERT INTO/, 'a batch');
unlike($log, qr/777/, 'without its values');

$session->ask(q{SELECT cassandra_execute('s', 'INSERT INTO k.t (id, v) }
	  . q{VALUES (4711, ''it''''s a secret'')')});
$log = logged();
like($log, qr/CQL: INSERT INTO k.t \(id, v\) VALUES \(\?, \?\)/,
	'constants are masked');
unlike($log, qr/4711|secret/, 'all of them');

$session->ask("SET cassandra_fdw.log_min_duration = '1min'; $look_up");
unlike(logged(), qr/duration/, 'nothing below the limit');

# ---- errors ----

$session->ask('SET cassandra_fdw.log_min_duration = 0');
$session->ask('SET cassandra_fdw.trace = on');
$session->ask('SELECT count(v) FROM dead WHERE p = 1');
$log = logged();
my ($trace) = $session->{err} =~ /^Tracing session: ([0-9a-f-]{36})\.$/m;
isnt($trace, undef, 'an error names its trace');
like($log, qr/trace: $trace, failed: Operation failed/, 'and the log');
like(
	$session->{err},
	qr/^Warning: .*tombstone/m,
	'warnings that come with an error are told');
cmp_ok(total($watcher, 'all', 'failures'), '>', 0, 'it is counted');
$session->ask('RESET cassandra_fdw.trace; '
	  . "SET cassandra_fdw.read_consistency = 'ONE'");
my $events = '';
foreach (1 .. 100)
{
	$events = $session->ask(
		"SELECT count(*) > 0 FROM cassandra_query('s', 'SELECT activity "
		  . "FROM system_traces.events WHERE session_id = ?', "
		  . "'$trace'::uuid) AS e (activity text)");
	last if $events ne 'f';
	sleep(0.1);
}
is($events . $session->{err}, 't', 'the trace is there');

# ---- a node that hangs ----

my $state = "SELECT state FROM cassandra_hosts('s')";
is($session->ask($state), 'up', 'the node is up');
$nodes->signal('STOP');
$session->ask("SET cassandra_fdw.request_timeout = '200ms'; $look_up");
is($session->ask($state), 'down', 'one that hangs is down');
is( $session->ask(
		"SELECT timeouts > 0, latency_p99 > 200 FROM cassandra_hosts('s')"),
	't|t',
	'its timeouts count, among the latencies, too');
my $began = time;
$session->ask("SET statement_timeout = '500ms'; "
	  . "SELECT cassandra_refresh('s')");
like($session->{err}, qr/statement timeout/, 'a refresh can be cancelled');
cmp_ok(time - $began, '<', $CassandraNodes::fast_enough, 'in time');
$nodes->signal('CONT');
$session->ask('RESET statement_timeout; RESET cassandra_fdw.request_timeout');
is($session->ask("SELECT cassandra_refresh('s'); $look_up"),
	"\none", 'and works then');
is($session->{err}, '', 'without an error');
is($session->ask($state), 'up', 'the node is up again');

$session->quit;
$watcher->quit;
$pg->stop;
done_testing();
