# Tables of Cassandra that are altered, or dropped and made again, while
# sessions are warm on them: nothing is written under a wrong layout, nothing
# is answered for another table, and what is not used disturbs nothing.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new('table_changes');
my $pg = CassandraNodes::postgres('table_changes');
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql("CREATE KEYSPACE f WITH replication = {'class': "
	  . "'SimpleStrategy', 'replication_factor': 1}");
$pg->safe_psql('postgres', qq(
CREATE SERVER s5 FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', keyspace 'f');
CREATE SERVER s4 FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', keyspace 'f', protocol_version '4');
CREATE USER MAPPING FOR CURRENT_USER SERVER s5;
CREATE USER MAPPING FOR CURRENT_USER SERVER s4;));

# New sessions, a table made by these statements, and its foreign table.
my @sessions = ();

sub begin
{
	my ($server, $columns, @cql) = @_;

	$_->quit foreach @sessions;
	$nodes->cql(join '; ', 'DROP TABLE IF EXISTS f.t', @cql);
	$pg->safe_psql('postgres', "DROP FOREIGN TABLE IF EXISTS t; "
		  . "CREATE FOREIGN TABLE t ($columns) SERVER $server");
	@sessions = map { SqlSession->new($pg) } 1 .. 2;
	$_->ask("SET plan_cache_mode = force_generic_plan") foreach @sessions;
	return @sessions;
}

sub again { $nodes->cql(join '; ', 'DROP TABLE f.t', @_); return }

sub refused
{
	my ($session, $sql, $what) = @_;

	is($session->ask($sql), '', "$what: no answer");
	like($session->{err}, qr/ERROR:.*(?:made again|altered|has changed)/,
		"$what: the table is another");
	return;
}

my $rows = join '; ',
  map { "INSERT INTO f.t (k, c, v) VALUES (1, $_, ${_}0)" } 1 .. 5;

foreach my $server ('s5', 's4')
{
	# ---- a key that grew: one row's DELETE is no partition's ----
	foreach my $sql ('DELETE FROM t WHERE k = 1 AND v = 20',
		'DELETE FROM t WHERE k = 1 AND v = 20 RETURNING v',
		'EXECUTE d(1, 20)',
		'DELETE FROM t WHERE k = 1',
		'UPDATE t SET v = 7 WHERE k = 1')
	{
		my ($one, $two) = begin($server, 'k int, c int, v int',
			'CREATE TABLE f.t (k int PRIMARY KEY, c int, v int)',
			'INSERT INTO f.t (k, c, v) VALUES (9, 1, 20)');
		foreach my $session ($one, $two)
		{
			$session->ask('PREPARE d(int, int) AS '
				  . 'DELETE FROM t WHERE k = $1 AND v = $2');
			$session->ask($sql);
			$session->ask('SELECT * FROM t');
		}
		again('CREATE TABLE f.t (k int, c int, v int, PRIMARY KEY (k, c))',
			$rows);
		refused($one, $sql, "$server, $sql");
		refused($two, $sql, "$server, $sql, second session");
		is( $nodes->cql('SELECT count(*) FROM f.t') =~ /\b5\b/, 1,
			'all rows are there');
		$two->ask($sql);
		is($two->{err}, '', 'and done when it is run again');
		is( $two->ask('SELECT count(*), count(*) FILTER (WHERE v = 7) FROM t'),
			$sql =~ /20/ ? '4|0' : $sql =~ /UPDATE/ ? '5|5' : '0|0',
			'as SQL says');
	}

	# ---- types ----
	foreach my $types ([ 'int', 'float', 1108344832 ],
		[ 'bigint', 'double', 7 ], [ 'float', 'int', 3 ])
	{
		my ($was, $is, $value) = @$types;
		my ($one, $two) = begin($server, 'k int, v bigint',
			"CREATE TABLE f.t (k int PRIMARY KEY, v $was)");
		$_->ask('INSERT INTO t VALUES (1, 1)') foreach $one, $two;
		again("CREATE TABLE f.t (k int PRIMARY KEY, v $is)");
		refused($_, "INSERT INTO t VALUES (2, $value)",
			"$server, $was made again as $is")
		  foreach $one, $two;
		is($one->ask('SELECT count(*) FROM t'), '0', 'nothing was written');
		$two->ask("INSERT INTO t VALUES (2, $value)");
		is($two->ask('SELECT v FROM t'), $value, 'the value is the value');
	}

	# ---- constants that were folded ----
	my ($one, $two) = begin($server, 'k bigint, v int',
		'CREATE TABLE f.t (k int PRIMARY KEY, v int)');
	foreach my $session ($one, $two)
	{
		$session->ask('PREPARE q(bigint) AS SELECT v FROM t WHERE k = $1');
		is($session->ask('EXECUTE q(5000000000)'), '', 'out of range');
		$session->ask('SELECT * FROM t WHERE k = 1');
	}
	again('CREATE TABLE f.t (k bigint PRIMARY KEY, v int)',
		'INSERT INTO f.t (k, v) VALUES (5000000000, 1)');
	refused($one, 'UPDATE t SET v = 2 WHERE k = 5000000000', 'UPDATE');
	is($one->ask('SELECT v FROM t WHERE k = 5000000000'), '1', 'found then');
	refused($two, 'EXECUTE q(5000000000)', 'a look-up');
	is($two->ask('EXECUTE q(5000000000)'), '1', 'found then');
	is( $two->ask(
			'WITH d AS (DELETE FROM t WHERE k = 5000000000 RETURNING 1) '
			  . 'SELECT count(*) FROM d'),
		'1',
		'and deleted');
	$two->ask('INSERT INTO t VALUES (5000000000, 1)');
	again('CREATE TABLE f.t (k int PRIMARY KEY, v int)');
	$two->ask('INSERT INTO t VALUES (5000000001, 1)');
	$two->ask('INSERT INTO t VALUES (5000000001, 1)');
	like($two->{err}, qr/out of range/, 'a value that is too large now');
	again('CREATE TABLE f.t (k bigint PRIMARY KEY, v int)');
	$two->ask('INSERT INTO t VALUES (5000000001, 1)');
	$two->ask('INSERT INTO t VALUES (5000000001, 1)');
	is($two->{err}, '', 'is not refused for ever');
}

# ---- a session that knows the old schema, and a new foreign table ----

my ($one, $two) = begin('s5', 'k int, v int',
	'CREATE TABLE f.t (k int PRIMARY KEY, v int)');
$_->ask('SELECT * FROM t WHERE k = 1') foreach $one, $two;
again('CREATE TABLE f.t (k int PRIMARY KEY, v timestamp)',
	"INSERT INTO f.t (k, v) VALUES (1, '2025-01-01')");
$pg->safe_psql('postgres', 'CREATE FOREIGN TABLE t2 (k int, v timestamptz) '
	  . "SERVER s5 OPTIONS (table_name 't')");
is($one->ask('SELECT extract(year FROM v) FROM t2 WHERE k = 1'),
	'2025', 'the schema is read again before it is an error');
$one->ask('SELECT v FROM t WHERE k = 1') for 1 .. 2;
like($one->{err}, qr/cannot be converted to type integer/, 'which it is');
again('CREATE TABLE f.t (k int PRIMARY KEY, v int)',
	'INSERT INTO f.t (k, v) VALUES (1, 5)');
is($one->ask('SELECT v FROM t WHERE k = 1'), '5', 'but not for ever');
$pg->safe_psql('postgres',
	'DROP FOREIGN TABLE t; IMPORT FOREIGN SCHEMA f LIMIT TO (t) '
	  . 'FROM SERVER s5 INTO public');
is($two->ask('SELECT v FROM t WHERE k = 1'),
	'5', 'a foreign table imported by somebody else');

# ---- what is not used ----

($one, $two) = begin('s5', 'k int, c int, v int, x int',
	'CREATE TABLE f.t (k int, c int, v int, x int, PRIMARY KEY (k, c))');
$one->ask('INSERT INTO t SELECT i % 3, i, i FROM generate_series(1, 30000) i');
$one->ask('PREPARE q(int) AS SELECT count(v) FROM t WHERE k = $1');
is($one->ask('EXECUTE q(1)'), '10000', 'a prepared statement');
my $n = 0;
foreach my $cql ('ALTER TABLE f.t ADD z int', 'ALTER TABLE f.t DROP z',
	'CREATE INDEX tv ON f.t (v)', 'DROP INDEX f.tv', 'ALTER TABLE f.t DROP x')
{
	$one->ask('BEGIN; SET LOCAL cassandra_fdw.scan_concurrency = 1; '
		  . 'DECLARE cur CURSOR FOR SELECT k, c, v FROM t');
	$one->ask('FETCH 10 FROM cur');
	$nodes->cql($cql);
	$one->ask('MOVE FORWARD ALL FROM cur');
	is($one->{err}, '', "$cql: a cursor goes on");
	$one->ask('COMMIT');
	is($one->ask('EXECUTE q(1)'), '10000', "$cql: a prepared statement");
	is($two->ask('SELECT count(*) FROM t WHERE k = 2'),
		'10000', "$cql: another session");

	$two->send('UPDATE t SET v = v + 1 WHERE v >= 0');
	$nodes->cql("ALTER TABLE f.t ADD y$_ int") foreach 1 + $n, 2 + $n;
	$n += 2;
	$two->receive;
	is($two->{err}, '', "$cql: an UPDATE under way");
}
is($one->ask('SELECT sum(v - c) FROM t'),
	'150000', 'every UPDATE has reached every row');
is($one->ask('SELECT x FROM t WHERE k = 1'), '', 'what was dropped');
like($one->{err}, qr/column "x" does not exist/, 'is an error where used');
$one->ask('INSERT INTO t (k, c, v) VALUES (7, 7, 7)');
is($one->ask('SELECT k, v FROM t WHERE k = 7'), '7|7', 'and only there');

# ---- keys that change their names ----

($one, $two) = begin('s5', 'k int, c int, v int',
	'CREATE TABLE f.t (k int, c int, v int, PRIMARY KEY (k, c))',
	'INSERT INTO f.t (k, c, v) VALUES (1, 2, 3)',
	'INSERT INTO f.t (k, c, v) VALUES (2, 1, 4)');
$_->ask('DELETE FROM t WHERE k = 9') foreach $one, $two;
$nodes->cql("ALTER TABLE f.t RENAME $_")
  foreach 'k TO x', 'c TO k', 'x TO c';
refused($one, 'DELETE FROM t WHERE k = 1', 'a DELETE by another key');
is($two->ask('SELECT c, v FROM t WHERE k = 1'), '', 'a look-up');
is($two->ask('SELECT c, v FROM t WHERE k = 1'), '2|4', 'by its new name');
$one->ask('DELETE FROM t WHERE k = 1');
is($two->ask('SELECT k, c, v FROM t'), '2|1|3', 'the right row is deleted');

# ---- views ----

SKIP: {
	my $view = 'CREATE MATERIALIZED VIEW f.w AS SELECT * FROM f.t '
	  . 'WHERE v IS NOT NULL AND k IS NOT NULL AND c IS NOT NULL '
	  . 'PRIMARY KEY';
	($one, $two) = begin('s5', 'k int, c int, v int',
		'CREATE TABLE f.t (k int, c int, v int, PRIMARY KEY (k, c))', $rows);
	skip 'no materialized views', 3
	  unless eval { $nodes->cql("$view (v, k, c)"); 1 };
	$pg->safe_psql('postgres', 'CREATE FOREIGN TABLE w (k int, c int, v int) '
		  . 'SERVER s5');
	is($one->ask('SELECT k, c FROM w WHERE v = 20'), '1|2', 'a view');
	$nodes->cql("DROP MATERIALIZED VIEW f.w; $view (k, v, c)");
	refused($one, 'SELECT k, c FROM w WHERE v = 20', 'made again');
	$nodes->cql('DROP MATERIALIZED VIEW f.w');
}

# ---- plans of others, and memory ----

($one, $two) = begin('s5', 'k int, v int',
	'CREATE TABLE f.t (k int PRIMARY KEY, v int)');
$one->ask('SET plan_cache_mode = auto');
$one->ask('PREPARE p AS SELECT 1');
$one->ask('PREPARE q AS SELECT v FROM t WHERE k = 1');
$one->ask($_) foreach ('EXECUTE p', 'EXECUTE q') x 2;
my $plans = "SELECT generic_plans FROM pg_prepared_statements "
  . "WHERE name = 'p'";
$one->ask('SELECT * FROM t WHERE k = 1/0');
$one->ask('SELECT nothing FROM t');
again('CREATE TABLE f.t (k int PRIMARY KEY, v text)');
$one->ask('EXECUTE q');
$one->ask('EXECUTE p');
is($one->ask($plans), '3', 'other statements keep their plans');
my $used = "SELECT sum(used_bytes) FROM pg_backend_memory_contexts "
  . "WHERE name LIKE 'cassandra_fdw%' AND name NOT LIKE '%cluster%'";
again('CREATE TABLE f.t (k int PRIMARY KEY, v int)');
my $cycle = q(DO $$ BEGIN FOR i IN 1 .. 100 LOOP
  CREATE FOREIGN TABLE gone (k int, v int)
    SERVER s5 OPTIONS (table_name 't');
  PERFORM * FROM gone WHERE k = 1;
  DROP FOREIGN TABLE gone;
END LOOP; END $$);
$one->ask($cycle);
my $before = $one->ask($used);
$one->ask($cycle);
is($one->{err}, '', 'foreign tables come and go');
cmp_ok($one->ask($used) - $before, '<', 20000, 'and leave no memory');

$_->quit foreach @sessions;
$pg->stop;
done_testing();
