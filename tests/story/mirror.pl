#!/usr/bin/perl
# mirror.pl LISTEN-PORT TO-PORT RECORD SWITCH: a server that notes down all that is said to it, and can be made to say it again.
#
# What clients send goes into the file RECORD. As long as there is no file SWITCH it is passed on to TO-PORT, as relay.pl does.
# Otherwise SWITCH holds a status and a text in which WORD stands for the last word of the request's Authorization header, SECRET for
# the client secret in its body, as it came and decoded, and HEAD for the whole head, as a JSON string would have them. That is the
# answer, and some of its headers say it too: a gateway that helps too much.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($port, $to, $record, $switch) = @ARGV;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64, ReuseAddr => 1)
    or die "mirror: port $port: $!\n";
my $ready = IO::Select->new($listen);
my (%peer, %client, %asked);
$SIG{PIPE} = 'IGNORE';
open my $notes, '>>', $record or die "mirror: $record: $!\n";
$notes->autoflush(1);

sub part {	# either side is gone: so is the other
	my ($s) = @_;
	for my $end ($s, delete $peer{$s}) {
		next unless $end;
		delete $_->{$end} for \(%peer, %client, %asked);
		$ready->remove($end);
		close $end;
	}
}

sub json {
	my ($s) = @_;
	$s =~ s/(["\\])/\\$1/g;
	$s =~ s/([^\x20-\x7e])/sprintf '\\u%04x', ord $1/ge;
	return $s;
}

sub say_again {	# the whole request is there: 1
	my ($s) = @_;
	my ($head, $body) = split /\r\n\r\n/, $asked{$s}, 2;
	return 0 unless defined $body;
	return 0 if $head =~ /^content-length: *(\d+)/im && length $body < $1;
	open my $f, '<', $switch or return 1;
	my ($status, $text) = split ' ', do { local $/; <$f> }, 2;
	my ($word) = $head =~ /^(?:proxy-)?authorization:.* (\S+)/im;
	my ($secret) = $body =~ /client_secret=([^&]*)/;
	(my $decoded = $secret // '') =~ s/%(..)/chr hex $1/ge;
	my %is = (HEAD => $head, SECRET => ($secret // '') . " $decoded", WORD => $word // '');
	$text =~ s/(HEAD|SECRET|WORD)/json($is{$1})/ge;
	my $length = length $text;
	$head =~ s/\r\n/ /g;
	syswrite $s, "HTTP/1.1 $status Refused $is{WORD}\r\nContent-Type: application/json\r\nWWW-Authenticate: Bearer $is{WORD}\r\n"
	    . "X-Request: $head\r\nLocation: http://127.0.0.1:9/$is{WORD}\r\nContent-Length: $length\r\nConnection: close\r\n\r\n$text";
	return 1;
}

while (my @s = $ready->can_read) {
	for my $s (@s) {
		if ($s == $listen) {
			my $in = $listen->accept or next;
			$ready->add($in);
			$client{$in} = 1;
			next if -e $switch;
			my $out = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $to) or do { part($in); next };
			@peer{$in, $out} = ($out, $in);
			$ready->add($out);
			next;
		}
		my $n = sysread $s, my $bytes, 65536;
		if (!$n) { part($s); next }
		print $notes $bytes if $client{$s};
		my $other = $peer{$s};
		if (!$other || ($client{$s} && -e $switch)) {	# a connection from before is closed: it is tried again on a new one
			part($s), next if $other;
			$asked{$s} .= $bytes;
			part($s) if say_again($s);
			next;
		}
		for (my $at = 0; $at < $n;) {
			my $done = syswrite $other, $bytes, $n - $at, $at;
			if (!defined $done) { part($s); last }
			$at += $done;
		}
	}
}
