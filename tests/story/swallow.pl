#!/usr/bin/perl
# swallow.pl PORT READY: a port of loopback that answers no packet, as behind a firewall that drops them. Its queue of connections is full,
# with its own, and nobody takes them out; the kernel drops what else knocks. READY is there once it is so.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $ready) = @ARGV;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1, ReuseAddr => 1)
    or die "swallow: port $port: $!\n";
my @own;
for (1 .. 20) {
	my $s = IO::Socket::INET->new(Proto => 'tcp', Blocking => 0) or die "swallow: $!\n";
	push @own, $s;
	connect $s, $listen->sockname;
	vec(my $done = '', fileno $s, 1) = 1;
	next if select undef, $done, undef, 0.3;
	open my $told, '>', $ready or die "swallow: $ready: $!\n";
	close $told;
	sleep;
}
die "swallow: the queue does not fill\n";
