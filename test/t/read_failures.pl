# Reads that a replica gives up because it meets too many deleted rows: less
# is asked for at a time, and where that does not help the reason is told.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new(
	'read_failures',
	options => [
		'--set', 'tombstone_warn_threshold=1000',
		'--set', 'tombstone_failure_threshold=2000'
	]);
$nodes->cql(
	"CREATE KEYSPACE f WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE f.many (p int, c int, v int, PRIMARY KEY (p, c)); "
	  . "CREATE TABLE f.one (p int, c int, v int, PRIMARY KEY (p, c))");

my $pg = CassandraNodes::postgres('read_failures');
my ($address, $port) = ($nodes->address, $nodes->port);
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA f FROM SERVER s INTO public;
INSERT INTO many SELECT p, c, 1
  FROM generate_series(1, 500) p, generate_series(1, 110) c;
INSERT INTO one SELECT 1, c, 1 FROM generate_series(1, 5000) c;));

my $session = SqlSession->new($pg);

# One row in eleven stays; each of the others is a row deleted by itself.
$session->ask('DELETE FROM many WHERE c % 11 <> 0');
is($session->{err}, '', 'rows are deleted one by one');
is($session->ask('SELECT count(*) FROM many'),
	'5000', 'a count over more deleted rows than a read may meet');
is($session->ask('SELECT count(v), sum(c) FROM many'),
	'5000|302500', 'a scan over them');
like(
	$session->ask(
		'EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM many'),
	qr/Ranges Split: [1-9]/,
	'by smaller ranges');

# In one partition nothing is left to be halved.
$session->ask('DELETE FROM one WHERE c < 5000 AND v = 1');
is($session->ask('SELECT count(v) FROM one WHERE p = 1'),
	'', 'a partition that is full of them');
like(
	$session->{err},
	qr/ERROR:.*DETAIL:.*tombstones/si,
	'is an error that tells of tombstones');
is($session->ask('SELECT count(v) FROM one WHERE p = 1 AND c > 4999'),
	'1', 'what lies beside them can be read');
is($session->ask('SELECT count(*) FROM many WHERE p = 7'),
	'10', 'the session lives');

$session->quit;
$pg->stop;
done_testing();
