# BROKEN: undoes the escapes of each chunk; a backslash at the end of one has nothing to escape.
use strict;
use warnings;
use IO::Socket::INET;

my %plain = (n => "\n", t => "\t", s => ';', '\\' => '\\');
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my $value = '';
    while (sysread $client, my $chunk, 4096) {
        for my $part (split /(?<=;)/, $chunk) {
            my $is_last = $part =~ s/;$//;
            $part =~ s/\\(.)/$plain{$1} \/\/ $1/ge;
            $value .= $part;
            next if !$is_last;
            syswrite $client, length($value) . ' ' . unpack('%16C*', $value) . "\n";
            $value = '';
        }
    }
    exit;
}
