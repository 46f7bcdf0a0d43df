# RIGHT: select() with sysread() and a buffer for each connection.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
my $select = IO::Select->new($listener);
my %buffer;
while (my @ready = $select->can_read) {
    for my $handle (@ready) {
        if ($handle == $listener) {
            $select->add(scalar $listener->accept);
            next;
        }
        if (!sysread $handle, $buffer{$handle}, 1024, length($buffer{$handle} // '')) {
            $select->remove($handle);
            delete $buffer{$handle};
            close $handle;
            next;
        }
        while ($buffer{$handle} =~ s/^(.*)\n//) {
            (my $line = $1) =~ s/\s+$//;
            syswrite $handle, length($line) . " <$line>\n";
        }
    }
}
