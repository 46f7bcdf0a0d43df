# BROKEN: reads go to two buffers in turn, and a message is the older one and the newer one. A message in three
# pieces loses its first.

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
        my ($older, $newer) = ('', '');
        while (sysread($socket, my $bytes, 65536)) {
            ($older, $newer) = ($newer, $bytes);
            next if $newer !~ /\n\z/;
            syswrite $socket, uc($older . $newer);
            ($older, $newer) = ('', '');
        }
        exit 0;
    }
    close $socket;
}
