# Two data centres: statements run in the local one or not at all.
use strict;
use warnings;
use Time::HiRes qw(usleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use Forwarder;
use SqlSession;

my $nodes = CassandraNodes->new(
	'datacenters',
	options => [
		'--nodes', 2, '--dc', 'dc1,dc2', '--rack', 'r1,r2',
		'--heap', '300M', '--max-heap', '500M',
		'--jvm=-Dcassandra.ring_delay_ms=3000', '--commitlog-batch'
	]);
my $port = $nodes->port;
my @address = map { $nodes->address($_) } 0 .. 2;

$nodes->cql(
	q(CREATE KEYSPACE ks WITH replication = {
	  'class': 'NetworkTopologyStrategy', 'dc1': 1, 'dc2': 1};
	CREATE TABLE ks.t (p int PRIMARY KEY, v text);
	INSERT INTO ks.t (p, v) VALUES (1, 'one');));

my $pg = CassandraNodes::postgres('datacenters');

# A server with these options and its table in a schema of its name.
sub server
{
	my ($name, %options) = @_;
	my $clause = join ', ', map { "$_ '$options{$_}'" } sort keys %options;

	$pg->safe_psql(
		'postgres', qq(
CREATE SERVER $name FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (port '$port', $clause);
CREATE USER MAPPING FOR CURRENT_USER SERVER $name;
CREATE SCHEMA $name;
CREATE FOREIGN TABLE $name.t (p int, v text) SERVER $name
  OPTIONS (keyspace 'ks', table_name 't');));
	return;
}

# How often the words are in what the session said.
sub said
{
	my ($session, $words) = @_;
	my @found = $session->{err} =~ /$words/g;

	return scalar @found;
}

# Numbers of the nodes that executed what is asked, each as often as it did.
sub coordinators
{
	my ($session, $sql) = @_;
	my %number = map { ($address[$_] => $_) } 1 .. 2;

	$session->ask("SET cassandra_fdw.trace = on; $sql");
	return map { $number{$_} // $_ }
	  $session->{err} =~ /coordinator was ([\d.]+):/g;
}

# Requests of all connections from here, as the node counts them.
sub requests
{
	my ($node) = @_;
	my $sum = 0;

	foreach my $line (
		split /\n/,
		$nodes->cql(
			'SELECT driver_name, request_count FROM system_views.clients',
			$node))
	{
		my ($driver, $count) = split /\t/, $line;
		$sum += $count if $driver eq 'cassandra_fdw';
	}
	return $sum;
}

my $look_up = 'SELECT v FROM %s.t WHERE p = 1';
my $write =
  "SELECT cassandra_execute('%s', 'UPDATE ks.t SET v = ''one'' WHERE p = 1')";
my $batch = "SELECT cassandra_batch('%s', "
  . "ARRAY['UPDATE ks.t SET v = ''one'' WHERE p = 1'])";

sub of { my ($sql, $server) = @_; return sprintf $sql, $server; }

# ---- the first statement of a session, the contact point being far ----

server('near', host => $address[2], local_datacenter => 'dc1');
server('several', host => "$address[2],$address[1]", local_datacenter => 'dc1');
server(
	'racked',
	host => $address[2],
	local_datacenter => 'dc1',
	rack => 'r2');

foreach my $sql ($write, $look_up, $batch)
{
	foreach my $server (qw(near several racked))
	{
		my $session = SqlSession->new($pg);

		is_deeply([ coordinators($session, of($sql, $server)) ],
			[1], "the first statement, server $server: " . of($sql, $server));
		is(said($session, 'WARNING'), 0, 'no warning');
		$session->quit;
	}
}

# ---- and all others ----

my $session = SqlSession->new($pg);
is($session->ask(of($look_up, 'near')), 'one', 'a look-up');
my $far = requests(2);
my $near = requests(1);
my @found =
  coordinators($session, join '; ', map { of($look_up, 'near') } 1 .. 60);
is(scalar(@found), 60, 'as many statements were traced');
is(scalar(grep { $_ eq '1' } @found), 60, 'all run in the local data center');
$session->ask(of($write, 'near')) foreach 1 .. 10;
is(requests(2), $far, 'the far contact point got no request');
cmp_ok(requests(1), '>=', $near + 70, 'the near node got them');
is( $session->ask(
		'SELECT datacenter, local FROM cassandra_connections() '
		  . 'ORDER BY datacenter'),
	"dc1|t\ndc2|f",
	'what is local is shown');
$session->quit;

# ---- a data centre that there is not ----

server('misnamed', host => $address[1], local_datacenter => 'DC1');
$session = SqlSession->new($pg);
foreach my $sql ($look_up, $write,
	'IMPORT FOREIGN SCHEMA ks FROM SERVER %s INTO public', $look_up)
{
	$session->ask(of($sql, 'misnamed'));
	is(said($session, 'ERROR:'), 1, 'refused: ' . of($sql, 'misnamed'));
	like(
		$session->{err},
		qr/no\ node\ is\ in\ the\ local\ data\ center\ "DC1"
			.*Data\ centers\ of\ the\ cluster:\ "dc1",\ "dc2"\.
			.*HINT:.*"local_datacenter"/sx,
		'the data centers are told');
	is(said($session, 'WARNING'), 0, 'once');
}
$session->ask(of($look_up, 'misnamed') . ";\n\\echo :LAST_ERROR_SQLSTATE\n");
is($session->{out}, 'HV024', 'SQLSTATE');
$session->ask("ALTER SERVER misnamed OPTIONS (SET local_datacenter 'dc1')");
is($session->ask(of($look_up, 'misnamed')),
	'one', 'it works as soon as the option is right');
$session->quit;

server(
	'elsewhere',
	host => $address[2],
	local_datacenter => 'dc3',
	remote_dc_failover => 'true');
$session = SqlSession->new($pg);
is($session->ask(of($look_up, 'elsewhere')), 'one', 'others may be asked');
is( said(
		$session,
		'WARNING:  no node of server "elsewhere" is in its local data center'),
	1,
	'with a warning');
$session->quit;

# ---- none is named ----

server('unnamed', host => $address[2]);
$session = SqlSession->new($pg);
$session->ask(of($look_up, 'unnamed'));
is(said($session, 'WARNING'), 1, 'a warning');
like(
	$session->{err},
	qr/"unnamed"\ has\ nodes\ in\ more\ than\ one.*is\ taken:\ 'dc2'/sx,
	'that names the one taken');
my ($hint) = $session->{err} =~ /(ALTER SERVER .*;)/;
is_deeply(
	[ coordinators($session, join '; ', (of($look_up, 'unnamed')) x 10) ],
	[ (2) x 10 ], 'statements run there');
is(said($session, 'WARNING'), 0, 'no other warning in the session');
$session->ask('SELECT cassandra_disconnect_all()');
$session->ask(of($look_up, 'unnamed'));
is(said($session, 'WARNING'), 0, 'nor by another connection of it');
$session->quit;
$session = SqlSession->new($pg);
$session->ask(of($write, 'unnamed'));
is(said($session, 'WARNING'), 1, 'one in another session');
$session->ask($hint);
is($session->{err}, '', 'what the hint says is done');
$session->quit;
$session = SqlSession->new($pg);
$session->ask(of($look_up, 'unnamed'));
is($session->{err}, '', 'and ends the warning');
$session->quit;

# ---- addresses to dial ----

my $forwarder = Forwarder->new($address[1], $port);
server(
	'mapped',
	host => $address[2],
	local_datacenter => 'dc1',
	address_map => "$address[1]=127.0.0.1:" . $forwarder->port);
$session = SqlSession->new($pg);
is($session->ask(of($look_up, 'mapped')), 'one', 'an address is mapped');
is( $session->ask(
		'SELECT address, connections FROM cassandra_connections() '
		  . "WHERE datacenter = 'dc1'"),
	'127.0.0.1:' . $forwarder->port . '|1',
	'the other one is dialled');
is(scalar($session->connections($port, $address[1])), 0, 'and it is not');
$session->quit;

# ---- failover ----

server(
	'failover',
	host => $address[2],
	local_datacenter => 'dc1',
	remote_dc_failover => 'true');
my $steady = SqlSession->new($pg);
is_deeply(
	[ coordinators($steady, join '; ', (of($look_up, 'failover')) x 10) ],
	[ (1) x 10 ],
	'no failover while the near node answers');
my $strict = SqlSession->new($pg);
$strict->ask(of($look_up, 'near'));
$nodes->stop(1);

my $fresh = SqlSession->new($pg);
is_deeply([ coordinators($fresh, of($look_up, 'failover')) ],
	[2], 'a new session goes elsewhere');
$fresh->quit;
is_deeply([ coordinators($steady, of($look_up, 'failover')) ],
	[2], 'one that was there before, too');

$far = requests(2);
$strict->ask(of($look_up, 'near'));
like(
	$strict->{err},
	qr/Nodes\ outside\ of\ the\ local\ data\ center\ "dc1"\ were\ not\ asked
		.*HINT:.*"remote_dc_failover"/sx,
	'without the option it is an error');
is(requests(2), $far, 'and no other node is asked');
$fresh = SqlSession->new($pg);
$fresh->ask(of($write, 'near'));
like(
	$fresh->{err},
	qr/ERROR:.*outside of the local data center "dc1"/s,
	'so in a new session');
$fresh->quit;

$nodes->start(1);
foreach (1 .. 100)
{
	@found = coordinators($steady, of($look_up, 'failover'));
	last if "@found" eq '1';
	usleep(200_000);
}
is("@found", '1', 'statements come back');
$strict->ask(of($look_up, 'near')) foreach 1 .. 2;
is($strict->{out}, 'one', 'the session without the option lives');

$steady->quit;
$strict->quit;
$pg->stop;
done_testing();
