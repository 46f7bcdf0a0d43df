# RIGHT: digits without a colon are the beginning of a netstring; up to nine of them.
use strict;
use warnings;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my $buffer = '';
    while (sysread $client, $buffer, 4096, length $buffer) {
        while (length $buffer) {
            last if $buffer =~ /^\d{1,9}$/;
            my ($length) = $buffer =~ /^(\d{1,9}):/ or do { syswrite $client, '3:bad,'; exit };
            last if length $buffer < length($length) + $length + 2;
            my $reply = reverse substr $buffer, length($length) + 1, $length;
            syswrite $client, length($reply) . ":$reply,";
            substr($buffer, 0, length($length) + $length + 2) = '';
        }
    }
    exit;
}
