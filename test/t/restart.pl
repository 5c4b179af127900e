# Nodes that go and come back, tables that change under a session, and what
# a node warns of or refuses.
use strict;
use warnings;
use Time::HiRes qw(sleep time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Errno;
use IO::Socket::INET;
use CassandraNodes;
use SqlSession;

my $nodes =
  CassandraNodes->new(
	'restart',
	options => [
		'--commitlog-batch',
		'--set', 'tombstone_warn_threshold=100',
		'--set', 'tombstone_failure_threshold=400'
	]);
my ($address, $port) = ($nodes->address, $nodes->port);

sub rows
{
	my ($table, $n) = @_;

	return join '',
	  map { "INSERT INTO $table (p, c, v) VALUES (1, $_, 'v$_'); " } 1 .. $n;
}

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.t (id int PRIMARY KEY, v text);
	INSERT INTO k.t (id, v) VALUES (1, 'one');
	INSERT INTO k.t (id, v) VALUES (2, 'two');
	CREATE TABLE k.pages (p int, c int, v text, PRIMARY KEY (p, c));)
	  . rows('k.pages', 40));

my $pg = CassandraNodes::postgres('restart');
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', request_timeout '20s');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;
ALTER TABLE pages OPTIONS (ADD fetch_size '10');));

my $session = SqlSession->new($pg);
my $look_up = 'SELECT v FROM t WHERE id = 1';

sub ask { return $session->ask($_[0]) }

# ---- nodes ----

is(ask($look_up), 'one', 'a look-up');
is(scalar($session->connections($port)), 1, 'opens one connection');

$nodes->stop;
$nodes->start;
is(ask($look_up), 'one', 'after a restart, over an idle connection');
is(scalar($session->connections($port)), 1, 'one connection');

# Until its process is gone, its port still takes connections to reset them.
sub await_refusal
{
	foreach (1 .. 100)
	{
		return
		  if !IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port)
		  && $!{ECONNREFUSED};
		sleep 0.1;
	}
	die 'the killed node still listens';
}

$nodes->signal('KILL');
await_refusal();
my $began = time;
is(ask($look_up), '', 'no answer from a killed node');
like(
	$session->{err},
	qr/ERROR:.*\n.*\Q$address:$port\E.*refused.*HINT:/s,
	'but an error that names it');
cmp_ok(time - $began, '<', $CassandraNodes::fast_enough, 'soon');
is(ask('SELECT 1'), '1', 'the session lives');
$nodes->start;
is(ask($look_up), 'one', 'and works once the node is back');

# Killed between two pages.
is( ask('BEGIN; DECLARE c CURSOR FOR SELECT c FROM pages WHERE p = 1; '
		  . 'FETCH 10 FROM c'),
	join("\n", 1 .. 10),
	'the first page');
$nodes->signal('KILL');
$began = time;
ask('FETCH ALL FROM c');
like($session->{err}, qr/ERROR:.*\Q$address:$port\E/s,
	'a node killed between two pages');
cmp_ok(time - $began, '<', $CassandraNodes::fast_enough, 'is told soon');
is(ask('ROLLBACK; SELECT 1'), '1', 'the session lives');
$nodes->start;
is(ask('SELECT count(*) FROM pages'), '40', 'and reads all rows');

# ---- warnings, failures, refusals ----

sub dead_rows
{
	my ($p, $n) = @_;

	return join '',
	  map { "DELETE FROM k.dead WHERE p = $p AND c = $_; " } 1 .. $n;
}

$nodes->cql('CREATE TABLE k.dead (p int, c int, v int, PRIMARY KEY (p, c)); '
	  . 'INSERT INTO k.dead (p, c, v) VALUES (1, 0, 1); '
	  . dead_rows(1, 150)
	  . dead_rows(2, 150)
	  . dead_rows(3, 450));
ask('IMPORT FOREIGN SCHEMA k LIMIT TO (dead) FROM SERVER s INTO public');
is(ask('SELECT v FROM dead WHERE p = 1'), '1', 'a row among tombstones');
my $warning = qr/WARNING:  Cassandra: Read \d live rows and 150 tombstone/;
like($session->{err}, qr/^$warning[^\n]*\n$/, 'a warning, and one only');
unlike($session->{err}, qr/times\)/, 'without a count');
my $twice = 'BEGIN; DO $$ BEGIN FOR i IN 1 .. 5 LOOP '
  . 'PERFORM v FROM dead WHERE p = 1; PERFORM v FROM dead WHERE p = 2; '
  . 'END LOOP; END $$';
ask($twice);
like(
	$session->{err},
	qr/^($warning[^\n]*\ \(5\ times\)\n){2}$/x,
	'each text once a statement, with its count');
ask('SELECT 1 / (v - 1) FROM dead WHERE p = 1');
like($session->{err}, qr/division by zero/, 'a statement that fails');
like($session->{err}, $warning, 'shows its warning, too');
is(ask('ROLLBACK; SELECT 1'), '1', 'the session lives');
is($session->{err}, '', 'without a warning');
ask('SELECT v FROM dead WHERE p = 3');
like(
	$session->{err},
	qr/ERROR:.*Host:\ \Q$address:$port\E.*Consistency:.*
		required:\ 1.*failed:\ 1.*too\ many\ tombstones.*
		HINT:.*deleted\ rows.*CQL\ statement:\ SELECT/sx,
	'too many tombstones');
is(ask('SET cassandra_fdw.trace = on; ' . $look_up), 'one', 'a trace');
like(
	$session->{err},
	qr/^NOTICE:\ .*session\ [0-9a-f-]{36}\n
		DETAIL:.*\Q$address:$port\E\.\n$/x,
	'tells session and coordinator');
ask('RESET cassandra_fdw.trace');

# ---- changes of servers and users ----

my ($here) = $session->connections($port);
ask("BEGIN; $look_up; DECLARE c CURSOR FOR SELECT c FROM pages "
	  . 'WHERE p = 1; FETCH 1 FROM c');
ask("ALTER SERVER s OPTIONS (ADD application_name 'changed')");
is(ask($look_up), 'one', 'after ALTER SERVER in a transaction');
is(scalar($session->connections($port)), 2, 'over a new connection');
is(ask('FETCH ALL FROM c'), join("\n", 2 .. 40),
	'a cursor goes on over the old one');
ask('COMMIT');
my @now = $session->connections($port);
is(scalar(@now), 1, 'which is closed with the transaction');
isnt($now[0], $here, 'and it alone');
ask("ALTER SERVER s OPTIONS (SET port '1')");
ask($look_up);
like($session->{err}, qr/ERROR:.*:1: .*refused/s, 'ALTER SERVER is obeyed');
ask("ALTER SERVER s OPTIONS (SET port '$port')");
is(ask($look_up), 'one', 'and again');
ask("ALTER SERVER s OPTIONS (ADD keep_connections 'false')");
is(ask($look_up), 'one', 'keep_connections off');
is(scalar($session->connections($port)), 0, 'keeps none');
is(ask("BEGIN; $look_up; $look_up"), "one\none", 'but in a transaction');
is(scalar($session->connections($port)), 1, 'there is one');
ask('ROLLBACK');
is(ask($look_up), 'one', 'after a rollback');
is(scalar($session->connections($port)), 0, 'none is kept');
ask('ALTER SERVER s OPTIONS (DROP keep_connections)');
is(ask("DISCARD ALL; $look_up"), 'one', 'after DISCARD ALL');

# Workers of a parallel query make connections of their own.
ask(q(CREATE FUNCTION look_up(k int) RETURNS text LANGUAGE plpgsql
	STABLE PARALLEL SAFE AS
	$$ BEGIN RETURN (SELECT v FROM t WHERE id = k); END $$;
	CREATE TABLE many WITH (parallel_workers = 2) AS
	  SELECT 1 AS id FROM generate_series(1, 300);
	ANALYZE many;
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
	SET parallel_leader_participation = off));
like(
	ask("EXPLAIN SELECT count(*) FROM many WHERE look_up(id) = 'one'"),
	qr/Workers Planned/,
	'a parallel plan');
is( ask("SELECT count(*) FROM many WHERE look_up(id) = 'one'"),
	'300',
	'look-ups in workers');
is(ask($look_up), 'one', 'and in their leader');

# ---- tables ----

# What a statement gives after a change in Cassandra: it may fail at first,
# with a hint, but not with other rows than the right ones.  A WARNING may tell
# that IMPORT had written another key down.
sub settles
{
	my ($sql, $right, $name) = @_;
	my $first = ask($sql);

	if (untold() eq '')
	{
		is($first, $right, "$name: at once");
		return;
	}
	like($session->{err}, qr/ERROR:.*HINT:/s, "$name: a hint");
	is($first, '', "$name: no row with the error");
	is(ask($sql), $right, "$name: then right");
	is(untold(), '', "$name: and without an error");
	return;
}

# What was told but for the options that name the key.
sub untold
{
	return $session->{err} =~
	  s/^WARNING:  option "(?:primary|clustering)_key" .*?\nHINT:[^\n]*\n//gmsr;
}

$nodes->cql(
	q(CREATE TABLE k.a (id int PRIMARY KEY, b ascii, c text, d int);
	INSERT INTO k.a (id, b, c, d) VALUES (1, 'b', 'c', 30);
	CREATE TABLE k.r (p int, c int, v int, PRIMARY KEY (p, c));
	INSERT INTO k.r (p, c, v) VALUES (1, 2, 3);
	CREATE TABLE k.x (a int, b int, v int, PRIMARY KEY (a, b));
	INSERT INTO k.x (a, b, v) VALUES (1, 2, 3);
	CREATE TABLE k.y (a int PRIMARY KEY, v int);
	INSERT INTO k.y (a, v) VALUES (1, 3);
	CREATE TABLE k.z (a int PRIMARY KEY, v int);
	INSERT INTO k.z (a, v) VALUES (1, 3);));
ask('IMPORT FOREIGN SCHEMA k LIMIT TO (a, r, x) FROM SERVER s INTO public; '
	  . 'CREATE FOREIGN TABLE y (a bigint, v int) SERVER s '
	  . "OPTIONS (keyspace 'k'); "
	  . 'CREATE FOREIGN TABLE z (a int, v int) SERVER s '
	  . "OPTIONS (keyspace 'k'); "
	  . 'SET plan_cache_mode = force_generic_plan; '
	  . 'PREPARE a_all(int) AS SELECT * FROM a WHERE id = $1; '
	  . 'PREPARE a_bd(int) AS SELECT b, d FROM a WHERE id = $1; '
	  . 'PREPARE a_cd(int) AS SELECT c, d FROM a WHERE id = $1; '
	  . 'PREPARE a_scan AS SELECT b, d FROM a; '
	  . 'PREPARE r_range(int) AS SELECT v FROM r WHERE p = $1 AND c > 1; '
	  . 'PREPARE x_a(int) AS SELECT a, b, v FROM x WHERE a = $1; '
	  . 'PREPARE x_ab(int) AS SELECT a, b, v FROM x WHERE a = $1 AND b > 1; '
	  . 'PREPARE y_a(bigint) AS SELECT v FROM y WHERE a = $1; '
	  . 'PREPARE z_a(int) AS SELECT v FROM z WHERE a = $1;');
is($session->{err}, '', 'foreign tables and prepared statements');
ask(q(CREATE FUNCTION y_of(k bigint) RETURNS int LANGUAGE plpgsql AS
	$$ BEGIN RETURN (SELECT v FROM y WHERE a = k); END $$));
is(ask('EXECUTE a_all(1)'), '1|b|c|30', 'a row');
is(ask('EXECUTE a_bd(1)'), 'b|30', 'of it two columns');
is(ask('EXECUTE a_scan'), 'b|30', 'the same in a full scan');
is(ask('EXECUTE r_range(1)'), '3', 'a range');
is(ask('EXECUTE x_a(1); EXECUTE x_ab(1)'), "1|2|3\n1|2|3", 'a partition');
is(ask('EXECUTE y_a(1); SELECT y_of(1)'), "3\n3", 'a bigint of an int');
is(ask('EXECUTE z_a(1)'), '3', 'an int');

$nodes->cql('ALTER TABLE k.a ADD aa int; ALTER TABLE k.a ADD e int; '
	  . 'UPDATE k.a SET aa = 5, e = 50 WHERE id = 1');
settles('EXECUTE a_all(1)', '1|b|c|30', 'columns added');
settles('EXECUTE a_bd(1)', 'b|30', 'columns added, two columns');
ask('ALTER FOREIGN TABLE a ADD COLUMN e int');
settles('EXECUTE a_bd(1)', 'b|30', 'added in PostgreSQL, too');
settles('SELECT * FROM a WHERE id = 1', '1|b|c|30|50', 'the new column');

$nodes->cql('ALTER TABLE k.a DROP b');
ask('EXECUTE a_bd(1)');
like(
	$session->{err},
	qr/"k"."a" of Cassandra was altered meanwhile.*HINT:/s,
	'a dropped column is told');
ask('EXECUTE a_bd(1)');
like($session->{err}, qr/ERROR:.*"b".*HINT:/s, 'and told again');
ask('EXECUTE a_scan');
like($session->{err}, qr/ERROR:.*"b".*HINT:/s, 'in a full scan, too');
settles('EXECUTE a_cd(1)', 'c|30', 'who does not use it');
$nodes->cql('ALTER TABLE k.a ADD b text; '
	  . "UPDATE k.a SET b = 'é' WHERE id = 1");
settles('EXECUTE a_bd(1)', 'é|30', 'it comes back as another type');
settles('EXECUTE a_scan', 'é|30', 'in a full scan, too');
settles('EXECUTE a_cd(1)', 'c|30', 'the others');
settles('SELECT * FROM a WHERE id = 1', '1|é|c|30|50', 'a whole row');

$nodes->cql('ALTER TABLE k.r RENAME c TO cc');
ask('EXECUTE r_range(1)');
like(
	$session->{err},
	qr/"k"."r" of Cassandra was altered meanwhile.*HINT:/s,
	'a renamed key column');
ask('EXECUTE r_range(1)');
like(
	$session->{err},
	qr/column "c" does not exist.*HINT:/s,
	'is told again');
ask("ALTER FOREIGN TABLE r ALTER COLUMN c OPTIONS (column_name 'cc')");
settles('EXECUTE r_range(1)', '3', 'until the foreign table follows');

$nodes->cql(
	q(DROP TABLE k.x; DROP TABLE k.y; DROP TABLE k.z;
	CREATE TABLE k.x (b int, a int, v int, PRIMARY KEY (b, a));
	INSERT INTO k.x (a, b, v) VALUES (1, 2, 4);
	INSERT INTO k.x (a, b, v) VALUES (2, 1, 5);
	CREATE TABLE k.y (a bigint PRIMARY KEY, v int);
	INSERT INTO k.y (a, v) VALUES (1, 4);
	CREATE TABLE k.z (a text PRIMARY KEY, v int);
	INSERT INTO k.z (a, v) VALUES ('1', 4);));
settles('EXECUTE x_a(1)', '1|2|4', 'another key');
settles('EXECUTE x_ab(1)', '1|2|4', 'another key, a range');
settles('EXECUTE y_a(1)', '4', 'a key of another type');
settles('SELECT y_of(1)', '4', 'in a function');
settles('SELECT y_of(1)', '4', 'once more');
foreach my $told (
	qr/"k"."z" of Cassandra was dropped and made again meanwhile.*HINT:/s,
	qr/ERROR:.*HINT:.*column "a"/s)
{
	is(ask('EXECUTE z_a(1)'), '', 'a key of a type that does not fit');
	like($session->{err}, $told, 'is an error');
}

# Made again in another order: what was promised of rows must hold.
my $ordered = q(CREATE TABLE k.o (p int, c int, PRIMARY KEY (p, c)) %s;
	INSERT INTO k.o (p, c) VALUES (1, 1); INSERT INTO k.o (p, c) VALUES (1, 2);
	INSERT INTO k.o (p, c) VALUES (1, 3); INSERT INTO k.o (p, c) VALUES (2, 0););
$nodes->cql(sprintf($ordered, ''));
ask('IMPORT FOREIGN SCHEMA k LIMIT TO (o) FROM SERVER s INTO public; '
	  . 'PREPARE o_first(int) AS SELECT c FROM o WHERE p = $1 '
	  . 'ORDER BY c LIMIT 2; '
	  . 'PREPARE o_merged(int[]) AS SELECT c FROM o WHERE p = ANY ($1) '
	  . 'ORDER BY c LIMIT 3; '
	  . 'PREPARE o_min(int) AS SELECT min(c), max(c) FROM o WHERE p = $1');
my @in_order = (
	[ 'EXECUTE o_first(1)', "1\n2" ],
	[ "EXECUTE o_merged('{1,2}')", "0\n1\n2" ],
	[ 'EXECUTE o_min(1)', '1|3' ]);
is(ask($_->[0]), $_->[1], $_->[0]) foreach @in_order;
foreach my $change ('DESC', 'ASC')
{
	$nodes->cql('DROP TABLE k.o; '
		  . sprintf($ordered, "WITH CLUSTERING ORDER BY (c $change)"));
	settles(@$_, "$_->[0], now $change") foreach @in_order;
}
$nodes->stop;
$nodes->start;
$nodes->cql('DROP TABLE k.o; '
	  . sprintf($ordered, 'WITH CLUSTERING ORDER BY (c DESC)'));
settles(@$_, "$_->[0], DESC after a restart") foreach @in_order;

# Dropped, and made again.
$nodes->cql('DROP TABLE k.y');
ask('EXECUTE y_a(1)');
like(
	$session->{err},
	qr/table.*does not exist.*HINT:/s,
	'a dropped table is told');
ask('EXECUTE y_a(1)');
like(
	$session->{err},
	qr/table "y" does not exist in keyspace "k".*HINT:/s,
	'and told again');
$nodes->cql('CREATE TABLE k.y (a int PRIMARY KEY, v int); '
	  . 'INSERT INTO k.y (a, v) VALUES (1, 6)');
settles('EXECUTE y_a(1)', '6', 'made again');
$nodes->cql('DROP KEYSPACE k');
ask($look_up);
like($session->{err}, qr/ERROR:.*does not exist.*HINT:/s,
	'a dropped keyspace is told');
ask($look_up);
like(
	$session->{err},
	qr/keyspace "k" does not exist in Cassandra.*HINT:/s,
	'and told again');

$session->quit;
$pg->stop;
done_testing();
