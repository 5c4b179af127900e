# What a backend holds: memory, descriptors, connections.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my ($partitions, $rows, $bytes) = (300, 1000, 200);
my $nodes = CassandraNodes->new('memory');
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.wide (p int, c int, v text, PRIMARY KEY (p, c));
	CREATE TABLE k.t (id int PRIMARY KEY, v text);
	INSERT INTO k.t (id, v) VALUES (1, 'one');
	INSERT INTO k.t (id, v) VALUES (2, 'two');));
$nodes->fill('k.wide', $partitions, $rows, $bytes);

my $pg = CassandraNodes::postgres('memory');
$pg->safe_psql(
	'postgres', qq(
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', request_timeout '60s');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA k FROM SERVER s INTO public;
CREATE FOREIGN TABLE no_column (id int, w text) SERVER s
  OPTIONS (keyspace 'k', table_name 't');
CREATE FOREIGN TABLE no_table (id int, v text) SERVER s
  OPTIONS (keyspace 'k');
CREATE SERVER refused FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '1');
CREATE USER MAPPING FOR CURRENT_USER SERVER refused;
CREATE FOREIGN TABLE no_host (id int, v text) SERVER refused
  OPTIONS (keyspace 'k', table_name 't');));

my $megabyte = 1024;    # in the unit of /proc
my $session = SqlSession->new($pg);

sub ask
{
	my ($sql) = @_;
	my $answer = $session->ask($sql);

	is($session->{err}, '', substr($sql, 0, 60) . '...')
	  if $session->{err} ne '';
	return $answer;
}

# Memory of the extension alone, in kB, as the backend counts it.
sub contexts
{
	return ask('SELECT coalesce(sum(total_bytes) / 1024, 0)::int '
		  . 'FROM pg_backend_memory_contexts '
		  . "WHERE name LIKE 'cassandra_fdw%'");
}

sub peak_below
{
	my ($limit, $before, $name) = @_;
	my $grown = $session->memory('VmHWM') - $before;

	note("$name: $grown kB");
	cmp_ok($grown, '<', $limit, $name);
	return;
}

# What the first queries load stays: it counts for nothing.
sub settle
{
	ask('SELECT v FROM t WHERE id = 1');
	ask('SELECT count(v) FROM wide WHERE p = 1');
	contexts();
	$session->reset_peak;
	return $session->memory('VmRSS');
}

# ---- a long scan ----

my $before = settle();
is( ask('SELECT count(*), sum(length(v)), min(c), max(c) FROM wide'),
	join('|',
		$partitions * $rows, $partitions * $rows * $bytes,
		0, $rows - 1),
	"a scan of $partitions x $rows rows");
peak_below(32 * $megabyte, $before, 'growth by the scan');

# One partition that takes many pages, in a nested loop.
$before = settle();
is( ask('SELECT sum(length(w.v)) FROM generate_series(0, 99) g, '
		  . 'LATERAL (SELECT v FROM wide WHERE p = g OFFSET 0) w'),
	100 * $rows * $bytes,
	'a hundred rescans');
peak_below(32 * $megabyte, $before, 'growth by rescans');

# ---- joins by keys ----

ask("SET enable_hashjoin = off; SET enable_mergejoin = off; "
	  . "SET enable_nestloop = off; SET work_mem = '4MB'; SET jit = off");

sub join_by_keys
{
	my ($name, $from, $answer) = @_;
	my $query = "SELECT count(*), count(v) FROM $from";

	like(ask("EXPLAIN $query"), qr/Cassandra Key Join/, "$name: a key join");
	$before = settle();
	is(ask($query), $answer, "$name: its rows");
	peak_below(36 * $megabyte, $before, "$name: growth beyond work_mem");
	return;
}

join_by_keys(
	'wide partitions',
	'generate_series(0, 599) g JOIN wide ON p = g / 2',
	join('|', ($partitions * $rows * 2) x 2));
join_by_keys(
	'many keys',
	'generate_series(1, 100000) g LEFT JOIN t ON id = g', '100000|2');
join_by_keys(
	'a few keys many times',
	'generate_series(1, 300000) g JOIN t ON id = g % 5000', '120|120');
ask('RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_nestloop; '
	  . 'RESET work_mem; RESET jit');

# ---- cursors left open ----

$before = settle();
my @connections = $session->connections($port);
ask('BEGIN');
foreach my $i (1 .. 30)
{
	ask("DECLARE c$i CURSOR FOR SELECT c, v FROM wide WHERE p = $i; "
		  . "FETCH 3 FROM c$i");
}
is( ask('FETCH 2 FROM c7'),
	join("\n", map { "$_|" . 'x' x $bytes } 3, 4),
	'thirty open cursors, each at its row');
peak_below(32 * $megabyte, $before, 'growth by open cursors');
ask('COMMIT');
ask('SELECT v FROM t WHERE id = 1');
is_deeply([ $session->connections($port) ],
	\@connections, 'cursors left open cost no connection');

$before = settle();
ask('BEGIN; DECLARE held CURSOR WITH HOLD FOR SELECT c FROM wide; COMMIT');
is(ask('FETCH 1000000 FROM held') =~ tr/\n// + 1,
	$partitions * $rows, 'a cursor WITH HOLD gives all rows');
ask('CLOSE held');
peak_below(48 * $megabyte, $before, 'growth by the held cursor');

# ---- stopping early ----

$before = settle();
@connections = $session->connections($port);
my $small = contexts();
foreach (1 .. 5)
{
	is( ask('SELECT count(*) FROM generate_series(1, 200) g, '
			  . 'LATERAL (SELECT v FROM wide WHERE g > 0 LIMIT 3) w'),
		'600',
		'LIMIT over a scan, 200 times');
}
is( ask('SELECT count(*) FROM generate_series(0, 299) g '
		  . 'WHERE EXISTS (SELECT FROM wide WHERE p = g AND c >= 0)'),
	'300',
	'EXISTS');
ask('SELECT v FROM t WHERE id = 1');
is_deeply([ $session->connections($port) ],
	\@connections, 'requests given up do not cost the connection');
peak_below(32 * $megabyte, $before, 'growth by stopping early');
cmp_ok(contexts() - $small, '<', $megabyte, 'and nothing stays');

# ---- ten thousand queries, good and bad ----

# Each kind is a statement of its own, outside any transaction.
my @kinds = (
	'SELECT v FROM t WHERE id = 1',
	'SELECT v FROM t WHERE id IN (1, 2, 3)',
	'SELECT 1 / (id - 1) FROM t WHERE id = 1',
	'SELECT 1 / (c - 3) FROM wide WHERE p = 5',
	'SELECT v FROM wide LIMIT 1',
	'SELECT w FROM no_column WHERE id = 1',
	'SELECT v FROM no_table WHERE id = 1',
	'SELECT v FROM no_host WHERE id = 1',
	'BEGIN; DECLARE c CURSOR FOR SELECT v FROM wide WHERE p = 2; '
	  . 'FETCH 1 FROM c; ROLLBACK',
	'SELECT v::int FROM t');

sub run_all
{
	my ($n) = @_;
	my $list = join ', ', map { "\$q\$$_\$q\$" } @kinds;

	$session->ask("\\o /dev/null\n"
		  . "SELECT (ARRAY[$list])[i % " . @kinds . " + 1] "
		  . "FROM generate_series(0, $n - 1) i \\gexec\n\\o\n");
	return scalar(() = $session->{err} =~ /ERROR:/g);
}

run_all(10 * @kinds);
my $count = 10_000;
my $descriptors = $session->descriptors;
cmp_ok($descriptors, '>', 3, 'descriptors are counted');
@connections = $session->connections($port);
is(scalar(@connections), 1, 'one connection');
$before = $session->memory('VmRSS');
$small = contexts();
is(run_all($count), $count * 6 / @kinds,
	"$count queries, of which six in ten fail");
is(ask('SELECT v FROM t WHERE id = 1'), 'one', 'the session lives');
is($session->descriptors, $descriptors, 'no descriptor is lost');
is_deeply([ $session->connections($port) ],
	\@connections, 'the same connection goes on');
is(scalar($session->connections(1)), 0, 'none to the refused port');
my $grown = $session->memory('VmRSS') - $before;
note("resident memory: $grown kB");
cmp_ok($grown, '<', 4 * $megabyte, 'no memory is lost');
cmp_ok(contexts() - $small, '<', 256, 'nor in memory contexts');

$session->quit;
$pg->stop;
done_testing();
