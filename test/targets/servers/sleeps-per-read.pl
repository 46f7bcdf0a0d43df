# RIGHT: 30 ms of work for every read, so a request of many pieces takes seconds; nothing is lost.

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
        my $rest = '';
        while (sysread($socket, $rest, 65536, length $rest)) {
            select undef, undef, undef, 0.03;
            while ($rest =~ s/\A([^\n]*)\n//) {
                syswrite $socket, length($1) . ' ' . reverse($1) . "\n";
            }
        }
        exit 0;
    }
    close $socket;
}
