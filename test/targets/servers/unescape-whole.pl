# RIGHT: undoes the escapes of a record when it is complete.
use strict;
use warnings;
use IO::Socket::INET;

my %plain = (n => "\n", t => "\t", s => ';', '\\' => '\\');
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my $buffer = '';
    while (sysread $client, $buffer, 4096, length $buffer) {
        while ($buffer =~ s/^([^;]*);//) {
            (my $value = $1) =~ s/\\(.)/$plain{$1} \/\/ $1/ge;
            syswrite $client, length($value) . ' ' . unpack('%16C*', $value) . "\n";
        }
    }
    exit;
}
