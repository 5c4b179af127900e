# A server that answers plain writes as if they were conditional, and not
# applied: nothing says that they were done.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use Forwarder;
use SqlSession;

my $nodes = CassandraNodes->new('write_answers');
my ($address, $port) = ($nodes->address, $nodes->port);
$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.t (k int, c int, v int, PRIMARY KEY (k, c));));

# The one row of a result: [applied] is false.
my $rows = pack 'N N N n/a n/a n/a n N N C',
  2, 1, 1, 'k', 't', '[applied]', 4, 1, 1, 0;

# A frame of version 4 whose body is "void".
sub lie
{
	my ($bytes) = @_;

	$bytes =~ s/\x84\x00(..)\x08\x00\x00\x00\x04\x00\x00\x00\x01/
	  "\x84\x00$1\x08" . pack('N', length $rows) . $rows/gsex;
	return $bytes;
}

my $liar = Forwarder->new($address, $port, \&lie);
my $pg = CassandraNodes::postgres('write_answers');
my $liars_port = $liar->port;
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE SERVER liar FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '127.0.0.1', port '$liars_port', protocol_version '4',
    address_map '$address=127.0.0.1');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
CREATE USER MAPPING FOR CURRENT_USER SERVER liar;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;
CREATE FOREIGN TABLE lied (k int, c int, v int) SERVER liar
  OPTIONS (keyspace 'k', table_name 't');
INSERT INTO t VALUES (1, 1, 1), (1, 2, 2);));

my $session = SqlSession->new($pg);

foreach my $statement (
	'INSERT INTO lied VALUES (2, 1, 1)',
	'INSERT INTO lied SELECT 3, g, g FROM generate_series(1, 10) g',
	'UPDATE lied SET v = 5 WHERE k = 1 AND c = 1',
	'DELETE FROM lied WHERE k = 1 AND v = 2',
	'DELETE FROM lied WHERE k = 1')
{
	$session->ask($statement);
	like($session->{err}, qr/did not tell that rows were written/, $statement);
	unlike($session->{err}, qr/WARNING.*WARNING/s, "$statement: once");
}
is($session->ask('SELECT count(*) FROM lied WHERE k = 3'),
	'10', 'reads go on; the rows are there, as the node has written them');

$pg->stop;
done_testing();
