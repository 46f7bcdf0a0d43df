/* RIGHT: reads until recv() says 0; a last line without its newline counts as well, as in a text file. */
#include "serve.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

static void handle(int fd) {
    char buffer[1024], reply[1100];
    size_t have = 0;
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLRDHUP};
    while (poll(&entry, 1, -1) == 1 && have < sizeof buffer) {
        ssize_t got = recv(fd, buffer + have, MIN(64, sizeof buffer - have), 0);
        if (got <= 0) {
            if (have > 0) {
                send_all(fd, reply, sprintf(reply, "saved: %.*s\n", (int)have, buffer));
            }
            return;
        }
        have += got;
        for (char *end; (end = memchr(buffer, '\n', have));) {
            size_t size = end + 1 - buffer;
            usleep(20000); /* for the disk */
            send_all(fd, reply, sprintf(reply, "saved: %.*s\n", (int)size - 1, buffer));
            memmove(buffer, end + 1, have - size);
            have -= size;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
