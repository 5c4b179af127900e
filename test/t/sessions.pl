# Many sessions that come and go, and many cancels at any moment: nothing is
# left behind, and every session goes on rightly.
#
# SESSIONS_SECONDS and SESSIONS_CANCELS make it last longer.
use strict;
use warnings;
use Time::HiRes qw(sleep time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $seconds = $ENV{SESSIONS_SECONDS} // 6;
my $cancels = $ENV{SESSIONS_CANCELS} // 60;
my $clients = 100;
my $rows = 3000;

my $nodes = CassandraNodes->new('sessions');
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.t (id int PRIMARY KEY, v text);
	CREATE TABLE k.load (id int PRIMARY KEY, v text);
	CREATE TABLE k.pages (p int, c int, v text, PRIMARY KEY (p, c));));
$nodes->fill('k.pages', 30, $rows / 30, 50);

my $pg = CassandraNodes::postgres('sessions',
	"shared_preload_libraries = 'cassandra_fdw'\nlog_statement = 'none'\n"
	  . 'max_connections = '
	  . ($clients + 20)
	  . "\n");
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', request_timeout '60s',
    connect_timeout '60s');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;
ALTER FOREIGN TABLE pages OPTIONS (ADD fetch_size '100');
INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 100) g;));

my $watcher = SqlSession->new($pg);

# Connections to the node, whoever has them.
sub connections_to_node
{
	my $end = sprintf '%s:%04X',
	  join('', reverse map { sprintf '%02X', $_ } split /\./, $address),
	  $port;
	open(my $handle, '<', '/proc/net/tcp') or die $!;
	my @established =
	  grep { my @f = split ' '; $f[2] eq $end && $f[3] eq '01' } <$handle>;

	return scalar(@established);
}

sub backends
{
	return $watcher->ask('SELECT count(*) FROM pg_stat_activity '
		  . "WHERE backend_type = 'client backend'");
}

# Whether something comes to a value; the last one where it does not.
sub becomes
{
	my ($wanted, $code) = @_;
	my $now;

	foreach (1 .. 1000)
	{
		$now = $code->();
		last if $now eq $wanted;
		sleep(0.05);
	}
	return $now;
}

# ---- sessions that open, query and close ----

my $base = connections_to_node();
my $script = $pg->basedir . '/churn.sql';
append_to_file($script,
	"\\set id random(1, 100)\nSELECT v FROM t WHERE id = :id;\n");
my ($out, $err) = ('', '');
my $good = IPC::Run::run(
	[
		'pgbench', '-n', '-C', '-c', $clients, '-j', 2, '-T', $seconds,
		'-f', $script, '-d', $pg->connstr('postgres')
	],
	'<',
	\'',
	'>',
	\$out,
	'2>',
	\$err);
ok($good, "$clients sessions at a time, each opens, asks and closes")
  or diag($err);
unlike($err, qr/ERROR|FATAL|abort/i, 'without an error');
my ($done) = $out =~ /transactions actually processed: (\d+)/;
note("$done sessions in $seconds s");
cmp_ok($done, '>', 0, 'as many as there is time for');
is(becomes(1, \&backends), 1, 'their backends have ended');
is(becomes($base, \&connections_to_node),
	$base, 'and their connections to the node');
my $counted = $watcher->ask('SELECT connects, requests FROM '
	  . "cassandra_statistics WHERE scope = 'all'");
like($counted, qr/^\d+\|\d+$/, 'all are counted');
note("connects|requests: $counted");

# The same in one session.
my $session = SqlSession->new($pg);
my $contexts = 'SELECT count(*), sum(total_bytes) '
  . "FROM pg_backend_memory_contexts WHERE name LIKE 'cassandra_fdw%'";

sub churn
{
	my ($end) = @_;
	my $n = 0;

	while (time < $end)
	{
		my $id = 1 + $n++ % 100;
		my $answer = $session->ask("SELECT v FROM t WHERE id = $id; "
			  . 'SELECT cassandra_disconnect_all()');

		return "$answer $session->{err}" if $answer ne "v$id\nt";
	}
	return $n;
}

sub holds
{
	return join ' ', $session->descriptors,
	  scalar($session->connections($port)), $session->ask($contexts);
}

churn(time + 1);
holds();    # looking opens files, too
my $before = holds();
my $memory = $session->memory('VmRSS');
my $n = churn(time + ($seconds > 60 ? 30 : $seconds / 2));
like($n, qr/^[1-9]\d*$/, 'a session that connects again and again');
note("$n times; memory "
	  . $memory . ' kB, then '
	  . $session->memory('VmRSS')
	  . ' kB');
is(holds(), $before, 'holds what it held: descriptors, connections, memory');
cmp_ok($session->memory('VmRSS') - $memory,
	'<', 2048, 'also as the system sees it');

# ---- cancels at any moment ----

my $look_up = 'SELECT v FROM t WHERE id = 7';
my @kinds = (
	$look_up,
	'SELECT count(v || c) FROM pages',
	'SELECT count(*) FROM pages',
	'INSERT INTO load SELECT g, $$x$$ FROM generate_series(1, 3000) g',
	'UPDATE load SET v = v || $$y$$ WHERE id < 100',
	'SELECT count(w.v) FROM generate_series(1, 100) g, '
	  . 'LATERAL (SELECT v FROM t WHERE id = g OFFSET 0) w',
	"SELECT cassandra_disconnect_all(); $look_up",
	"SELECT cassandra_refresh('s')",
	q(SELECT count(*) FROM cassandra_query_json('s',
	  'SELECT * FROM k.pages')));
my @sessions = map { SqlSession->new($pg) } 1 .. 4;
my ($wrong, $hit) = (0, 0);

srand(20240229);
foreach my $i (1 .. $cancels)
{
	my $mine = $sessions[ $i % @sessions ];
	my $sql = $kinds[ int(rand(@kinds)) ];

	# Where it is quicker than the cancel, nothing comes of that.
	$mine->send($sql);
	sleep(rand(rand() < 0.5 ? 0.01 : 0.06));
	$watcher->ask("SELECT pg_cancel_backend($mine->{pid})");
	$mine->receive;
	$hit++ if $mine->{err} =~ /canceling statement/;
	next
	  if $mine->{err} !~ /ERROR(?!:\s+canceling)/
	  && $mine->ask($look_up) eq 'v7'
	  && $mine->ask('SELECT count(v) FROM pages') eq $rows;
	$wrong++;
	diag("after $sql: $mine->{out}$mine->{err}");
}
note("$hit of $cancels cancels hit");
is($wrong, 0, "every session answers rightly after $cancels cancels");
cmp_ok($hit, '>', 0, 'some of them came in time');
cmp_ok(scalar($_->connections($port)), '<=', 2, 'a session keeps one or two')
  foreach @sessions;
$_->ask('SELECT cassandra_disconnect_all()') foreach @sessions;
is(becomes($base, \&connections_to_node),
	$base, 'and all connections are given back');

$_->quit foreach @sessions, $session, $watcher;
$pg->stop;
done_testing();
