# Several sessions change one row: who is told that it was done has done it.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my ($sessions, $turns) = (4, 40);
my $nodes = CassandraNodes->new('optimistic');
my ($address, $port) = ($nodes->address, $nodes->port);
$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.row (id int PRIMARY KEY, version int, v text);));

my $pg = CassandraNodes::postgres('optimistic');
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;
ALTER FOREIGN TABLE row OPTIONS (ADD conditional_writes 'true',
  ADD insert_conflict 'error');
-- how many turns were done, and of how many that is not known
CREATE PROCEDURE take_turns(statement text, locks boolean,
	INOUT done int, INOUT unsure int) LANGUAGE plpgsql AS \$\$
DECLARE n int; affected int;
BEGIN
  FOR turn IN 1 .. $turns LOOP
    IF locks THEN
      PERFORM pg_advisory_xact_lock(1);
    END IF;
    BEGIN
      SELECT version INTO n FROM row WHERE id = 1;
      EXECUTE statement USING n, turn;
      GET DIAGNOSTICS affected = ROW_COUNT;
      done = done + affected;
    EXCEPTION
      WHEN unique_violation THEN NULL;
      WHEN OTHERS THEN
        RAISE WARNING '%', SQLERRM;
        unsure = unsure + 1;
    END;
    COMMIT;
  END LOOP;
END \$\$;));
my @sessions = map { SqlSession->new($pg) } 1 .. $sessions;
my $watcher = SqlSession->new($pg);

# All sessions do it at the same time: what they were told all in all.
sub at_once
{
	my ($statement, $locks) = @_;
	my ($done, $unsure) = (0, 0);

	$_->send("CALL take_turns('$statement', $locks, 0, 0)") foreach @sessions;
	foreach my $session (@sessions)
	{
		my ($d, $u) = split /\|/, $session->receive;

		note($session->{err}) if $session->{err} ne '';
		$done += $d;
		$unsure += $u;
	}
	return ($done, $unsure);
}

sub check
{
	my ($name, $statement, $locks) = @_;

	$watcher->ask('DELETE FROM row WHERE id = 1');
	$watcher->ask('INSERT INTO row (id, version) VALUES (1, 0)');
	my ($done, $unsure) = at_once($statement, $locks);
	my $value = $watcher->ask('SELECT version FROM row WHERE id = 1');

	note("$name: $done done, $unsure not known, value $value");
	cmp_ok($done, '>=', $turns / 2, "$name: there was some success");
	cmp_ok($value, '>=', $done, "$name: all that was told was done");
	cmp_ok($value, '<=', $done + $unsure, "$name: and no more");
	return $done;
}

check('a version that was read',
	'UPDATE row SET version = $1 + 1 WHERE id = 1 AND version = $1', 'false');
check('an expression',
	'UPDATE row SET version = version + 1 WHERE id = 1 AND version = $1',
	'false');
check('row by row',
	'UPDATE row SET version = row.version + 1 FROM (SELECT 1 AS one) AS o '
	  . 'WHERE id = one AND version = $1',
	'false');
check('an upsert',
	'INSERT INTO row (id, version) VALUES (1, 1) '
	  . 'ON CONFLICT (id) DO UPDATE SET version = row.version + 1',
	'false');

# Each key is inserted by one of them.
my ($done, $unsure) =
  at_once('INSERT INTO row (id) SELECT 1000 + $2', 'false');
cmp_ok($done, '<=', $turns, 'INSERT: no row is made twice');
cmp_ok($done + $unsure, '>=', $turns, 'INSERT: each is made');

# Without conditions a lock of PostgreSQL does the same.
$watcher->ask('ALTER FOREIGN TABLE row OPTIONS (SET conditional_writes '
	  . "'false', SET insert_conflict 'overwrite')");
is( check(
		'a lock',
		'UPDATE row SET version = version + 1 WHERE id = 1 AND version = $1',
		'true'),
	$sessions * $turns,
	'a lock: all is done');

$pg->stop;
done_testing();
