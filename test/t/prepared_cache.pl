# A node whose cache of prepared statements is full: it forgets what it was
# just asked to prepare.  Nothing may fail for that.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $rounds = $ENV{PREPARED_ROUNDS} // 300;

my $nodes = CassandraNodes->new('prepared_cache',
	options => [ '--set', 'prepared_statements_cache_size=1MiB' ]);
my $columns = join ', ', map { "c$_ int" } 0 .. 39;
$nodes->cql(
	"CREATE KEYSPACE f WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE f.wide (id int PRIMARY KEY, $columns)");

my $pg = CassandraNodes::postgres('prepared_cache');
my ($address, $port) = ($nodes->address, $nodes->port);
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA f FROM SERVER s INTO public;
INSERT INTO wide (id, c0, c1) SELECT i, i, i FROM generate_series(1, 3) i;
CREATE TABLE done (kind text, wrong bigint, failed bigint);));

# Statements that differ by their columns, as an application's do.
sub rounds
{
	my ($kind, $sql, $right) = @_;

	return qq(DO \$\$
DECLARE
  n bigint; wrong bigint := 0; failed bigint := 0; a int; b int;
BEGIN
  FOR i IN 1 .. $rounds LOOP
    a := i % 40; b := (i / 40) % 40;
    BEGIN
      EXECUTE format($sql) INTO n;
      IF n IS DISTINCT FROM ($right) THEN wrong := wrong + 1; END IF;
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING '%', SQLERRM;
      failed := failed + 1;
    END;
  END LOOP;
  INSERT INTO done VALUES ('$kind', wrong, failed);
END \$\$);
}

my $session = SqlSession->new($pg);
$session->ask("SET cassandra_fdw.rollback_warning = off");
$session->ask(
	rounds(
		'read',
		"'SELECT count(c%s) + 0 * count(c%s) FROM wide "
		  . "WHERE id IN (1, 2, 3)', a, b",
		'CASE WHEN a < 2 THEN 3 ELSE 0 END'));
$session->ask(
	rounds(
		'write',
		"'WITH w AS (UPDATE wide SET c%s = %s, c%s = %s WHERE id = 7 "
		  . "RETURNING 1) SELECT count(*) FROM w', a, i, (a + 1 + b) % 40, i",
		'0'));
is($session->ask('SELECT * FROM done ORDER BY kind'),
	"read|0|0\nwrite|0|0", 'nothing fails where a node keeps no statement');
$session->ask("INSERT INTO wide (id, c5) SELECT i, i "
	  . "FROM generate_series(100, 400) i");
is($session->ask('SELECT count(c5) FROM wide WHERE id >= 100'),
	'301', 'rows are written and counted');

$session->quit;
$pg->stop;
done_testing();
