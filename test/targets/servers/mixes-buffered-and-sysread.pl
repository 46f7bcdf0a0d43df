# BROKEN: the header by readline, which reads ahead, the body by sysread, which does not know of that. A body that
# comes with its header is in the buffer of readline, and the server waits for it for ever.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    while (my $header = <$client>) {
        my ($length) = $header =~ /^PUT (\d+)/ or do { syswrite $client, "what?\n"; next };
        syswrite $client, "go on\n";
        my $body = '';
        while (length $body < $length) {
            sysread($client, $body, $length - length $body, length $body) or exit;
        }
        syswrite $client, "got " . reverse($body) . "\n";
    }
    exit;
}
