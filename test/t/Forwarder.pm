# A port of 127.0.0.1 whose connections go on to another address: how a node
# is reached under a name, since "localhost" is the only one at hand.
#
#	my $forwarder = Forwarder->new($address, $port);
#	... $forwarder->port ...	# it ends with the object
#
# A function given besides makes something else of what the node answers:
#	my $liar = Forwarder->new($address, $port, sub { ... });
package Forwarder;

use strict;
use warnings;
use Carp;
use IO::Select;
use IO::Socket::INET;

sub new
{
	my ($class, $address, $port, $change) = @_;
	my $listener = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1',
		Listen => 16) or croak "could not listen: $!";
	my $pid = fork // croak "could not fork: $!";

	if ($pid == 0)
	{
		_serve($listener, $address, $port, $change);
		kill 'KILL', $$;    # without what the test does when it ends
	}
	return bless { pid => $pid, port => $listener->sockport }, $class;
}

sub port { return $_[0]->{port} }

sub DESTROY
{
	my ($self) = @_;

	local ($?, $!);
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	return;
}

sub _serve
{
	my ($listener, $address, $port, $change) = @_;
	my $select = IO::Select->new($listener);
	my %other = ();
	my %change = ();    # of what comes from the socket

	while (1)
	{
		foreach my $socket ($select->can_read)
		{
			if ($socket == $listener)
			{
				my $near = $listener->accept or next;
				my $far = IO::Socket::INET->new("$address:$port") or next;

				@other{ $near, $far } = ($far, $near);
				$change{$far} = $change;
				$select->add($near, $far);
			}
			elsif (!_move($socket, $other{$socket}, $change{$socket}))
			{
				foreach my $end ($other{$socket}, $socket)
				{
					$select->remove($end);
					delete $other{$end};
					delete $change{$end};
					close $end;
				}
				last;    # the other end may be in this round's list
			}
		}
	}
	return;
}

# False at the end of either side.
sub _move
{
	my ($from, $to, $change) = @_;
	my $bytes;

	return 0 if !sysread $from, $bytes, 65536;
	$bytes = $change->($bytes) if defined $change;
	return syswrite($to, $bytes) // 0;
}

1;
