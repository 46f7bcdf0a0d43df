/* BROKEN: looks for the blank line with memmem over the whole buffer, not over what was received. Behind a short
   part of a request stands the end of the request before, with its blank line. */
#include "serve.h"

static void handle(int fd) {
    static char buffer[1024];
    char reply[64];
    size_t used = 0;
    for (;;) {
        ssize_t got = read(fd, buffer + used, sizeof buffer - used);
        if (got <= 0) {
            return;
        }
        used += got;
        char *end;
        while (used > 0 && (end = memmem(buffer, sizeof buffer, "\n\n", 2)) != NULL) {
            size_t length = end + 2 - buffer;
            unsigned sum = 0;
            for (size_t at = 0; at < length; at++) {
                sum = sum * 31 + (unsigned char)buffer[at];
            }
            send_all(fd, reply, sprintf(reply, "%zu %08x\n", length, sum));
            if (length >= used) {
                used = 0;
                break;
            }
            memmove(buffer, buffer + length, used - length);
            used -= length;
        }
        if (used == sizeof buffer) {
            return;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
