# TLS: what each sslmode checks, client certificates, and what goes wrong.
use strict;
use warnings;
use Time::HiRes qw(time);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use CassandraNodes;
use Forwarder;

# One node without TLS; one with; one whose certificate is made out to
# names only, and that asks for a client certificate; one whose
# certificate has expired.
my $plain = CassandraNodes->new('plain', no_start => 1);
my $tls = CassandraNodes->new('tls', no_start => 1, options => ['--tls']);
my $mutual = CassandraNodes->new(
	'mutual',
	no_start => 1,
	options => [
		'--tls', '--require-client-auth',
		'--cert-san', 'DNS:elsewhere.test,DNS:localhost'
	]);
my $expired = CassandraNodes->new(
	'expired',
	no_start => 1,
	options => [ '--tls', '--cert-days', '0' ]);
CassandraNodes::start_all($plain, $tls, $mutual, $expired);

my $pg = CassandraNodes::postgres('tls');
my $serial = 0;

sub options_clause
{
	my (%options) = @_;

	return '' unless %options;
	return 'OPTIONS ('
	  . join(', ', map { "$_ '$options{$_}'" } sort keys %options) . ')';
}

# Reads a row from a node through a new server with these options; those of
# the mapping stand under "mapping".  Gives the row, or what the error says.
sub attempt
{
	my ($nodes, %options) = @_;
	my $mapping = delete $options{mapping} // {};
	my $name = 's' . ++$serial;
	my ($began, $out, $err) = (time);

	$options{host} //= $nodes->address;
	$options{port} //= $nodes->port;
	$pg->safe_psql('postgres',
		    "CREATE SERVER $name FOREIGN DATA WRAPPER cassandra_fdw "
		  . options_clause(%options) . '; '
		  . "CREATE USER MAPPING FOR CURRENT_USER SERVER $name "
		  . options_clause(%$mapping) . '; '
		  . "CREATE FOREIGN TABLE $name (key text) SERVER $name "
		  . "OPTIONS (keyspace 'system', table_name 'local')");
	$pg->psql(
		'postgres', "SELECT key FROM $name",
		stdout => \$out,
		stderr => \$err);
	my $took = time - $began;
	return sprintf('no answer for %.1f s', $took)
	  if $took > $CassandraNodes::fast_enough;
	return $out ne '' ? $out : $err;
}

# A client certificate by files of a cluster's directory.
sub certificate
{
	my ($nodes, $name) = @_;

	return (
		sslcert => $nodes->tls_file("$name.crt"),
		sslkey => $nodes->tls_file("$name.key"));
}

my @verify_ca =
  (sslmode => 'verify-ca', sslrootcert => $mutual->tls_file('ca.crt'));

# The wrong kind of port.
is(attempt($plain, sslmode => 'disable'), 'local', 'plain to plain');
is(attempt($plain), 'local', 'plain is the default');
like(
	attempt($plain, sslmode => 'require'),
	qr/TLS\ handshake\ with\ \S+\ failed:.*may\ not\ speak\ TLS.*
		HINT:.*"sslmode"\ to\ "disable"/sx,
	'TLS to plain');
like(
	attempt($tls, sslmode => 'disable'),
	qr/could\ not\ connect\ to\ \S+:.*may\ speak\ TLS.*
		HINT:.*"sslmode"/sx,
	'plain to TLS');

# What each mode checks.
my $ca = $tls->tls_file('ca.crt');
my $other = $tls->tls_file('other-ca.crt');
my $unknown = qr/certificate verify failed: self.signed certificate/;
is(attempt($tls, sslmode => 'require'), 'local', 'require checks nothing');
like(attempt($tls, sslmode => 'require', sslrootcert => $other),
	$unknown, 'require with a root certificate checks the CA');
is(attempt($tls, sslmode => 'verify-ca', sslrootcert => $ca),
	'local', 'verify-ca');
like(attempt($tls, sslmode => 'verify-ca', sslrootcert => $other),
	$unknown, 'verify-ca with another CA');
like(
	attempt($tls, sslmode => 'verify-ca'),
	qr/needs a root certificate file/,
	'verify-ca without a root certificate');
is(attempt($tls, sslmode => 'verify-full', sslrootcert => $ca),
	'local', 'verify-full finds the address in the certificate');
like(attempt($tls, sslmode => 'verify-full', sslrootcert => $other),
	$unknown, 'verify-full with another CA');
is(attempt($tls, sslrootcert => $ca),
	'local', 'a root certificate alone is verify-full');
is(attempt($tls, ssl => 'true', ssl_ca => $ca),
	'local', 'names of predecessors');

# Another name, and a client certificate asked for.
my @certificate = certificate($mutual, 'client');
my $mismatch = qr/certificate verify failed: IP address mismatch/;
is(attempt($mutual, @verify_ca, @certificate),
	'local', 'a client certificate');
like(
	attempt(
		$mutual,
		sslmode => 'verify-full',
		sslrootcert => $mutual->tls_file('ca.crt'),
		@certificate),
	$mismatch,
	'verify-full with another name');
like(
	attempt(
		$mutual,
		sslrootcert => $mutual->tls_file('ca.crt'),
		@certificate),
	$mismatch,
	'which is what a root certificate alone means');

# The node under one of the names of its certificate.
{
	my $forwarder = Forwarder->new($mutual->address, $mutual->port);
	my @by_name = (port => $forwarder->port, sslmode => 'verify-full',
		sslrootcert => $mutual->tls_file('ca.crt'), @certificate);

	is(attempt($mutual, @by_name, host => 'localhost'),
		'local', 'verify-full finds the name in the certificate');
	like(attempt($mutual, @by_name, host => '127.0.0.1'),
		$mismatch, 'but not the address behind it');
}
is(attempt($mutual, @verify_ca, mapping => {@certificate}),
	'local', 'a client certificate in the user mapping');
like(
	attempt($mutual, @verify_ca),
	qr/the server asks for a client certificate/,
	'no client certificate');
like(
	attempt($mutual, @verify_ca, certificate($mutual, 'stranger')),
	qr/TLS handshake with \S+ failed: .*alert/,
	'a client certificate of another CA');

# Files that are not what they should be.
like(
	attempt($mutual, @verify_ca, sslcert => $mutual->tls_file('client.crt')),
	qr/needs both its file and its private key file/,
	'no key');
like(
	attempt(
		$mutual, @verify_ca, @certificate,
		sslkey => $mutual->tls_file('stranger.key')),
	qr/private key file "\S+stranger.key": key values mismatch/,
	'the key of another certificate');
like(
	attempt(
		$mutual, @verify_ca, @certificate,
		sslkey => $mutual->tls_file('client-encrypted.key')),
	qr/is protected by a password, which is not supported/,
	'a key with a password is refused, nobody is asked for it');
like(
	attempt(
		$mutual,
		sslmode => 'verify-ca',
		sslrootcert => '/no/such/file'),
	qr{root certificate file "/no/such/file": No such file or directory},
	'no root certificate file');
like(
	attempt(
		$mutual,
		sslmode => 'verify-ca',
		sslrootcert => $mutual->tls_file('ca.key')),
	qr/could not load root certificate file "\S+ca.key": .*HINT:/s,
	'a root certificate file without a certificate');

# An expired certificate.
like(
	attempt(
		$expired,
		sslmode => 'verify-ca',
		sslrootcert => $expired->tls_file('ca.crt')),
	qr/certificate verify failed: certificate has expired/,
	'an expired certificate');
is(attempt($expired, sslmode => 'require'),
	'local', 'which require does not look at');

# Users without privileges: no files, and a password unless a superuser says.
my ($address, $port) = ($mutual->address, $mutual->port);
my $files = options_clause(
	host => $address,
	port => $port,
	@verify_ca, @certificate);
$pg->safe_psql(
	'postgres', qq(
CREATE ROLE guest;
CREATE ROLE reader IN ROLE pg_read_server_files;
CREATE SERVER mutual FOREIGN DATA WRAPPER cassandra_fdw $files;
GRANT USAGE ON FOREIGN SERVER mutual TO guest;
GRANT USAGE ON FOREIGN DATA WRAPPER cassandra_fdw TO guest, reader;
CREATE USER MAPPING FOR guest SERVER mutual;
CREATE FOREIGN TABLE local (key text) SERVER mutual
  OPTIONS (keyspace 'system', table_name 'local');
GRANT SELECT ON local TO guest;));
foreach my $option (qw(sslrootcert sslcert sslkey))
{
	my ($status, $out, $err) = $pg->psql('postgres',
		    'SET ROLE guest; CREATE SERVER x FOREIGN DATA WRAPPER '
		  . "cassandra_fdw OPTIONS (host '127.0.0.1', $option '/etc/passwd')");

	isnt($status, 0, "$option by a user without privileges");
	like($err, qr/permission denied.*"?$option"?/s, 'is refused');
}
my ($status, $out, $err) = $pg->psql('postgres',
	'SET ROLE guest; ALTER USER MAPPING FOR guest SERVER mutual '
	  . "OPTIONS (sslkey '/etc/passwd')");
like($err, qr/permission denied/, 'and so in a user mapping');
($status, $out, $err) = $pg->psql('postgres',
	    'SET ROLE reader; CREATE SERVER y FOREIGN DATA WRAPPER '
	  . "cassandra_fdw OPTIONS (host '127.0.0.1', sslrootcert '/x')");
is($status, 0, 'members of pg_read_server_files may name files');
($status, $out, $err) =
  $pg->psql('postgres', 'SET ROLE guest; SELECT key FROM local');
like($err, qr/password is required/,
	'a client certificate is not the own one of a user without privileges');
$pg->safe_psql('postgres',
	'ALTER USER MAPPING FOR guest SERVER mutual '
	  . "OPTIONS (password_required 'false')");
is($pg->safe_psql('postgres', 'SET ROLE guest; SELECT key FROM local'),
	'local', 'unless a superuser says so');

$pg->stop;
done_testing();
