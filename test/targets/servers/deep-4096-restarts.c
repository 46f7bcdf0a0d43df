/* BROKEN: reads into 4096 bytes, and starts again at the front when they are full. What stands there
   unread, the beginning of a line, is lost. Lines that come one by one are consumed at once, so that the
   buffer is empty again long before it is full. */
#include "serve.h"

static void handle(int fd) {
    static char buffer[4096];
    size_t start = 0, used = 0;
    for (;;) {
        if (start == used) {
            start = used = 0;
        }
        if (used == sizeof buffer) {
            start = used = 0; /* should move the rest to the front */
        }
        ssize_t got = read(fd, buffer + used, sizeof buffer - used);
        if (got <= 0) {
            return;
        }
        used += got;
        char *end;
        while ((end = memchr(buffer + start, '\n', used - start)) != NULL) {
            char reply[3] = {buffer[start] ^ 0x20, '!', '\n'};
            send_all(fd, reply, sizeof reply);
            start = end + 1 - buffer;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
