# CQL from SQL while nodes hang: agreement on the schema, time limits, and
# what an error says of a statement that may have been applied.
use strict;
use warnings;
use Time::HiRes qw(sleep time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use Forwarder;
use SqlSession;

my $nodes = CassandraNodes->new('functions', options => [ '--nodes', 2 ]);
my ($address, $port) = ($nodes->address, $nodes->port);
my $pg = CassandraNodes::postgres('functions');
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;));

my $session = SqlSession->new($pg, '-v', 'VERBOSITY=verbose');

# Runs a statement; gives the seconds it took.
sub execute
{
	my ($cql, @parameters) = @_;
	my $began = time;

	$session->ask("SELECT cassandra_execute('s', "
		  . join(', ', map { "\$q\$$_\$q\$" } $cql, @parameters) . ')');
	return time - $began;
}

execute("CREATE KEYSPACE k WITH replication = "
	  . "{'class': 'SimpleStrategy', 'replication_factor': 1}");
is($session->{err}, '', 'a keyspace is made');

# ---- all nodes know a table at once ----

foreach my $n (1 .. 6)
{
	execute("CREATE TABLE k.t$n (id int PRIMARY KEY, n int)");
	execute("INSERT INTO k.t$n (id, n) VALUES (?, ?)", $_, $n)
	  foreach 1 .. 4;
	is($session->{err}, '', "table $n can be used at once");
}
my $connected = '';
foreach (1 .. 200)
{
	$connected = $session->ask(
		"SELECT count(*) FROM cassandra_connections() WHERE connections > 0");
	last if $connected eq '2';
	execute('INSERT INTO k.t1 (id, n) VALUES (?, ?)', $_, 1);
}
is($connected, '2', 'by both nodes');

# ---- one node does not take the change ----

# The session begins when the other node hangs already, so that it is the
# first one which gets the statement.
$nodes->signal('STOP', 2);
$session = SqlSession->new($pg, '-v', 'VERBOSITY=verbose');
my $took = execute('CREATE TABLE k.late (id int PRIMARY KEY)');
is($session->{err}, '', 'a node that hangs is down, and not waited for');
cmp_ok($took, '<', 9, 'for long');

$session->ask("SET statement_timeout = '1s'");
$took = execute('CREATE TABLE k.later (id int PRIMARY KEY)');
like($session->{err}, qr/57014.*statement timeout/,
	'the wait for agreement can be cancelled');
cmp_ok($took, '<', $CassandraNodes::fast_enough, 'in time');
$session->ask('RESET statement_timeout');
$nodes->signal('CONT', 2);

# The first node says of itself that it has another version.
sub lie
{
	my ($bytes) = @_;

	$bytes =~ s/(local.*schema_version\x00\x0C\x00{3}\x01\x00{3}\x10.{16}
		\x00{3}\x10).{16}/$1 . 'x' x 16/sex;
	return $bytes;
}
my $liar = Forwarder->new($address, $port, \&lie);
my $liars_port = $liar->port;
$session->ask(
	"CREATE SERVER liar FOREIGN DATA WRAPPER cassandra_fdw OPTIONS (host "
	  . "'127.0.0.1', port '$liars_port', protocol_version '4'); "
	  . 'CREATE USER MAPPING FOR CURRENT_USER SERVER liar');
my $began = time;
$session->ask("SELECT cassandra_execute('liar', "
	  . "'CREATE TABLE k.lied (id int PRIMARY KEY)')");
$took = time - $began;
like(
	$session->{err},
	qr/WARNING: .*not all nodes of Cassandra have the change yet/,
	'nodes that do not agree are told of');
unlike($session->{err}, qr/ERROR/, 'without an error');
cmp_ok($took, '>', 9, 'after a while');
cmp_ok($took, '<', 40, 'that ends');

# ---- no node answers ----

# The nodes hang while a session that has just been answered runs a statement:
# what comes after it would not be sent to them.
my $query =
  "SELECT cassandra_query_json('s', 'SELECT n FROM k.t1 WHERE id = 1')";

sub execute_in_vain
{
	my ($limits, $sql) = @_;

	$session->quit;
	$session = SqlSession->new($pg, '-v', 'VERBOSITY=verbose');
	like($session->ask($query), qr/^\{"n": [12]\}$/, 'a query');
	$session->ask($limits);
	$nodes->signal('STOP');
	my $start = time;
	$session->ask($sql);
	cmp_ok(time - $start, '<', $CassandraNodes::fast_enough, 'ends in time');
	$nodes->signal('CONT');
	return;
}

my $one_second = "SET cassandra_fdw.request_timeout = '1s'";
execute_in_vain($one_second,
	q{SELECT cassandra_execute('s', 'UPDATE k.t1 SET n = ? WHERE id = ?', 2, 1)}
);
like($session->{err}, qr/ERROR: .*no answer within 1000 ms/,
	'a statement ends at its time limit');
execute_in_vain($one_second,
	q{SELECT cassandra_execute('s', 'UPDATE k.t1 SET n = 2 WHERE id = 1')});
like($session->{err}, qr/ERROR:  08007: .*no answer within/,
	'one that was sent has the code of an unknown outcome');
like($session->{err}, qr/may or may not have been applied/, 'and says so');
execute_in_vain($one_second, $query);
like($session->{err}, qr/ERROR:  58000/, 'a query has that of a failure');
unlike($session->{err}, qr/applied/, 'and applies nothing');
execute_in_vain(
	"SET cassandra_fdw.request_timeout = '30s'; SET statement_timeout = '1s'",
	q{SELECT cassandra_execute('s', 'UPDATE k.t1 SET n = 2 WHERE id = 1')});
like($session->{err}, qr/57014.*statement timeout/,
	'a statement can be cancelled');

# A node that let it wait is tried again after a moment.
$session->ask('RESET statement_timeout');
my $answer = '';
foreach (1 .. 300)
{
	$answer = $session->ask($query);
	last if $answer ne '';
	sleep(0.1);
}
like($answer, qr/^\{"n": [12]\}$/, 'the session goes on');
like(
	$session->ask('SELECT sum(orphans) FROM cassandra_clusters()'),
	qr/^[1-9]/,
	'the answers that came too late are counted');
$session->quit;
done_testing();
