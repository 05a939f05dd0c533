#!/usr/bin/perl
# ear.pl FILE PORT ADDRESS:PORT...: a host that is not ours. Listens on PORT of loopback (0: any, and says which) and on the others,
# writes every byte it hears to FILE and answers what may be a page. FILE.port is there once it listens.
use strict;
use warnings;
use IO::Select;
use IO::Socket::IP;

my ($file, $port, @more) = @ARGV;
my ($ready, %door) = (IO::Select->new);
$SIG{PIPE} = 'IGNORE';
open my $heard, '>', $file or die "ear: $file: $!\n";
$heard->autoflush(1);

sub hark {
	my ($host, $at) = @_;
	my $s = IO::Socket::IP->new(LocalHost => $host, LocalPort => $at, Listen => 64, ReuseAddr => 1, V6Only => 1) or return;
	$door{$s} = 1;
	$ready->add($s);
	return $s->sockport;
}

$port = hark('127.0.0.1', $port) or die "ear: $!\n";
hark('::1', $port);
hark(/^(.*):(\d+)$/) for @more;
open my $told, '>', "$file.new" or die "ear: $!\n";
print $told "$port\n";
close $told;
rename "$file.new", "$file.port";

while (my @s = $ready->can_read) {
	for my $s (@s) {
		if ($door{$s}) {
			my $in = $s->accept;
			$ready->add($in) if $in;
			next;
		}
		if (sysread $s, my $bytes, 65536) {
			print $heard $bytes;
			syswrite $s, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]";
		}
		$ready->remove($s);
		close $s;
	}
}
