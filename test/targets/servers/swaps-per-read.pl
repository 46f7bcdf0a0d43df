# BROKEN: swaps the two bytes of each 16-bit word, for the words of each read. Behind a cut inside a word all
# words are shifted.

use strict;
use warnings;
use IO::Socket::INET;

my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1,
) or die $!;
$SIG{CHLD} = 'IGNORE';
while (my $socket = $listener->accept) {
    my $child = fork;
    if ($child == 0) {
        while (sysread($socket, my $bytes, 65536)) {
            $bytes =~ s/(.)(.)/$2$1/gs;
            syswrite $socket, $bytes;
        }
        exit 0;
    }
    close $socket;
}
