#!/usr/bin/perl
# canary.pl CANARIES PATH...: is any of the secrets in any of these files, in whatever form? Says "PATH: NAME as FORM" for each; 0 if
# there is none, 1 if there is, 2 if something could not be read: who cannot look has not seen nothing.
#
# CANARIES: a name and a value a line, a tab between. A secret of 16 bytes and more is found by any 12 of its bytes in a row too: what
# cuts a text off cuts a secret in two. Folders are searched; what is gzip is looked at unpacked as well.
use strict;
use warnings;
use File::Find;
use File::Temp qw(tempfile);
use MIME::Base64;

my (%form, @files, $found, $blind);
my $list = shift @ARGV;

sub forms {	# each way to write it down that somebody has thought of: name, text
	my ($v) = @_;
	my %is = (itself => $v, hex => unpack('H*', $v), HEX => uc unpack('H*', $v), backwards => scalar reverse($v));
	($is{'a URL'} = $v) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
	($is{'a url'} = $v) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02x', ord $1/ge;
	($is{'a URL without tilde'} = $v) =~ s/([^A-Za-z0-9._-])/sprintf '%%%02X', ord $1/ge;
	($is{'a URL twice'} = $is{'a URL'}) =~ s/%/%25/g;
	($is{JSON} = $v) =~ s/(["\\\/])/\\$1/g;
	($is{'JSON in JSON'} = $is{JSON}) =~ s/(["\\])/\\$1/g;
	for my $at (0 .. 2) {	# base64 of something that it stands in: what does not depend on its neighbours
		my $text = encode_base64(('x' x $at) . $v, '');
		$text = substr $text, $at ? 4 : 0, int((length($v) + $at) / 3) * 4 - ($at ? 4 : 0);
		$is{"base64 at $at"} = $text;
		($is{"base64url at $at"} = $text) =~ tr/+\//-_/;
	}
	return \%is;
}

open my $in, '<', $list or die "canary: $list: $!\n";
while (<$in>) {
	chomp;
	my ($name, $value) = split /\t/, $_, 2;
	die "canary: $name: too short to be told from anything else\n" if length($value // '') < 8;
	my $is = forms($value);
	for my $form (sort { ($b eq 'itself') <=> ($a eq 'itself') || $a cmp $b } keys %$is) {
		$form{$is->{$form}} //= [$name, $form];
		next if length $value < 16 || length $is->{$form} < 24;
		for (my $at = 0; $at + 12 <= length $is->{$form}; $at += 6) {
			$form{substr $is->{$form}, $at, 12} //= [$name, "a part of $form"];
		}
	}
}
die "canary: no canaries\n" unless %form;
my ($texts, $texts_name) = tempfile(UNLINK => 1);
print $texts map { "$_\n" } sort keys %form;
close $texts;

# grep, since it looks for ten thousand texts at once in fifty megabytes as fast as it reads them.
sub look {
	my ($path, $command, $called) = @_;
	my %said;
	open my $hits, '-|', 'sh', '-c', "$command | LC_ALL=C grep -aohF -f \"\$2\"", 'sh', $path, $texts_name or die "canary: grep: $!\n";
	while (<$hits>) {
		chomp;
		my ($name, $form) = @{$form{$_} or next};
		print "$called: $name as $form\n" unless $said{"$name $form"}++;
		$found = 1;
	}
	close $hits or $? >> 8 == 1 or die "canary: grep failed on $path\n";
}

for my $path (@ARGV) {
	if (!-e $path) { print "$path: is not there\n"; $blind = 1; next }
	find({ no_chdir => 1, wanted => sub { push @files, $_ if -f } }, $path);
}
if (!@files) { print "nothing to look at\n"; $blind = 1 }
for my $path (@files) {
	my $start = '';
	if (!open my $f, '<:raw', $path) { print "$path: $!\n"; $blind = 1; next }
	else { read $f, $start, 2 }
	look($path, 'cat "$1"', $path);
	look($path, 'gzip -dc "$1" 2>/dev/null', "$path (unpacked)") if $start eq "\x1f\x8b";
}
exit($blind ? 2 : $found ? 1 : 0);
