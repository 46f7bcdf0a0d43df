# BROKEN: select() on the descriptor with the buffered <$client>: a second line that came with the first
# waits in Perl's buffer, where select() does not look.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 64, ReuseAddr => 1) or die;
my $select = IO::Select->new($listener);
while (my @ready = $select->can_read) {
    for my $handle (@ready) {
        if ($handle == $listener) {
            $select->add(scalar $listener->accept);
            next;
        }
        my $line = <$handle>;
        if (!defined $line) {
            $select->remove($handle);
            close $handle;
            next;
        }
        $line =~ s/\s+$//;
        syswrite $handle, length($line) . " <$line>\n";
    }
}
