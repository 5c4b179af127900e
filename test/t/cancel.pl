# Cancel, timeouts and termination act while a node hangs, and the session
# lives on.
use strict;
use warnings;
use Time::HiRes qw(time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $at_once = 1;    # seconds; 0.1 on an idle machine

my $nodes = CassandraNodes->new('cancel');
$nodes->cql(
	"CREATE KEYSPACE c WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE c.t (id int PRIMARY KEY, v text); "
	  . "INSERT INTO c.t (id, v) VALUES (1, 'one'); "
	  . "CREATE TABLE c.pages (p int, c int, v text, PRIMARY KEY (p, c))");
$nodes->fill('c.pages', 1, 100, 10);

my $pg = CassandraNodes::postgres('cancel');
my ($address, $port) = ($nodes->address, $nodes->port);
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', request_timeout '60s',
    connect_timeout '60s');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA c FROM SERVER s INTO public;
ALTER FOREIGN TABLE pages OPTIONS (ADD fetch_size '10');));

my $look_up = 'SELECT v FROM t WHERE id = 1';
my $watcher = SqlSession->new($pg);

# Sends a query that will hang, and has it wait for a moment.
sub hang
{
	my ($session, $sql) = @_;

	$session->send($sql);
	$pg->poll_query_until('postgres',
		    "SELECT state = 'active' AND wait_event = 'Extension' "
		  . "FROM pg_stat_activity WHERE pid = $session->{pid}")
	  or die "$sql does not wait";
	return;
}

# How long a hanging query goes on after a function that ends it.
sub ended_by
{
	my ($session, $function) = @_;
	my $began = time;

	is($watcher->ask("SELECT $function($session->{pid})"), 't', $function);
	$session->receive;
	return time - $began;
}

# Cancels what hangs in some phase; then the node goes on.
sub cancels
{
	my ($session, $sql, $name) = @_;

	$nodes->signal('STOP');
	hang($session, $sql);
	cmp_ok(ended_by($session, 'pg_cancel_backend'),
		'<', $at_once, "$name: cancelled at once");
	like($session->{err}, qr/canceling statement due to user request/,
		"$name: and said so");
	$nodes->signal('CONT');
	return;
}

my $session = SqlSession->new($pg);
cancels($session, $look_up, 'handshake');
is($session->ask($look_up), 'one', 'then the look-up works');
cancels($session, $look_up, 'look-up');
is($session->ask($look_up), 'one', 'then it works');
cancels($session, 'SELECT v FROM t WHERE id = 1 AND v > $$a$$ OR id = 2',
	'a new statement');
is( $session->ask(
		'BEGIN; DECLARE c CURSOR FOR SELECT c FROM pages WHERE p = 0; '
		  . 'FETCH 25 FROM c'),
	join("\n", 0 .. 24),
	'pages of a cursor');
cancels($session, 'FETCH ALL FROM c', 'a later page');
is($session->ask("ROLLBACK; $look_up"), 'one', 'then a look-up works');
cancels($session, "EXPLAIN ANALYZE SELECT count(*) FROM pages", 'a scan');
is($session->ask('SELECT count(*) FROM pages'), '100', 'then it works');

# Timeouts: PostgreSQL's, and the request's own, which WHEN OTHERS catches.
$nodes->signal('STOP');
my $began = time;
$session->ask("SET statement_timeout = '500ms'; $look_up");
cmp_ok(time - $began, '<', 0.5 + $at_once, 'statement_timeout is in time');
like(
	$session->{err},
	qr/canceling statement due to statement timeout/,
	'and said so');
my $fresh = SqlSession->new($pg);
$began = time;
$fresh->ask("SET statement_timeout = '500ms'; $look_up");
cmp_ok(time - $began, '<', 0.5 + $at_once, 'and so during a handshake');
like($fresh->{err}, qr/due to statement timeout/, 'which it ends');
$began = time;
$session->ask('SET statement_timeout = 0; '
	  . "SET cassandra_fdw.request_timeout = '300ms'; "
	  . 'DO $$ BEGIN PERFORM v FROM t WHERE id = 1; '
	  . "EXCEPTION WHEN OTHERS THEN RAISE WARNING '% %', SQLSTATE, SQLERRM; "
	  . 'END $$');
cmp_ok(time - $began, '<', 3 * 0.3 + $at_once, 'request_timeout is in time');
like(
	$session->{err},
	qr/WARNING:  58000 no answer within 300 ms/,
	'and can be caught');
$nodes->signal('CONT');
is($session->ask("RESET cassandra_fdw.request_timeout; $look_up"),
	'one', 'the session goes on');
is($fresh->ask("SET statement_timeout = 0; $look_up"),
	'one', 'and the other one');

# Termination.
$nodes->signal('STOP');
hang($session, $look_up);
$began = time;
is($watcher->ask("SELECT pg_terminate_backend($session->{pid})"),
	't', 'pg_terminate_backend');
ok( $pg->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity "
		  . "WHERE pid = $session->{pid}"),
	'ends a backend that waits');
cmp_ok(time - $began, '<', 3, 'and does so in time');
$nodes->signal('CONT');

# Nothing of it stays on the way of others.
is($fresh->ask($look_up), 'one', 'others go on');
$fresh->quit;
$watcher->quit;
$pg->stop;
done_testing();
