/* BROKEN: remembers how far it has looked for a newline, so as not to look twice, and forgets to set that
   back when it moves the rest to the front: a newline that is nearer than the old mark is not seen. */
#include "serve.h"

static void handle(int fd) {
    static char buffer[16384];
    char reply[64];
    size_t have = 0, scanned = 0;
    for (;;) {
        ssize_t got = recv(fd, buffer + have, sizeof buffer - have, 0);
        if (got <= 0) {
            return;
        }
        have += got;
        while (scanned < have) {
            if (buffer[scanned++] != '\n') {
                continue;
            }
            send_all(fd, reply, sprintf(reply, "%zu %.4s\n", scanned, buffer));
            memmove(buffer, buffer + scanned, have - scanned);
            have -= scanned;
            if (have == 0) {
                scanned = 0;
            }
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
