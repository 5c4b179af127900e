# Passwords, permissions, protocol versions and compression on 4.1.
use strict;
use warnings;
use Time::HiRes qw(sleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use SqlSession;

my $nodes = CassandraNodes->new(
	'auth',
	options => [
		'--auth', '--version', '4.1.10', '--set',
		'allow_filtering_enabled=false', '--set',
		'user_timestamps_enabled=false'
	]);
my ($address, $port) = ($nodes->address, $nodes->port);

$nodes->cql(
	q(CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy',
	  'replication_factor': 1};
	CREATE TABLE k.t (id int PRIMARY KEY, v text);
	CREATE TABLE k.secret (id int PRIMARY KEY, v text);
	INSERT INTO k.t (id, v) VALUES (1, 'one');
	CREATE ROLE alice WITH PASSWORD = 'al ice''s' AND LOGIN = true;
	CREATE ROLE bob WITH PASSWORD = 'bob' AND LOGIN = true;
	GRANT SELECT ON k.t TO alice;
	GRANT SELECT ON k.t TO bob;
	GRANT SELECT ON k.secret TO bob;));

my $pg = CassandraNodes::postgres('auth');
$pg->safe_psql(
	'postgres', qq(
CREATE ROLE guest;
CREATE ROLE other;
CREATE SERVER s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', keyspace 'k');
CREATE SERVER s2 FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port', keyspace 'k');
CREATE FOREIGN TABLE t (id int, v text) SERVER s;
CREATE FOREIGN TABLE secret (id int, v text) SERVER s;
CREATE FOREIGN TABLE secret2 (id int, v text) SERVER s2
  OPTIONS (table_name 'secret');
GRANT USAGE ON FOREIGN SERVER s TO guest, other;
GRANT SELECT ON t TO guest, other;));

my $session = SqlSession->new($pg, '-v', 'VERBOSITY=verbose');
my $look_up = 'SELECT v FROM t WHERE id = 1';

sub ask { return $session->ask($_[0]) }

sub mapping
{
	my ($verb, $server, $user, $options) = @_;

	ask("$verb USER MAPPING FOR $user SERVER $server OPTIONS ($options)");
	is($session->{err}, '', "$verb USER MAPPING FOR $user");
	return;
}

# ---- passwords ----

ask($look_up);
like($session->{err}, qr/ERROR:  28P01:.*no user name is configured/s,
	'no user mapping');
ask('CREATE USER MAPPING FOR CURRENT_USER SERVER s');
ask($look_up);
like(
	$session->{err},
	qr/ERROR:  28P01:.*asks for a password.*HINT:.*"username"/s,
	'no credentials');
mapping('ALTER', 's', 'CURRENT_USER', "username 'alice'");
ask($look_up);
like($session->{err}, qr/ERROR:  28P01:.*no password is configured/s,
	'no password');
mapping('ALTER', 's', 'CURRENT_USER', "password 'wrong'");
ask($look_up);
like(
	$session->{err},
	qr/ERROR:  28P01:.*\Q$address:$port\E.*HINT:.*"password"/s,
	'a wrong password');
unlike($session->{err}, qr/'wrong'|"wrong"/, 'is not told');
is(scalar($session->connections($port)), 0, 'no connection is kept');
mapping('ALTER', 's', 'CURRENT_USER', "SET password 'al ice''s'");
is(ask($look_up), 'one', 'the right one, in the same session');
mapping('ALTER', 's', 'CURRENT_USER', "SET username 'no body'");
ask($look_up);
like($session->{err}, qr/ERROR:  28P01:/, 'an unknown role');
mapping('ALTER', 's', 'CURRENT_USER', "SET username 'alice'");

# ---- permissions; two servers, two roles ----

ask('SELECT v FROM secret');
like(
	$session->{err},
	qr/ERROR:\ \ 42501:.*alice.*\n
		DETAIL:\ \ Host:\ \Q$address:$port\E.*
		HINT:.*
		CONTEXT:\ \ CQL\ statement:\ SELECT/sx,
	'a role without SELECT');
is(ask($look_up), 'one', 'the session lives');
ask('CREATE USER MAPPING FOR CURRENT_USER SERVER s2 '
	  . "OPTIONS (username 'bob', password 'bob')");
is(ask('SELECT count(*) FROM secret2'), '0', 'another role may');
is( ask(
		'SELECT count(*) FROM t JOIN secret2 s ON true RIGHT JOIN t u ON true'
	),
	'1',
	'both in one query');
is(scalar($session->connections($port)), 2, 'with a connection for each');
ask('SELECT v FROM secret');
like($session->{err}, qr/ERROR:  42501:/, 'the first one still may not');
$nodes->cql('GRANT SELECT ON k.secret TO alice');
foreach (1 .. 100)
{
	last if ask('SELECT count(*) FROM secret') ne '';
	sleep(0.2);    # nodes keep permissions for 2 s
}
is($session->{out}, '0', 'until it may');
mapping('ALTER', 's2', 'CURRENT_USER', "SET password 'x'");
ask('SELECT count(*) FROM secret2');
like($session->{err}, qr/ERROR:  28P01:/,
	'ALTER USER MAPPING takes effect at once');
is(ask($look_up), 'one', 'for its server only');

# Guardrails are for those who are no superusers of Cassandra.
ask(q(SELECT * FROM cassandra_query_json('s',
	'SELECT * FROM k.t WHERE v = ? ALLOW FILTERING', 'x')));
like(
	$session->{err},
	qr/ERROR:\ \ 53400:.*Guardrail\ allow_filtering.*
		HINT:.*guardrail.*CQL\ statement/sx,
	'a guardrail');

$nodes->cql('GRANT MODIFY ON k.t TO alice');
my $change = "UPDATE t SET v = 'one' WHERE id = 1";
ask($change);
like(
	$session->{err},
	qr/ERROR:  53400:.*user_timestamps.*HINT:.*"timestamps" to "server"/s,
	'one that an option keeps');
ask('ALTER FOREIGN TABLE t OPTIONS (timestamps \'server\')');
foreach (1 .. 100)
{
	ask($change);
	last if $session->{err} eq '';
	sleep(0.2);
}
is($session->{err}, '', 'with it');

# ---- users of PostgreSQL without privileges ----

$pg->safe_psql('postgres',
	"CREATE USER MAPPING FOR guest SERVER s OPTIONS (username 'bob')");
ask("SET ROLE guest; $look_up");
like($session->{err}, qr/ERROR:  2F003:.*password is required/s,
	'a user without privileges needs a password');
ask('ALTER USER MAPPING FOR guest SERVER s '
	  . "OPTIONS (password_required 'false')");
like($session->{err}, qr/ERROR:  42501:/, 'and may not say otherwise');
mapping('ALTER', 's', 'guest', "password 'bob'");
is(ask($look_up), 'one', 'and works with one');
ask("RESET ROLE; SET ROLE other; $look_up");
like($session->{err}, qr/ERROR:  2F003:.*password is required/s,
	'so does somebody without a mapping');
$pg->safe_psql('postgres',
	"CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (username 'alice')");
ask($look_up);
like($session->{err}, qr/ERROR:  2F003:/, 'that of PUBLIC has no password');
$pg->safe_psql('postgres',
	'ALTER USER MAPPING FOR PUBLIC SERVER s '
	  . "OPTIONS (password_required 'false')");
ask($look_up);
like($session->{err}, qr/ERROR:  28P01:/, 'a superuser may let it try');
$pg->safe_psql('postgres', 'ALTER USER MAPPING FOR PUBLIC SERVER s '
	  . "OPTIONS (password 'al ice''s')");
is(ask($look_up), 'one', 'and with a password it works');
$pg->safe_psql('postgres', 'CREATE USER MAPPING FOR other SERVER s '
	  . "OPTIONS (username 'bob', password 'x')");
ask($look_up);
like($session->{err}, qr/ERROR:  28P01:/, 'an own mapping takes its place');
ask('RESET ROLE');

# ---- versions and compression ----

# Connections of a user by a version of the protocol, as the server sees them:
# it may take a moment to see that earlier ones have ended.
sub clients
{
	my ($version, $user) = @_;
	my $count;

	foreach (1 .. 50)
	{
		$count = $nodes->cql('SELECT count(*) FROM system_views.clients '
			  . "WHERE protocol_version = $version AND username = '$user' "
			  . 'ALLOW FILTERING');
		chomp $count;
		last if $count eq '1';
		sleep(0.2);
	}
	return $count;
}

my $wide = join '',
  map { "INSERT INTO k.t (id, v) VALUES ($_, '" . 'x' x 2000 . $_ . "'); " }
  2 .. 60;
$nodes->cql($wide);
my $sum = 'SELECT count(*), sum(length(v)), max(id) FROM t';
my $right = ask($sum);
like($right, qr/^60\|\d+\|60$/, 'a scan of 120 kB');
ask("ALTER SERVER s OPTIONS (ADD protocol_version '4', "
	  . "ADD compression 'none')");
foreach my $version (4, 5)
{
	foreach my $compression ('none', 'lz4')
	{
		ask("ALTER SERVER s OPTIONS (SET protocol_version '$version', "
			  . "SET compression '$compression')");
		is(ask($sum), $right, "version $version, compression $compression");
		is(clients($version, 'alice'), 1, 'as the server sees it');
	}
}

# a virtual table that can be deleted from, which knows no time of a write
ask("CREATE SERVER node FOREIGN DATA WRAPPER cassandra_fdw "
	  . "OPTIONS (host '$address', port '$port')");
mapping('CREATE', 'node', 'CURRENT_USER',
	"username 'cassandra', password 'cassandra'");
ask('IMPORT FOREIGN SCHEMA system_views LIMIT TO (roles_cache_keys) '
	  . 'FROM SERVER node INTO public');
my $cached = "FROM roles_cache_keys WHERE role = 'cassandra'";
is(ask("SELECT count(*) $cached"), '1', 'a role in the cache');
is(ask("DELETE $cached RETURNING role"), 'cassandra', 'deleted there');
is($session->{err}, '', 'without an error');

$session->quit;
$pg->stop;
done_testing();
