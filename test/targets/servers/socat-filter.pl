# BROKEN: a filter on standard input and output, started by socat for each connection. It takes each sysread for a
# line; socat passes on what it reads as it reads it.
use strict;
use warnings;

if (@ARGV) {
    exec 'socat', "TCP-LISTEN:$ARGV[0],bind=127.0.0.1,reuseaddr,fork,nodelay", "EXEC:perl $0";
}
$| = 1;
while (sysread STDIN, my $line, 4096) {
    for my $each (split /\n/, $line) {
        my @words = split ' ', $each;
        print scalar(@words), " ", join('-', reverse @words), "\n";
    }
}
