# A session that stays open between the steps of a test, and what its backend
# holds.
#
#	my $session = SqlSession->new($pg);
#	is($session->ask('SELECT 1'), '1', ...);	# "" where it failed
#	like($session->{err}, qr/.../, ...);		# what it said besides
package SqlSession;

use strict;
use warnings;
use Carp;
use IPC::Run ();

my $answer_seconds = 120;

sub new
{
	my ($class, $pg, @options) = @_;
	my $self = bless { in => '', out => '', err => '', mark => 0 }, $class;

	$self->{limit} = IPC::Run::timer($answer_seconds);
	$self->{psql} = IPC::Run::start(
		[ 'psql', '-XAtq', @options, '-d', $pg->connstr('postgres') ],
		'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err},
		$self->{limit});
	$self->{pid} = $self->ask('SELECT pg_backend_pid()');
	return $self;
}

# Sends statements without waiting for what comes of them.  What ends in a
# newline is sent as it is, so that it may be a command of psql.
sub send
{
	my ($self, $sql) = @_;
	my $mark = '--done-' . ++$self->{mark};

	$self->{out} = $self->{err} = '';
	$sql .= ";\n" unless $sql =~ /\n\z/;
	$self->{in} .= "$sql\\echo $mark\n\\warn $mark\n";
	$self->{psql}->pump_nb;
	return;
}

# Waits for what was sent; gives its rows.
sub receive
{
	my ($self) = @_;
	my $mark = "--done-$self->{mark}\n";

	$self->{limit}->start($answer_seconds);
	until ($self->{out} =~ /$mark/ && $self->{err} =~ /$mark/)
	{
		croak "no answer: $self->{out}$self->{err}"
		  if $self->{limit}->is_expired || !$self->{psql}->pumpable;
		$self->{psql}->pump;
	}
	$self->{limit}->reset;
	s/$mark// foreach ($self->{out}, $self->{err});
	chomp $self->{out};
	return $self->{out};
}

sub ask
{
	my ($self, $sql) = @_;

	$self->send($sql);
	return $self->receive;
}

sub quit
{
	my ($self) = @_;

	$self->{in} .= "\\q\n";
	$self->{psql}->finish;
	return;
}

# ---- what the backend holds ----

sub _read
{
	my ($file) = @_;

	open(my $handle, '<', $file) or croak "$file: $!";
	return <$handle>;
}

# A value of /proc/PID/status in kB, such as VmRSS or VmHWM.
sub memory
{
	my ($self, $name) = @_;
	my ($line) = grep { /^$name:/ } _read("/proc/$self->{pid}/status");

	return ($line =~ /(\d+) kB/)[0];
}

# Has VmHWM begin anew.
sub reset_peak
{
	my ($self) = @_;

	open(my $handle, '>', "/proc/$self->{pid}/clear_refs") or croak $!;
	print $handle '5';
	close($handle) or croak $!;
	return;
}

sub _descriptors
{
	my ($self) = @_;

	return map { readlink($_) // () } glob("/proc/$self->{pid}/fd/*");
}

sub descriptors { return scalar($_[0]->_descriptors) }

# Its TCP connections to a port, or only those to an address: where they
# begin and where they go.
sub connections
{
	my ($self, $port, $address) = @_;
	my %mine = map { /^socket:\[(\d+)\]$/ ? ($1 => 1) : () }
	  $self->_descriptors;
	my @found = ();

	foreach my $line (_read("/proc/$self->{pid}/net/tcp"))
	{
		my @field = split ' ', $line;
		my ($ip, $to) = split /:/, $field[2];

		next unless defined $to && $mine{ $field[9] } && hex($to) == $port;
		$ip = join '.', reverse map { hex } $ip =~ /../g;
		push @found, "$field[1] $ip"
		  if !defined $address || $ip eq $address;
	}
	@found = sort @found;
	return @found;
}

1;
