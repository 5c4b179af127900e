# Several nodes, racks and data centres: who is asked, and who is not.
use strict;
use warnings;
use Time::HiRes qw(time usleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

# Nodes 1 to 3 in dc1, the last of them in another rack; node 4 in dc2.
my $nodes = CassandraNodes->new(
	'topology',
	options => [
		'--nodes', 4, '--dc', 'dc1,dc1,dc1,dc2',
		'--rack', 'r1,r1,r2,r1',
		'--heap', '300M', '--max-heap', '500M',
		'--jvm=-Dcassandra.ring_delay_ms=3000',
		'--commitlog-batch'
	]);
my $port = $nodes->port;
my @address = map { $nodes->address($_) } 0 .. 4;

$nodes->cql(
	q(CREATE KEYSPACE one WITH replication = {
	  'class': 'NetworkTopologyStrategy', 'dc1': 1, 'dc2': 1};
	CREATE TABLE one.t (p int, c int, v text, PRIMARY KEY (p, c));
	CREATE KEYSPACE three WITH replication = {
	  'class': 'NetworkTopologyStrategy', 'dc1': 3, 'dc2': 1};
	CREATE TABLE three.t (p int, c int, v text, PRIMARY KEY (p, c));));
$nodes->fill('one.t', 200, 50, 100);
$nodes->fill('three.t', 20, 10, 100);

my $pg = CassandraNodes::postgres('topology');

# A server with these options, its tables in a schema of its name.
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
CREATE FOREIGN TABLE $name.one (p int, c int, v text) SERVER $name
  OPTIONS (keyspace 'one', table_name 't');
CREATE FOREIGN TABLE $name.three (p int, c int, v text) SERVER $name
  OPTIONS (keyspace 'three', table_name 't');));
	return;
}

server('first', host => $address[1]);
server('all3', host => "$address[1],$address[2],$address[3]",
	request_timeout => '4s', connect_timeout => '4s');
server('far', host => $address[4]);
server('near', host => "$address[4],$address[1]",
	local_datacenter => 'dc1');
server('racked', host => $address[1], rack => 'r2');

my $all_rows = 200 * 50;

# Numbers of the nodes that a session is connected to.
sub connected
{
	my ($session) = @_;

	return join ' ',
	  grep { $session->connections($port, $address[$_]) } 1 .. 4;
}

# Asks until the session may send to these nodes of a server: a connection that is being
# made is worked on while a statement runs, so that few short ones may all end
# before it is ready.
sub ask_until_ready
{
	my ($session, $server, $sql, @wanted) = @_;
	my $missing = 'SELECT count(*) FROM unnest(ARRAY['
	  . join(', ', map { "'$address[$_]'" } @wanted)
	  . ']) AS w (a) WHERE NOT EXISTS (SELECT FROM cassandra_connections() '
	  . "WHERE server_name = '$server' AND address = a || ':$port' "
	  . 'AND connections > 0)';

	foreach (1 .. 200)
	{
		$session->ask($sql);
		return if $session->ask($missing) eq '0';
		usleep(20_000);
	}
	fail("ready for @wanted");
	return;
}

# ---- connections are made when they are needed ----

my $session = SqlSession->new($pg);
is($session->ask('SELECT count(v) FROM first.one WHERE p = 7'),
	'50', 'a look-up');
is(scalar($session->connections($port)), 1, 'opens one connection');
is(connected($session), '1', 'to the contact point');
is($session->ask('SELECT count(v) FROM first.one'), $all_rows,
	'a full scan');
is(connected($session), '1 2 3', 'opens one to each node of its data centre');
is(scalar($session->connections($port)), 3, 'and one only');
$session->ask('SELECT count(v) FROM first.one WHERE p = '
	  . "$_") foreach 1 .. 20;
is(connected($session), '1 2 3', 'look-ups stay there');

# ---- nodes that do not answer ----

$nodes->signal('STOP', 2);
my $began = time;
is( $session->ask(
		'SET cassandra_fdw.request_timeout = 4000; '
		  . "SET cassandra_fdw.read_consistency = 'LOCAL_ONE'; "
		  . 'SELECT count(v) FROM first.three'),
	'200',
	'a scan although a node hangs');
cmp_ok(time - $began, '<', 60, 'in time');
my $other = SqlSession->new($pg);
$other->ask("SET cassandra_fdw.read_consistency = 'LOCAL_ONE'");
$began = time;
is($other->ask('SELECT count(v) FROM all3.three WHERE p = 3'),
	'10', 'a look-up by a new session');
is( $other->ask(
		'SELECT count(*) FROM generate_series(0, 19) g, '
		  . 'LATERAL (SELECT v FROM all3.three WHERE p = g LIMIT 1) w'),
	'20',
	'and many');
cmp_ok(time - $began, '<', 60, 'in time');
$nodes->signal('CONT', 2);

$nodes->signal('KILL', 2);
is($session->ask('SELECT count(v) FROM first.three'),
	'200', 'a scan although a node was killed');
$began = time;
$session->ask("SELECT cassandra_execute('first', "
	  . "'CREATE TABLE three.made (p int PRIMARY KEY)')");
is($session->{err}, '', 'a change of the schema although a node was killed');
cmp_ok(time - $began, '<', 9, 'does not wait for it');
is( $session->ask(
		"SELECT string_agg(state, ' ' ORDER BY address) "
		  . "FROM cassandra_hosts('first')"),
	'up down up unknown',
	'and it is known to be down');
is( $session->ask(
		'SELECT sum(ring_share)::numeric(9, 6), count(DISTINCT release), '
		  . "count(*) FROM cassandra_hosts('first')"),
	'1.000000|1|4',
	'shares of the ring are all of it');
is($other->ask('SELECT count(v) FROM all3.three'),
	'200', 'in the other session, too');
my $fresh = SqlSession->new($pg);
$fresh->ask("SET cassandra_fdw.read_consistency = 'LOCAL_ONE'");
is($fresh->ask('SELECT count(v) FROM all3.three'),
	'200', 'and in a new one');
unlike(connected($fresh), qr/2/, 'which is connected to those that live');
$fresh->quit;

# Contact points in turn, each failure told.
server('mixed', host => "127.0.0.1:1,$address[2],$address[3]");
server('nobody', host => "127.0.0.1:1,$address[2],no-such-host.invalid");
$fresh = SqlSession->new($pg);
$fresh->ask("SET cassandra_fdw.read_consistency = 'LOCAL_ONE'");
is($fresh->ask('SELECT count(v) FROM mixed.three'),
	'200', 'contact points are tried in turn');
$fresh->ask('SELECT count(v) FROM nobody.three');
like(
	$fresh->{err},
	qr/127\.0\.0\.1:1:\ .*refused.*/s,
	'the first failure is told');
like($fresh->{err}, qr/\Q$address[2]:$port\E: .*refused/s, 'the second');
like($fresh->{err}, qr/no-such-host\.invalid/, 'the third');
$fresh->quit;
$nodes->start(2);

# ---- data centres and racks ----

$other->quit;
$other = SqlSession->new($pg);
is($other->ask('SELECT count(v) FROM far.one'), $all_rows,
	'the contact point is of the other data centre');
is(connected($other), '4', 'which is the local one then');
is($other->ask('SELECT count(v) FROM near.one'), $all_rows,
	'local_datacenter says another one');
is(connected($other), '1 2 3 4',
	'the contact point outside was asked for the topology only');

# Who answered, as traces tell it: "address:port" once for each request.
sub coordinators
{
	my ($session, $sql, $times) = @_;
	my @found = ();

	$session->ask('SET cassandra_fdw.trace = on');
	foreach (1 .. $times)
	{
		$session->ask($sql);
		push @found, $session->{err} =~ /coordinator was ([\d.]+):/g;
	}
	$session->ask('SET cassandra_fdw.trace = off');
	return @found;
}

sub distinct
{
	my %seen = map { $_ => 1 } @_;

	return sort keys %seen;
}

my $last = SqlSession->new($pg);
$last->ask("SET cassandra_fdw.read_consistency = 'LOCAL_ONE'");
$last->ask("SELECT count(v) FROM racked.three WHERE p = $_")
  foreach 1 .. 10;
is(connected($last), '1 3', 'a rack of its own is connected to');
ask_until_ready($last, 'racked',
	'SELECT count(v) FROM racked.three WHERE p = 3', 3);
is_deeply(
	[
		distinct(
			coordinators(
				$last, 'SELECT count(v) FROM racked.three WHERE p = 3', 10))
	],
	[ $address[3] ],
	'and asked');
$last->quit;

# Look-ups go to the replica, once there is a connection to it.
ask_until_ready($other, 'near', 'SELECT count(v) FROM near.one', 1 .. 3);
# A node whose tokens give it little of the ring has few of the keys.
my @replicas = ();
foreach my $p (1 .. 100)
{
	last if $p > 12 && @replicas == 3;
	my @found = distinct(
		coordinators($other, "SELECT v FROM near.one WHERE p = $p", 3));

	is(scalar(@found), 1, "look-ups of key $p go to one node");
	@replicas = distinct(@replicas, @found);
}
is_deeply(
	\@replicas,
	[ sort @address[ 1 .. 3 ] ],
	'those of several keys to several nodes');
is_deeply(
	[ distinct(coordinators($other, 'SELECT v FROM near.three', 12)) ],
	[ sort @address[ 1 .. 3 ] ],
	'what has no key goes to each in turn');

# A node that is known to be down.
$nodes->stop(4);
$other->ask("SET cassandra_fdw.read_consistency = 'ALL'; "
	  . 'SELECT count(v) FROM near.three WHERE p = 1');
like(
	$other->{err},
	qr/ERROR:.*Consistency:\ ALL.*alive:\ 3,\ required:\ 4.*
		HINT:.*CQL\ statement/sx,
	'too few replicas are told');
is( $other->ask(
		"SET cassandra_fdw.read_consistency = 'LOCAL_QUORUM'; "
		  . 'SELECT count(v) FROM near.three WHERE p = 1'),
	'10',
	'the session lives');

$other->quit;
$session->quit;
$pg->stop;
done_testing();
