#!/usr/bin/perl
# relay.pl LISTEN-PORT TO-PORT...: TCP on loopback, passed on as it is; each connection to the next port in turn. Killed, it
# refuses; stopped (SIGSTOP), it stalls.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($port, @to) = @ARGV;
my $turn = 0;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64, ReuseAddr => 1)
    or die "relay: port $port: $!\n";
my $ready = IO::Select->new($listen);
my %peer;
$SIG{PIPE} = 'IGNORE';

sub part {	# either side is gone: so is the other
	my ($s) = @_;
	for my $end ($s, delete $peer{$s}) {
		next unless $end;
		delete $peer{$end};
		$ready->remove($end);
		close $end;
	}
}

while (my @s = $ready->can_read) {
	for my $s (@s) {
		if ($s == $listen) {
			my $in = $listen->accept or next;
			my $out = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $to[$turn++ % @to]) or do { close $in; next };
			@peer{$in, $out} = ($out, $in);
			$ready->add($in, $out);
			next;
		}
		my $other = $peer{$s} or next;
		my $n = sysread $s, my $bytes, 65536;
		if (!$n) { part($s); next }
		for (my $at = 0; $at < $n;) {
			my $done = syswrite $other, $bytes, $n - $at, $at;
			if (!defined $done) { part($s); last }
			$at += $done;
		}
	}
}
