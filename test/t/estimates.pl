# What is known of a table's size in a session that began before Cassandra had
# counted its rows.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new('estimates');
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.t (id int PRIMARY KEY, v text);));

my $pg = CassandraNodes::postgres('estimates');
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;));

my $session = SqlSession->new($pg);

sub expected
{
	return ($session->ask('EXPLAIN SELECT * FROM t') =~ /rows=(\d+)/)[0];
}

my $guess = expected();
$session->ask('INSERT INTO t SELECT g FROM generate_series(1, 3000) g');
is(expected(), $guess, 'a guess at first');
$nodes->nodetool(1, 'flush', 'k');
$nodes->nodetool(1, 'refreshsizeestimates');
my $end = time + 60;
sleep 1 while expected() == $guess && time < $end;
cmp_ok(expected(), '>', 2000, 'what Cassandra counted is noticed');
cmp_ok(expected(), '<', 4500, 'and it is about right');

$session->quit;
$pg->stop;
done_testing();
