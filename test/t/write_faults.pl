# Nodes that die or hang while rows are written: what was acknowledged is
# there afterwards, what may be missing is told, the session lives on.
use strict;
use warnings;
use Time::HiRes qw(sleep time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $rows = 30000;
my $nodes = CassandraNodes->new('write_faults',
	options => [ '--nodes', 3, '--commitlog-batch' ]);
$nodes->cql(
	join '',
	map {
		"CREATE KEYSPACE rf$_ WITH replication = {'class': "
		  . "'SimpleStrategy', 'replication_factor': $_}; "
		  . "CREATE TABLE rf$_.t (id int PRIMARY KEY, v text); "
		  . "CREATE TABLE rf$_.c (id int PRIMARY KEY, n counter); "
	} (1, 3));

my $pg = PostgreSQL::Test::Cluster->new('write_faults');
$pg->init;
$pg->start;
my ($address, $port) = ($nodes->address, $nodes->port);
my $hosts = join ',', map { $nodes->address($_) } (1, 2, 3);
$pg->safe_psql(
	'postgres', qq(
CREATE EXTENSION cassandra_fdw;
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$hosts', port '$port', request_timeout '8s');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
CREATE SCHEMA rf1; IMPORT FOREIGN SCHEMA rf1 FROM SERVER s INTO rf1;
CREATE SCHEMA rf3; IMPORT FOREIGN SCHEMA rf3 FROM SERVER s INTO rf3;));

my $session = SqlSession->new($pg, '-v', 'VERBOSITY=verbose');
my $watcher = SqlSession->new($pg);
my $pid = $session->ask('SELECT pg_backend_pid()');

# TRUNCATE needs all nodes, and these to know of each other.
sub empty
{
	my ($table) = @_;

	for (1 .. 60)
	{
		$session->ask("TRUNCATE $table");
		return if $session->{err} eq '';
		sleep 1;
	}
	BAIL_OUT("could not truncate $table: $session->{err}");
}

# Loads rows for some seconds; something happens to a node once the first
# ones are there.
sub load
{
	my ($what, $table, $value, $event) = @_;

	empty($table);
	$session->send("INSERT INTO $table SELECT g, $value "
		  . "FROM generate_series(1, $rows) g WHERE "
		  . "g % 3000 <> 0 OR pg_sleep(0.4) IS NOT NULL");
	my $begun = '';
	foreach (1 .. 600)
	{
		$begun = $watcher->ask("SELECT EXISTS (SELECT FROM $table)");
		last if $begun eq 't';
		sleep(0.05);
	}
	is($begun, 't', "$what: it has begun");
	$event->();
	my $began = time;

	$session->receive;
	my $err = $session->{err};

	note("$what: ended after " . (time - $began) . " s: $err");
	is($session->ask('SELECT pg_backend_pid()'),
		$pid, "$what: the session lives");
	return $err;
}

# Acknowledged rows, and those besides that there may be.
sub told
{
	my ($err) = @_;
	my ($sure) = $err =~ /acknowledged before: (\d+)/;
	my ($unsure) = $err =~ /may have been applied: (\d+)/;

	return ($sure // -1, $unsure // -1);
}

sub count_once_up
{
	my ($sql) = @_;
	my $count = '';

	for (1 .. 60)
	{
		$count = $session->ask($sql);
		last if $count =~ /^\d+$/;
		sleep 1;
	}
	return $count;
}

# Two replicas of three are enough.
my $err = load('killed, two replicas left', 'rf3.t', "'row ' || g",
	sub { $nodes->signal('KILL', 3) });
is($err, '', 'killed, two replicas left: no error');
is($session->ask('SELECT count(*) FROM rf3.t'),
	$rows, 'killed, two replicas left: every row is there');
$nodes->start(3);
$err = load('stopped, two replicas left', 'rf3.t', "'row ' || g",
	sub { $nodes->signal('STOP', 3) });
is($err, '', 'stopped, two replicas left: no error');
is($session->ask('SELECT count(*) FROM rf3.t'),
	$rows, 'stopped, two replicas left: every row is there');
$nodes->signal('CONT', 3);

# The only replica of some rows goes.
foreach my $how ('KILL', 'STOP')
{
	$err = load("$how, no replica left", 'rf1.t', "'row ' || g",
		sub { $nodes->signal($how, 2) });
	my ($sure, $unsure) = told($err);

	like($err, qr/ERROR:/, "$how, no replica left: the statement fails");
	like($err, qr/Row \(id\)=\(\d+\) of foreign table "t"/,
		"$how, no replica left: a row is named");
	like($err, qr/WARNING: .*not rolled back/,
		"$how, no replica left: what stays is told");
	cmp_ok($sure, '>', 0, "$how, no replica left: some were acknowledged");
	$how eq 'KILL' ? $nodes->start(2) : $nodes->signal('CONT', 2);
	my $count = count_once_up('SELECT count(*) FROM rf1.t');

	cmp_ok($count, '>=', $sure,
		"$how, no replica left: no acknowledged row is lost");
	cmp_ok($count, '<=', $sure + $unsure,
		"$how, no replica left: no row but those told of");
}

# Counters are never sent twice.
$err = load('counters', 'rf1.c', '1', sub { $nodes->signal('KILL', 2) });
my ($sure, $unsure) = told($err);
$nodes->start(2);
my $sum = count_once_up('SELECT coalesce(sum(n), 0) FROM rf1.c');
cmp_ok($sure, '>', 0, 'counters: some were acknowledged');
cmp_ok($sum, '>=', $sure, 'counters: none acknowledged is lost');
cmp_ok($sum, '<=', $sure + $unsure, 'counters: none is counted twice');
is($session->ask('SELECT count(*) FROM rf1.c WHERE n > 1'),
	'0', 'counters: each was added to once');

# Afterwards all is well.
$err = load('in the end', 'rf1.t', "'row ' || g", sub { });
is($err, '', 'in the end: no error');
is($session->ask('SELECT count(*) FROM rf1.t'),
	$rows, 'in the end: every row is there');

$pg->stop;
done_testing();
