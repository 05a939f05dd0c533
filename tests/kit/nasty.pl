#!/usr/bin/perl
# nasty - audit records of a given size and of every nasty shape, one a line: nasty.pl BYTES [SHAPE...]; without a shape all of them.
# Each has an Id of its own, in front. "deep" is deeper than is taken and must become a dead letter; all others are sound.
use strict;
use warnings;

my $size = shift // 1 << 20;

sub fill {	# fill BEGIN, PIECE (text, or a function of the number), END: as many as fit
	my ($begin, $piece, $end, $room) = @_;
	my @all;
	my $len = length($begin) + length($end);
	for (my $i = 0;; $i++) {
		my $next = ref $piece ? $piece->($i) : $piece;
		$len += length($next) + 1;
		last if $len > $room;
		push @all, $next;
	}
	return $begin . join(',', @all) . $end;
}

sub repeat {	# repeat BEGIN, UNIT, END
	my ($begin, $unit, $end, $room) = @_;
	return $begin . $unit x int(($room - length($begin) - length($end)) / length($unit)) . $end;
}

my %shapes = (
	string		=> sub { repeat('"x":"', 'a', '"', $_[0]) },
	escapes		=> sub { repeat('"x":"', '\\u0041\\n\\t\\"\\\\\\/\\u0000', '"', $_[0]) },
	surrogates	=> sub { repeat('"x":"', '\\ud83d\\ude00', '"', $_[0]) },
	lone		=> sub { repeat('"x":"', '\\ud83d', '"', $_[0]) },
	utf8		=> sub { repeat('"x":"', "\xf0\x9f\x98\x80", '"', $_[0]) },
	members		=> sub { fill('"x":{', sub { "\"k$_[0]\":1" }, '}', $_[0]) },
	top		=> sub { fill('"k":0,', sub { "\"k$_[0]\":1" }, '', $_[0]) },
	repeated	=> sub { fill('"x":{', '"k":1', '}', $_[0]) },
	alike		=> sub { fill('"x":{', sub { my $k = $_[0] % 50000; "\"" . ($k % 2 ? 'Ab' : 'aB') . "$k\":1" }, '}', $_[0]) },
	unnamed		=> sub { fill('"x":{', '"":{}', '}', $_[0]) },
	dotted		=> sub { fill('"x":{', sub { "\"a.b$_[0].\":1" }, '}', $_[0]) },
	key		=> sub { repeat('"', 'k', '":1', $_[0]) },
	ones		=> sub { fill('"x":[', '1', ']', $_[0]) },
	empty		=> sub { fill('"x":[', '[]', ']', $_[0]) },
	objects		=> sub { fill('"x":[', '{"a":{"b":[null]}}', ']', $_[0]) },
	number		=> sub { repeat('"x":', '7', '', $_[0]) },
	fraction	=> sub { repeat('"x":0.', '3', 'e-7', $_[0]) },
	blanks		=> sub { repeat('"x":', " \t", '1', $_[0]) },
	nested		=> sub { fill('"x":[', ('[' x 100) . (']' x 100), ']', $_[0]) },
	deep		=> sub { my $n = int(($_[0] - 10) / 2); '"x":' . ('[' x $n) . (']' x $n) },
	parameters	=> sub { fill('"Parameters":[', sub { "{\"Name\":\"P$_[0]\",\"Value\":\"v\"}" }, ']', $_[0]) },
	same_parameter	=> sub { fill('"Parameters":[', '{"Name":"Identity","Value":"v"}', ']', $_[0]) },
	modified	=> sub { fill('"ModifiedProperties":[', sub { "{\"Name\":\"P$_[0]\",\"NewValue\":\"[\\\"v\\\"]\",\"OldValue\":\"[]\"}" }, ']', $_[0]) },
	inside		=> sub { fill('"Data":"{', sub { "\\\"k$_[0]\\\":\\\"\\\\\\\"v\\\"" }, '}"', $_[0]) },
);

my $n = 0;
for my $shape (@ARGV ? @ARGV : sort keys %shapes) {
	my $head = sprintf '{"Id":"bbbbbbbb-0000-4000-8000-%012d","RecordType":1,"CreationTime":"2026-11-23T10:00:00","Operation":"Set-Nasty",' .
	    '"Workload":"Exchange","UserId":"%s@contoso.example",', ++$n, $shape;
	die "nasty: no such shape: $shape\n" unless $shapes{$shape};
	print $head, $shapes{$shape}->($size - length($head) - 1), "}\n";
}
