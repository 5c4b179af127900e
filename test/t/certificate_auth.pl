# Roles that Cassandra knows by their certificates: they are not lent to users
# of PostgreSQL who must show a password, nor is it sent unseen.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use IPC::Run ();
use CassandraNodes;
use Forwarder;
use SqlSession;

my $nodes = CassandraNodes->new('certificates',
	no_start => 1,
	options => [ '--auth', '--tls', '--require-client-auth' ]);
my $open = CassandraNodes->new('open', no_start => 1);
my $secret = CassandraNodes->new('secret',
	no_start => 1,
	options => ['--auth']);
CassandraNodes::start_all($nodes, $open, $secret);

# From here on a certificate tells who somebody is, and the password that is
# asked for is not looked at.
$nodes->cql(
	q(CREATE ROLE alice WITH LOGIN = true AND SUPERUSER = true;
	ADD IDENTITY 'spiffe://test/alice' TO ROLE 'alice';
	ADD IDENTITY 'spiffe://test/client' TO ROLE 'cassandra';));
$nodes->stop;
push @{ $nodes->{options} }, '--set',
  'authenticator={class_name: org.apache.cassandra.auth.'
  . 'MutualTlsWithPasswordFallbackAuthenticator, parameters: '
  . '{validator_class_name: '
  . 'org.apache.cassandra.auth.SpiffeCertificateValidator}}';
$nodes->start;

my $pg = CassandraNodes::postgres('certificates');

sub server
{
	my ($name, $address, $port, $more) = @_;

	return qq(
CREATE SERVER $name FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '$address', port '$port' $more);
GRANT USAGE ON FOREIGN SERVER $name TO guest;
CREATE FOREIGN TABLE $name.t (username text, address inet, port int)
  SERVER $name OPTIONS (keyspace 'system_views', table_name 'clients');
GRANT SELECT ON ALL TABLES IN SCHEMA $name TO guest;
CREATE USER MAPPING FOR CURRENT_USER SERVER $name;
CREATE USER MAPPING FOR guest SERVER $name
  OPTIONS (username 'bob', password 'made up'););
}

my $key = $nodes->tls_file('alice.key');
my $cert = $nodes->tls_file('alice.crt');
$pg->safe_psql('postgres',
	'CREATE ROLE guest; CREATE SCHEMA certified; CREATE SCHEMA open; '
	  . 'GRANT USAGE ON SCHEMA certified, open TO guest;'
	  . server('open', $open->address, $open->port, '')
	  . server('certified', $nodes->address, $nodes->port,
		", sslmode 'require', sslcert '$cert', sslkey '$key'")
	  . "ALTER USER MAPPING FOR CURRENT_USER SERVER certified
		OPTIONS (username 'x', password 'y')");

my $session = SqlSession->new($pg, '-v', 'VERBOSITY=verbose');

sub ask { return $session->ask($_[0]) }

sub guests
{
	my ($server, $options) = @_;

	$pg->safe_psql('postgres',
		"ALTER USER MAPPING FOR guest SERVER $server OPTIONS ($options)");
	return;
}

my $who = q(SELECT DISTINCT username FROM certified.t
	WHERE username <> 'cassandra');
sub is_alice
{
	is(ask($who), 'alice', $_[0]) or diag($session->{err});
	return;
}

my $refused = qr/ERROR:\ \ 08001:.*asks\ for\ a\ client\ certificate.*
	HINT:.*user\ mapping/sx;

is_alice('a superuser is who the certificate says');
ask("SET ROLE guest; $who");
like($session->{err}, $refused, 'a guest is not, by any password');
guests('certified', "ADD password_required 'false'");
is_alice('unless a superuser says that he is');
guests('certified', 'DROP password_required');
ask($who);
like($session->{err}, $refused, 'the connection is not kept beyond that');
$pg->safe_psql('postgres', 'ALTER ROLE guest SUPERUSER');
is_alice('he may while he is a superuser');
$pg->safe_psql('postgres', 'ALTER ROLE guest NOSUPERUSER');
ask($who);
like($session->{err}, $refused, 'and no longer');
guests('certified', "ADD sslcert '$cert', ADD sslkey '$key'");
is_alice('or has a certificate of his own');
guests('certified', 'DROP sslcert');
ask($who);
like($session->{err}, qr/needs both its file and its private key file/,
	'of which no half comes from the server');

# a cluster that asks nobody
ask('SELECT count(*) FROM open.t');
like(
	$session->{err},
	qr/ERROR:\ \ 2F003:.*asks\ for\ none.*
		HINT:.*password_required/sx,
	'no password is asked for');
guests('open', "ADD password_required 'false'");
ask('SELECT count(*) FROM open.t');
is($session->{err}, '', 'unless a superuser says that none is needed');
ask('RESET ROLE; SELECT count(*) FROM open.t');
is($session->{err}, '', 'he needs none himself');

# ---- keys that others can read ----

chmod 0644, $key or die $!;
$pg->safe_psql('postgres',
	"ALTER SERVER certified OPTIONS (ADD rack 'r1')");
ask($who);
like(
	$session->{err},
	qr/private key file "\S+alice.key" has group or world access/,
	'a key file for everybody');
chmod 0600, $key or die $!;
is_alice('and for its owner only');

# ---- a password in clear text: 0.0.0.0 is this machine, but no loopback ----

my $forwarder = Forwarder->new($secret->address, $secret->port);
my $warning = qr/WARNING:.*password was sent to Cassandra without encryption/;
$pg->safe_psql(
	'postgres', sprintf(
		q(CREATE SERVER %s FOREIGN DATA WRAPPER cassandra_fdw
  OPTIONS (host '%s', port '%s');
CREATE USER MAPPING FOR CURRENT_USER SERVER %1$s
  OPTIONS (username 'cassandra', password 'cassandra');
CREATE FOREIGN TABLE %1$s (key text) SERVER %1$s
  OPTIONS (keyspace 'system', table_name 'local');), @$_))
  foreach ([ 'near', $secret->address, $secret->port ],
	[ 'far', '0.0.0.0', $forwarder->port ]);
is(ask('SELECT key FROM near'), 'local', 'a password to a loopback address');
unlike($session->{err}, $warning, 'goes nowhere');
is(ask('SELECT key FROM far'), 'local', 'one to another address');
like($session->{err}, $warning, 'is told of');
ask('SELECT cassandra_disconnect_all(); SELECT key FROM far');
unlike($session->{err}, $warning, 'once a session');

$session->quit;
$pg->stop;

# ---- a server without postmaster ----

my ($out, $err) = ('', '');
IPC::Run::run(
	[ 'postgres', '--single', '-D', $pg->data_dir, 'postgres' ],
	'<', \"SELECT key FROM near\n", '>', \$out, '2>', \$err);
like($out, qr/key = "local"/, 'postgres --single') or diag($err);
done_testing();
