# What works by reading rows works by counting and grouping them, too: where a
# replica gives up, or the server refuses what would be quicker.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new(
	'guardrails',
	options => [
		'--set', 'tombstone_warn_threshold=1000',
		'--set', 'tombstone_failure_threshold=2000',
		'--set', 'in_select_cartesian_product_warn_threshold=10',
		'--set', 'in_select_cartesian_product_fail_threshold=20'
	]);
$nodes->cql(
	"CREATE KEYSPACE g WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE g.rows (p int, c int, v int, PRIMARY KEY (p, c)); "
	  . "CREATE TABLE g.cells (p int, a int, b int, v int, PRIMARY KEY (p, a, b))");

my $pg = CassandraNodes::postgres('guardrails');
my ($address, $port) = ($nodes->address, $nodes->port);
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA g FROM SERVER s INTO public;
INSERT INTO rows SELECT p, c, c % 7 FROM generate_series(1, 3) p,
  generate_series(1, 12000) c;
INSERT INTO cells SELECT p, a, b, a * b FROM generate_series(1, 2) p,
  generate_series(1, 9) a, generate_series(1, 9) b;));

my $session = SqlSession->new($pg);

# Of twelve rows one stays; a page of all of them meets 11,000 tombstones.
$session->ask('DELETE FROM rows WHERE p < 3 AND c % 12 <> 0');
is($session->{err}, '', 'rows are deleted one by one');
is($session->ask('SELECT count(v), sum(c) FROM rows WHERE p = 1'),
	'1000|6006000', 'the rows of a partition can be read');
is($session->ask('SELECT count(*) FROM rows WHERE p = 1'), '1000', 'and counted');
is( $session->ask('SELECT count(*), min(c), max(v) FROM rows WHERE p = 1'),
	'1000|12|6', 'and their extremes found');
like(
	$session->ask('EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM rows WHERE p = 1'),
	qr/Streams Aggregated Here: 1/, 'here');
is($session->ask('SELECT count(*) FROM rows'), '14000', 'those of the table');
is( $session->ask('SELECT p, count(*), max(c) FROM rows GROUP BY p ORDER BY p'),
	"1|1000|12000\n2|1000|12000\n3|12000|12000", 'groups of it');
is( $session->ask(
		'SELECT p, count(*), max(c) FROM rows WHERE p IN (1, 3) GROUP BY p ORDER BY p'
	),
	"1|1000|12000\n3|12000|12000",
	'groups of some keys');
is( $session->ask(
		'SELECT count(*), count(DISTINCT c), sum(n) FROM (SELECT c, count(*) AS n '
		  . 'FROM rows WHERE p = 2 GROUP BY c) q'
	),
	'1000|1000|1000',
	'groups within a partition');
is($session->ask('SELECT count(*) FROM rows WHERE p = 1 AND v = 3'),
	'143', 'a count beside a filter');

$session->ask('ANALYZE rows');
unlike($session->{err}, qr/ERROR/, 'ANALYZE');
is($session->ask('SELECT reltuples FROM pg_class WHERE relname = \'rows\''),
	'14000', 'knows the size');

# 5 * 5 combinations of lists are more than the node allows.
my $lists = 'a IN (1, 2, 3, 4, 5) AND b IN (5, 6, 7, 8, 9)';
is($session->ask("SELECT count(v), sum(v) FROM cells WHERE p = 1 AND $lists"),
	'25|525', 'lists become requests of their own');
is($session->ask("SELECT count(*) FROM cells WHERE p = 1 AND $lists"),
	'25', 'counted, too');
$session->ask('SET enable_hashjoin = off; SET enable_mergejoin = off; '
	  . 'SET enable_nestloop = off');
my $join = "SELECT count(v), sum(v) FROM generate_series(0, 99) k(p) "
  . "JOIN cells USING (p) WHERE $lists";
like($session->ask("EXPLAIN $join"), qr/Cassandra Key Join/, 'a key join');
is($session->ask($join), '50|1050', 'of such lists');
is( $session->ask(
		"SELECT count(*), count(v) FROM generate_series(0, 99) k(p) "
		  . "LEFT JOIN cells ON cells.p = k.p AND $lists"),
	'148|50', 'and an outer one');
$session->ask('RESET enable_hashjoin; RESET enable_mergejoin; '
	  . 'RESET enable_nestloop');
is( $session->ask(
		"SELECT a, b FROM cells WHERE p = 1 AND $lists ORDER BY a DESC, b DESC LIMIT 3"
	),
	"5|9\n5|8\n5|7",
	'their order stays');
is($session->ask("SELECT a, b FROM cells WHERE p IN (2, 1) AND $lists ORDER BY a, b LIMIT 3"),
	"1|5\n1|5\n1|6", 'of several partitions, too');
is($session->ask("UPDATE cells SET v = 0 WHERE p = 1 AND $lists RETURNING 1")
	  =~ tr/1//, 25, 'UPDATE');
is($session->ask("DELETE FROM cells WHERE p = 1 AND $lists AND v = 0 RETURNING 1")
	  =~ tr/1//, 25, 'DELETE by condition');
$session->ask("DELETE FROM cells WHERE p = 2 AND $lists");
is($session->{err}, '', 'DELETE by the lists alone');
is($session->ask('SELECT p, count(*) FROM cells GROUP BY p ORDER BY p'),
	"1|56\n2|56", 'no more than that');

$session->quit;
$pg->stop;
undef $nodes;

# Where grouping is switched off, and pages are small; an ordinary role,
# because limits do not hold for superusers.
my $plain = CassandraNodes->new(
	'nogroups',
	options => [
		'--auth', '--set', 'group_by_enabled=false',
		'--set', 'page_size_fail_threshold=100'
	]);
$plain->cql(
	"CREATE KEYSPACE g WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE g.rows (p int, c int, v int, PRIMARY KEY (p, c)); "
	  . "CREATE ROLE carol WITH PASSWORD = 'carol' AND LOGIN = true; "
	  . "GRANT SELECT ON g.rows TO carol; GRANT MODIFY ON g.rows TO carol");
$pg->start;
($address, $port) = ($plain->address, $plain->port);
$pg->safe_psql('postgres',
	"ALTER SERVER s OPTIONS (SET host '$address', SET port '$port', ADD fetch_size '100');
	ALTER USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (ADD username 'carol', ADD password 'carol');
	INSERT INTO rows SELECT p, c, c FROM generate_series(1, 40) p, generate_series(1, 5) c");
$session = SqlSession->new($pg);
is( $session->ask(
		'SELECT count(*), sum(n), min(m) FROM (SELECT p, count(*) AS n, max(c) AS m FROM rows GROUP BY p) q'
	),
	'40|200|5',
	'groups are made here, of small pages');
$session->quit;
$pg->safe_psql('postgres', 'ALTER SERVER s OPTIONS (DROP fetch_size)');
$session = SqlSession->new($pg);
$session->ask('SELECT v FROM rows');
like($session->{err}, qr/"fetch_size"/, 'the hint names what sets the size of pages');
$session->quit;
$pg->stop;
done_testing();
