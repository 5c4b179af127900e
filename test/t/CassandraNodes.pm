# Cassandra nodes for a TAP test, and a PostgreSQL to look at them from.
#
#	use CassandraNodes;
#	my $nodes = CassandraNodes->new('tls', options => ['--tls']);
#	$nodes->cql('CREATE KEYSPACE ...');
#	my $host = $nodes->address;		# of node 1; address(2) of node 2
#
# A cluster ends with the test, however that ends.
package CassandraNodes;

use strict;
use warnings;
use Carp;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IPC::Run ();
use PostgreSQL::Test::Cluster;

# Seconds within which an error must come, on a busy machine, too; what is not
# cut short takes 60.
our $fast_enough = 30;

my $tools = abs_path(dirname(__FILE__) . '/../cassandra');

# A busy machine is no reason to fail.
my @patience = map { ('--set', "${_}_request_timeout=60s") }
  qw(read range write truncate);

# Starts a cluster; options are those of "cassandra start".  Each one has
# loopback addresses that follow from the process id and the number of the
# cluster, so that tests can run side by side.
my $clusters = 0;

sub new
{
	my ($class, $name, %args) = @_;
	my $self = bless {
		name => $name,
		owner => $$,
		options => $args{options} // [],
		port => $args{port} // 9042,
		dir => tempdir("$name-XXXX", DIR => $ENV{TESTDIR} // '/tmp'),
		base => sprintf('127.%d.%d.1', 100 + $$ % 100,
			1 + (int($$ / 100) + 50 * $clusters++) % 250),
	}, $class;

	$self->start unless $args{no_start};
	return $self;
}

sub _run
{
	my ($self, $stdin, @command) = @_;
	my ($out, $err) = ('', '');
	my $good = IPC::Run::run(\@command, \$stdin, \$out, \$err);

	croak "@command failed: $out$err" unless $good;
	return $out;
}

sub _verb
{
	my ($self, $verb, @rest) = @_;

	return $self->_run('', "$tools/cassandra", $verb, '--dir', $self->{dir},
		@rest);
}

# Starts the cluster, or again what of it is down; start(2) only node 2.
sub start
{
	my ($self, $node) = @_;

	$self->_verb('start', $self->_start_options,
		defined $node ? ('--node', $node) : ());
	return;
}

sub _start_options
{
	my ($self) = @_;

	return ('--base-address', $self->{base}, '--port', $self->{port},
		@patience, @{ $self->{options} });
}

# Starts several clusters, made with no_start, side by side.
sub start_all
{
	my @all = @_;
	my @jobs = ();

	foreach my $self (@all)
	{
		my $out = '';
		my @command = ("$tools/cassandra", 'start', '--dir', $self->{dir},
			$self->_start_options);

		push @jobs,
		  [ $self, \$out, IPC::Run::start(\@command, \'', '>&', \$out) ];
	}
	foreach my $job (@jobs)
	{
		$job->[2]->finish or croak "$job->[0]{name}: ${$job->[1]}";
	}
	return;
}

# A PostgreSQL with the extension in it, and more lines of configuration.
sub postgres
{
	my ($name, $more) = @_;
	my $pg = PostgreSQL::Test::Cluster->new($name);

	$pg->init;
	$pg->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\n" . ($more // ''));
	$pg->start;
	$pg->safe_psql('postgres', 'CREATE EXTENSION cassandra_fdw');
	return $pg;
}

sub stop
{
	my ($self, $node) = @_;

	$self->_verb('stop', defined $node ? ('--node', $node) : ());
	return;
}

# Sends a signal to a node or to all: signal('STOP', 1).
sub signal
{
	my ($self, $signal, $node) = @_;

	$self->_verb('kill', '--signal', $signal,
		defined $node ? ('--node', $node) : ());
	return;
}

sub nodetool
{
	my ($self, $node, @words) = @_;

	return $self->_verb('nodetool', '--node', $node, @words);
}

sub address
{
	my ($self, $node) = @_;
	my @octets = split /\./, $self->{base};

	$octets[3] += ($node // 1) - 1;
	return join('.', @octets);
}

sub port { return $_[0]->{port} }

# The path of a file of DIR/tls, such as ca.crt or client.key.
sub tls_file { return "$_[0]->{dir}/tls/$_[1]" }

# Where the log of a node is.
sub log { return "$_[0]->{dir}/node" . ($_[1] // 1) . '/system.log' }

# Runs CQL on a node, the first if none is named; gives its rows as lines of
# tab-separated values.
sub cql
{
	my ($self, $statements, $node) = @_;
	my @options = ();

	push @options, '-u', 'cassandra', '-p', 'cassandra'
	  if grep { $_ eq '--auth' } @{ $self->{options} };
	push @options, '--ca', $self->tls_file('ca.crt'), '--cert',
	  $self->tls_file('client.crt'), '--key', $self->tls_file('client.key')
	  if grep { $_ eq '--tls' } @{ $self->{options} };
	return $self->_run($statements, "$tools/cql", @options,
		$self->address($node) . ":$self->{port}");
}

# Fills a table (p int, c int, v text, PRIMARY KEY (p, c)).
sub fill
{
	my ($self, $table, $partitions, $rows, $bytes) = @_;

	$self->_run('', dirname(__FILE__) . '/fill.py', $self->{base},
		$self->{port}, $table, $partitions, $rows, $bytes);
	return;
}

sub destroy
{
	my ($self) = @_;

	return if $self->{destroyed} || $self->{owner} != $$;
	$self->{destroyed} = 1;
	$self->_verb('destroy');
	return;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $@);

	eval { $self->destroy; 1 } or warn $@;
	return;
}

1;
