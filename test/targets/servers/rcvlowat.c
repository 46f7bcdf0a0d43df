/* BROKEN: asks the kernel with SO_RCVLOWAT not to wake it for less than four bytes, and loops. When less than that
   is missing at the end of a request, poll waits for bytes that never come. */
#include "serve.h"

static void handle(int fd) {
    unsigned char buffer[512];
    char reply[64];
    size_t used = 0;
    int least = 4;
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &least, sizeof least);
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, -1) < 0) {
            return;
        }
        ssize_t got = recv(fd, buffer + used, sizeof buffer - used, MSG_DONTWAIT);
        if (got <= 0) {
            return;
        }
        used += got;
        while (used > 0 && used > buffer[0]) {
            unsigned sum = 0;
            size_t length = buffer[0] + 1;
            for (size_t at = 1; at < length; at++) {
                sum = sum * 13 + buffer[at];
            }
            send_all(fd, reply, sprintf(reply, "%zu %u\n", length - 1, sum));
            memmove(buffer, buffer + length, used - length);
            used -= length;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
