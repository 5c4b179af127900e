# cassandra_copy(): killed at any moment it goes on where it was, and several
# sessions share the work.
#
# COPY_ROWS and COPY_KILLS make it larger.
use strict;
use warnings;
use Time::HiRes qw(sleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $rows = $ENV{COPY_ROWS} // 60000;
my $kills = $ENV{COPY_KILLS} // 4;

my $nodes = CassandraNodes->new('copy');
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.far (id int PRIMARY KEY, v text)));

my $pg = CassandraNodes::postgres('copy',
	"shared_preload_libraries = 'cassandra_fdw'\n");
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;
CREATE TABLE near AS SELECT i AS id, repeat(md5(i::text), 3) AS v
  FROM generate_series(1, $rows) i;
CREATE TABLE back (LIKE near);));

my $watcher = SqlSession->new($pg);

# How long an uninterrupted copy takes, for moments in the middle of it.
sub seconds_of
{
	my ($call) = @_;
	my $began = Time::HiRes::time();

	$pg->safe_psql('postgres', $call);
	return Time::HiRes::time() - $began;
}

# Calls it until it ends by itself, killed a few times; what holds after each.
sub kill_and_go_on
{
	my ($call, $job, $seconds, $holds) = @_;
	my $killed = 0;

	foreach (1 .. $kills)
	{
		my $session = SqlSession->new($pg);

		$session->send($call);
		sleep(rand() * $seconds / $kills);
		$watcher->ask("SELECT pg_terminate_backend($session->{pid}, 60000)");
		eval { $session->quit };
		$killed += $watcher->ask("SELECT to_regclass('$job') IS NULL") eq 't'
		  || $watcher->ask("SELECT count(*) FROM $job WHERE ended IS NULL") > 0;
		$holds->();
	}
	cmp_ok($killed, '>', 0, "$job: killed $killed times before its end");
	$pg->safe_psql('postgres', $call);
	is( $watcher->ask(
			"SELECT count(*), sum(rows) FROM $job WHERE ended IS NOT NULL"),
		$watcher->ask("SELECT count(*), $rows FROM $job"),
		"$job: each range and row counts once");
	return;
}

# Rows in either table that the other has not; rows of the second one.
sub difference
{
	my ($one, $other) = @_;

	return $watcher->ask(
		"WITH a AS MATERIALIZED (TABLE $one), b AS MATERIALIZED (TABLE $other) "
		  . 'SELECT (SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) q) + '
		  . '(SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) q), '
		  . '(SELECT count(*) FROM b)');
}

# ---- to Cassandra ----

my $push = "CALL cassandra_copy('near', 'far', ranges => 24)";
my $seconds = seconds_of($push);
$pg->safe_psql('postgres', 'TRUNCATE far; DROP TABLE far_copy');
kill_and_go_on(
	$push, 'far_copy',
	$seconds,
	sub {
		return if $watcher->ask("SELECT to_regclass('far_copy') IS NULL") eq 't';
		cmp_ok(
			$watcher->ask(
				'SELECT count(DISTINCT range) FROM far_copy j JOIN near n ON '
				  . "n.ctid >= format('(%s,0)', j.lower)::tid "
				  . "AND n.ctid < format('(%s,0)', j.upper)::tid "
				  . 'JOIN far USING (id) WHERE j.ended IS NULL'),
			'<=', 1,
			'at most one range is written a second time');
	});
is(difference('near', 'far'), "0|$rows", 'all rows are in Cassandra');

# ---- from Cassandra ----

my $pull = "CALL cassandra_copy('far', 'back', ranges => 24)";
$seconds = seconds_of($pull);
$pg->safe_psql('postgres', 'TRUNCATE back; DROP TABLE back_copy');
kill_and_go_on(
	$pull,
	'back_copy',
	$seconds,
	sub {
		return if $watcher->ask("SELECT to_regclass('back_copy') IS NULL") eq 't';
		is( $watcher->ask('SELECT count(*) FROM back'),
			$watcher->ask('SELECT coalesce(sum(rows), 0) FROM back_copy'),
			'rows are there as far as ranges ended');
	});
is(difference('near', 'back'), "0|$rows", 'each row is here once');

# ---- several sessions ----

$pg->safe_psql('postgres', 'TRUNCATE back, far; DROP TABLE back_copy, far_copy');
foreach my $copy ([ $push, 'far' ], [ $pull, 'back' ])
{
	my ($call, $table) = @$copy;
	my @sessions = map { SqlSession->new($pg) } 1 .. 3;

	$_->send("SET cassandra_fdw.write_throttle = '$rows'; "
		  . "SET cassandra_fdw.read_throttle = '$rows'; $call")
	  foreach @sessions;
	$_->receive foreach @sessions;
	is(difference('near', $table), "0|$rows", "$table: shared by sessions");
	is( $watcher->ask("SELECT count(DISTINCT pid) > 1, sum(rows) FROM ${table}_copy"),
		"t|$rows",
		'and each had a part');
	unlike(join('', map { $_->{err} } @sessions), qr/ERROR/, 'without errors');
	$_->quit foreach @sessions;
}

# ---- who waits, and who is cancelled ----

$pg->safe_psql('postgres', 'TRUNCATE back; DROP TABLE back_copy');
my $session = SqlSession->new($pg);
$session->ask("SET statement_timeout = '300ms'; "
	  . "SET cassandra_fdw.read_throttle = '2000'");
$session->ask($pull);
like($session->{err}, qr/statement timeout/, 'a copy can be cancelled');
$session->ask('RESET statement_timeout; RESET cassandra_fdw.read_throttle');
$session->ask($pull);
like($session->{err},
	qr/^NOTICE:  \d+ rows in [\d.]+ s \(\d+ a second, [\d.]+ MB\/s\): \d+ ranges, 0 bad rows$/m,
	'the same session goes on, and tells');
is(difference('near', 'back'), "0|$rows", 'to the same end');

$session->quit;
$watcher->quit;
$pg->stop;
done_testing();
