# A statement that joins a foreign table waits for a row of a local one: what
# comes of it once that row has changed is what comes of a join with a local
# table of the same rows.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new('eval_plan_qual');
my ($address, $port) = ($nodes->address, $nodes->port);
$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.kv (id int PRIMARY KEY, n int, v text);
	CREATE TABLE k.ts (p int, c int, v text, PRIMARY KEY (p, c));)
	  . join('', map { "INSERT INTO k.kv (id, n, v) VALUES ($_, $_, 'v$_'); " }
		  1 .. 4)
	  . join('', map { "INSERT INTO k.ts (p, c, v) VALUES (1, $_, 'a$_'); "
			  . "INSERT INTO k.ts (p, c, v) VALUES (2, 1$_, 'b$_'); " }
		  1 .. 3)
	  . "INSERT INTO k.ts (p, c, v) VALUES (2, 14, 'b4');");

my $pg = CassandraNodes::postgres('eval_plan_qual');
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
CREATE SCHEMA far;
CREATE SCHEMA near;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO far;
CREATE TABLE near.kv AS SELECT * FROM far.kv;
CREATE TABLE near.ts AS SELECT * FROM far.ts;
CREATE TABLE l (id int PRIMARY KEY, k int, note text);
ANALYZE near.kv;
ANALYZE near.ts;));

my %session = map { $_ => SqlSession->new($pg) } qw(holder waiter);

# What the waiter gives when the holder has changed its row meanwhile, with
# the tables of one schema.
sub meet
{
	my ($schema, $change, $query, $settings) = @_;
	my ($holder, $waiter) = @session{qw(holder waiter)};

	$holder->ask("TRUNCATE l; INSERT INTO l VALUES (1, 1, 'x'), (9, 9, 'x'); "
		  . 'ANALYZE l');
	$waiter->ask("RESET ALL; SET search_path = $schema, public; $settings");
	$holder->ask("BEGIN; $change");
	$waiter->send($query);
	$pg->poll_query_until('postgres',
		    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity "
		  . "WHERE pid = $waiter->{pid}")
	  or die "$query does not wait";
	$holder->ask('COMMIT');
	$waiter->receive;
	return $waiter->{err} . $waiter->{out};
}

# The plans a join may have.
my %plans = (
	'look-ups' => 'SET enable_hashjoin = off; SET enable_mergejoin = off; '
	  . 'SET enable_material = off',
	'hash' => 'SET enable_nestloop = off; SET enable_mergejoin = off',
	'merge' => 'SET enable_nestloop = off; SET enable_hashjoin = off');

my $locked = 'SELECT l.*, kv.v FROM l JOIN kv ON kv.id = l.k '
  . "WHERE l.note = 'x' FOR UPDATE OF l";
my $outer = 'SELECT l.*, kv.v FROM l LEFT JOIN kv ON kv.id = l.k AND n > 0 '
  . 'WHERE l.id = 1 FOR UPDATE OF l';
my $updated = "UPDATE l SET note = l.note || kv.v FROM kv WHERE kv.id = l.k "
  . "AND kv.n < 100 AND l.note <> 'z' RETURNING l.*";
my $deleted = 'DELETE FROM l USING kv WHERE kv.id = l.k RETURNING l.*, kv.v';
my $merged = 'MERGE INTO l USING kv ON kv.id = l.k '
  . "WHEN MATCHED AND note = 'x' THEN UPDATE SET note = v "
  . "WHEN MATCHED THEN UPDATE SET note = 'other'; SELECT * FROM l";

# [ what the holder does, what the waiter asks, the answer ]
my @joins = (
	[ "UPDATE l SET note = 'y' WHERE id = 1", $locked, '' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1', $locked, '' ],
	[ 'UPDATE l SET k = k WHERE id = 1', $locked, '1|1|x|v1' ],
	[ 'DELETE FROM l WHERE id = 1', $locked, '' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1', $outer, '1|2|x|' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1", $outer, '1|1|y|v1' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1", $updated, '1|1|yv1' ],
	[ "UPDATE l SET note = 'z' WHERE id = 1", $updated, '' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1', $updated, '' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1", $deleted, '1|1|y|v1' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1', $deleted, '' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1", $merged, "9|9|x\n1|1|other" ],
	[ 'UPDATE l SET k = 2 WHERE id = 1', $merged, "9|9|x\n1|2|x" ],
	[ 'UPDATE l SET k = k WHERE id = 1', $merged, "9|9|x\n1|1|v1" ]);

# Sub-selects are run anew with what the row is now; those in FROM are not.
my @others = (
	[ 'UPDATE l SET k = 2 WHERE id = 1',
		'UPDATE l SET note = (SELECT count(*) FROM ts WHERE p = l.k) '
		  . 'WHERE id = 1 RETURNING *', '1|2|4' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1',
		'UPDATE l SET note = (SELECT max(c) FROM ts WHERE p = l.k) '
		  . 'WHERE id = 1 RETURNING *', '1|2|14' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1',
		'UPDATE l SET note = (SELECT v FROM ts WHERE p = l.k '
		  . 'ORDER BY c DESC LIMIT 1) WHERE id = 1 RETURNING *', '1|2|b4' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1',
		'UPDATE l SET note = (SELECT string_agg(v, $$,$$) FROM (SELECT v '
		  . 'FROM ts WHERE p IN (l.k, l.k - 1) ORDER BY c LIMIT 4 OFFSET 1) '
		  . 's) WHERE id = 1 RETURNING *', '1|2|a2,a3,b1,b2' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1',
		'UPDATE l SET note = (SELECT v FROM kv WHERE kv.id = l.k) '
		  . 'WHERE id = 1 RETURNING *', '1|2|v2' ],
	[ 'UPDATE l SET k = 3 WHERE id = 1',
		'UPDATE l SET note = $$y$$ WHERE (SELECT count(*) FROM ts '
		  . 'WHERE p = l.k) > 0 RETURNING *', '' ],
	[ 'UPDATE l SET k = 2 WHERE id = 1',
		'UPDATE l SET note = $$y$$ WHERE (SELECT count(*) FROM ts '
		  . 'WHERE p = l.k) > 0 RETURNING *', '1|2|y' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1",
		'UPDATE l SET note = l.note || s.n FROM (SELECT count(*) AS n '
		  . 'FROM ts WHERE p = 1) s WHERE l.id = s.n - 2 RETURNING l.*',
		'1|1|y3' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1",
		'UPDATE l SET note = l.note || s.v FROM (SELECT v FROM ts '
		  . 'WHERE p = 2 ORDER BY c DESC LIMIT 1) s WHERE l.id = 1 '
		  . 'RETURNING l.*',
		'1|1|yb4' ],
	[ "UPDATE l SET k = 2, note = 'y' WHERE id = 1",
		'SELECT l.*, s.v FROM l CROSS JOIN LATERAL (SELECT v FROM ts '
		  . 'WHERE p = l.k ORDER BY c DESC LIMIT 1) s FOR UPDATE OF l',
		'1|2|y|a3' ],
	[ "UPDATE l SET note = 'y' WHERE id = 1",
		'SELECT l.*, ts.v FROM l JOIN ts ON ts.p = l.k WHERE p = 1 '
		  . 'ORDER BY ts.c DESC LIMIT 2 FOR UPDATE OF l',
		"1|1|y|a3\n1|1|y|a2" ]);

sub compare
{
	my ($name, $settings, $change, $query, $right) = @_;

	foreach my $schema ('near', 'far')
	{
		is(meet($schema, $change, $query, $settings),
			$right, "$name, $schema: $change / " . substr($query, 0, 60));
	}
	return;
}

foreach my $name (sort keys %plans)
{
	compare($name, $plans{$name}, @$_) foreach @joins;
}
compare('sub-selects', '', @$_) foreach @others;

# A foreign table that is changed takes no part in this: its rows are not
# locked, and the local row is as the snapshot has it.
my ($holder, $waiter) = @session{qw(holder waiter)};
$holder->ask("TRUNCATE l; INSERT INTO l VALUES (1, 4, 'x'); BEGIN; "
	  . 'UPDATE l SET k = 3');
is( $waiter->ask('RESET ALL; SET search_path = far, public; '
		  . 'DELETE FROM kv USING l WHERE l.k = kv.id RETURNING kv.*'),
	'4|4|v4',
	'DELETE of a foreign table does not wait');
$waiter->send("UPDATE kv SET v = s.note FROM (SELECT * FROM l FOR UPDATE) s "
	  . "WHERE kv.id = s.k RETURNING kv.*");
$pg->poll_query_until('postgres',
	    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity "
	  . "WHERE pid = $waiter->{pid}")
  or die 'no wait';
$holder->ask('COMMIT');
is($waiter->receive, '3|3|x',
	'but a sub-select that locks does, and gives the row as it is then');
is($waiter->{err}, '', 'without an error');

# Under REPEATABLE READ there is an error instead, and the session lives.
$holder->ask("UPDATE l SET k = 1; BEGIN; UPDATE l SET k = 2");
$waiter->ask('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM l');
$waiter->send('SELECT * FROM l JOIN kv ON kv.id = l.k FOR UPDATE OF l');
$pg->poll_query_until('postgres',
	    "SELECT wait_event_type = 'Lock' FROM pg_stat_activity "
	  . "WHERE pid = $waiter->{pid}")
  or die 'no wait';
$holder->ask('COMMIT');
$waiter->receive;
like($waiter->{err}, qr/could not serialize access/, 'REPEATABLE READ');
is($waiter->ask('ROLLBACK; SELECT v FROM kv WHERE id = 1'),
	'v1', 'the session goes on');

$_->quit foreach values %session;
$pg->stop;
done_testing();
