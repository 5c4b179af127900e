# A node with tiny limits: that it is overloaded makes a load slower, that a
# batch is too large makes the batches smaller; neither makes it fail.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;

my $rows = 3000;
my $nodes = CassandraNodes->new(
	'write_overload',
	options => [
		'--set', 'native_transport_throw_on_overload=true',
		'--set', 'native_transport_rate_limiting_enabled=true',
		'--set', 'native_transport_max_requests_per_second=400',
		'--set', 'max_mutation_size=40KiB'
	]);
$nodes->cql(
	"CREATE KEYSPACE o WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE o.t (id int PRIMARY KEY, v text); "
	  . "CREATE TABLE o.wide (p int, c int, v text, PRIMARY KEY (p, c))");

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

# Rows of one partition share batches of up to 64 KiB, unless that is refused.
$pg->safe_psql('postgres', "ALTER SERVER s OPTIONS (DROP batch_size)");
my $err;
(undef, $out, $err) = $pg->psql(
	'postgres', "EXPLAIN (ANALYZE, COSTS OFF) INSERT INTO wide
	 SELECT 1, g, repeat('x', 1000) FROM generate_series(1, 500) g");
is($err, '', 'batches too large: no error');
like($out, qr/Rows Written: 500\b/, 'batches too large: all is written');
like($out, qr/Batches: [1-9]/, 'batches too large: smaller ones are taken');
is($pg->safe_psql('postgres', 'SELECT count(*) FROM wide'),
	'500', 'batches too large: all rows are there');

# Rows that were refused so and sent again are told of once.
(undef, undef, $err) = $pg->psql(
	'postgres', "BEGIN; INSERT INTO wide
	 SELECT 3, g, repeat('x', 1000) FROM generate_series(1, 500) g; ROLLBACK");
like($err, qr/Rows sent for foreign table "wide": 500\./,
	'batches too large: a rollback counts each row once');

# The one row that is too large is found among those that went with it.
(undef, undef, $err) = $pg->psql(
	'postgres', "INSERT INTO wide SELECT 2, g,
	 repeat('x', CASE g WHEN 33 THEN 50000 ELSE 100 END)
	 FROM generate_series(1, 40) g");
like(
	$err,
	qr/ERROR:.*(oversized|exceeds).*
		Row\ \(p,\ c\)=\(2,\ 33\)\ of\ foreign\ table\ "wide"\ could.*
		column\ "v",\ has\ 50000\ bytes.*
		HINT:.*max_mutation_size/sx,
	'a row too large is named, and its column');
my ($sure) = $err =~ /acknowledged before: (\d+)/;
cmp_ok($pg->safe_psql('postgres', 'SELECT count(*) FROM wide WHERE p = 2'),
	'>=', $sure, 'what was acknowledged is there');
is( $pg->safe_psql('postgres',
		'SELECT count(*) FROM wide WHERE p = 2 AND c = 33'),
	'0',
	'and that row is not');

$pg->stop;
done_testing();
