# Cancel and timeouts act while a node hangs, and the session lives on.
use strict;
use warnings;
use Time::HiRes qw(time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;

my $nodes = CassandraNodes->new('cancel');
$nodes->cql(
	"CREATE KEYSPACE c WITH replication = {'class': 'SimpleStrategy', "
	  . "'replication_factor': 1}; "
	  . "CREATE TABLE c.t (id int PRIMARY KEY, v text); "
	  . "INSERT INTO c.t (id, v) VALUES (1, 'one')");

my $pg = PostgreSQL::Test::Cluster->new('cancel');
$pg->init;
$pg->start;
my ($address, $port) = ($nodes->address, $nodes->port);
$pg->safe_psql(
	'postgres', qq(
CREATE EXTENSION cassandra_fdw;
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', request_timeout '20s');
CREATE USER MAPPING FOR CURRENT_USER SERVER s;
IMPORT FOREIGN SCHEMA c FROM SERVER s INTO public;));
is($pg->safe_psql('postgres', 'SELECT v FROM t WHERE id = 1'),
	'one', 'a look-up works');


# Statement timeout in a session whose first request meets a stopped node.
$nodes->signal('STOP');
my $began = time;
my ($status, $out, $err) = $pg->psql('postgres',
	"SET statement_timeout = '1s'; SELECT v FROM t WHERE id = 1");
my $took = time - $began;
like($err, qr/canceling statement due to statement timeout/,
	'statement_timeout ends the wait for a hung node');
cmp_ok($took, '<', 3, 'and does so in time');

# The same within a session that goes on afterwards.
my ($in, $sout, $serr) = ('', '', '');
my $psql = IPC::Run::start(
	[ 'psql', '-XAtq', '-d', $pg->connstr('postgres') ],
	'<', \$in, '>', \$sout, '2>', \$serr,
	my $limit = IPC::Run::timeout(60));
$in .= "SET statement_timeout = '500ms'; SELECT v FROM t WHERE id = 1;\n"
  . "SELECT 'next';\n";
$psql->pump until $sout =~ /next/;
like($serr, qr/statement timeout/, 'a session is timed out');
$nodes->signal('CONT');
$in .= "SET statement_timeout = 0; SELECT v FROM t WHERE id = 1;\n";
$psql->pump until $sout =~ /one/ || $serr =~ /ERROR.*ERROR/s;
like($sout, qr/one/, 'and its next query works once the node goes on');

# pg_terminate_backend while waiting.
$nodes->signal('STOP');
$in .= "SELECT pg_backend_pid() AS pid;\n";
$sout = '';
$psql->pump until $sout =~ /^(\d+)$/m;
my ($pid) = $sout =~ /^(\d+)$/m;
$in .= "SELECT v FROM t WHERE id = 1;\n";
$psql->pump_nb;
$pg->poll_query_until('postgres',
	"SELECT state = 'active' FROM pg_stat_activity WHERE pid = $pid");
$began = time;
$pg->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
ok( $pg->poll_query_until(
		'postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid"),
	'pg_terminate_backend ends a backend that waits');
cmp_ok(time - $began, '<', 3, 'and does so in time');
$psql->kill_kill;
$nodes->signal('CONT');

# A refused port.
$pg->safe_psql('postgres', "ALTER SERVER s OPTIONS (SET port '1')");
($status, $out, $err) = $pg->psql('postgres', 'SELECT * FROM t');
like($err, qr/Connection refused/, 'a refused port is told');
$pg->safe_psql('postgres', "ALTER SERVER s OPTIONS (SET port '$port')");
is($pg->safe_psql('postgres', 'SELECT v FROM t WHERE id = 1'),
	'one', 'and works after ALTER SERVER');

$pg->stop;
done_testing();
