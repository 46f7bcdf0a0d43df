/* BROKEN: strips CR from the end of a line, but takes a CR at the end of what it received for the end of a line, in
   order not to wait for a line feed that old clients do not send; the line feed behind it is an empty line. */
#include "serve.h"

static void handle(int fd) {
    char buffer[4096], reply[64];
    size_t used = 0;
    for (;;) {
        ssize_t got = read(fd, buffer + used, sizeof buffer - used);
        if (got <= 0) {
            return;
        }
        used += got;
        size_t start = 0;
        for (size_t at = 0; at < used; at++) {
            int isEnd = buffer[at] == '\n' || (buffer[at] == '\r' && at + 1 == used);
            if (!isEnd) {
                continue;
            }
            size_t length = at - start;
            length -= length > 0 && buffer[at - 1] == '\r';
            send_all(fd, reply, sprintf(reply, "%zu\n", length));
            start = at + 1;
        }
        memmove(buffer, buffer + start, used - start);
        used -= start;
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
