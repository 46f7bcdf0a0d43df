/* BROKEN: poll() says that there is something to read; on the non-blocking socket the loop for the whole
   record then meets EAGAIN, and takes every negative result for the end. */
#include "serve.h"

#define RECORD 24

static void handle(int fd) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    while (poll(&entry, 1, -1) == 1) {
        char record[RECORD], reply[64];
        for (size_t have = 0; have < RECORD;) {
            ssize_t got = recv(fd, record + have, RECORD - have, 0);
            if (got <= 0) {
                close(fd);
                return;
            }
            have += got;
        }
        send_all(fd, reply, sprintf(reply, "%.8s stored in %.4s\n", record, record + 20));
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
