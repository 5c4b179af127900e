# A node that says it is overloaded makes a load slower, not fail.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;

my $rows = 6000;
my $nodes = CassandraNodes->new(
	'write_overload',
	options => [
		'--set', 'native_transport_throw_on_overload=true',
		'--set', 'native_transport_rate_limiting_enabled=true',
		'--set', 'native_transport_max_requests_per_second=1000'
	]);
$nodes->cql(
	"CREATE KEYSPACE o WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE o.t (id int PRIMARY KEY, v text)");

my $pg = PostgreSQL::Test::Cluster->new('write_overload');
$pg->init;
$pg->start;
my ($address, $port) = ($nodes->address, $nodes->port);
$pg->safe_psql(
	'postgres', qq(
CREATE EXTENSION cassandra_fdw;
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', batch_size '1');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA o FROM SERVER s INTO public;));

# The first load finds a node that has nothing to do; the second one follows
# at once and meets its limit.
my ($out, $retries) = ('', 0);
foreach my $load (1, 2)
{
	my ($status, $err);

	($status, $out, $err) = $pg->psql(
		'postgres', "EXPLAIN (ANALYZE, COSTS OFF) INSERT INTO t
		 SELECT g, 'load $load' FROM generate_series(1, $rows) g");
	is($err, '', "load $load: no error");
	like($out, qr/Rows Written: $rows\b/, "load $load: all rows are written");
	$retries += $1 if $out =~ /Retries: (\d+)/;
	sleep 2;
	is( $pg->safe_psql('postgres', "SELECT count(*) FROM t "
			  . "WHERE v = 'load $load'"),
		$rows, "load $load: all rows are there");
}
cmp_ok($retries, '>', 0, 'the node refused requests, which were sent again');

$pg->stop;
done_testing();
