/* BROKEN: MSG_WAITALL waits for the whole request, but SO_RCVTIMEO ends the wait after 150 ms without a word, and
   recv returns the part that is there. The server takes it for the whole. */
#include "serve.h"

static void handle(int fd) {
    struct timeval limit = {.tv_usec = 150000};
    unsigned char header[2], body[256];
    char reply[64];
    for (;;) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0}, sizeof limit);
        if (recv(fd, header, 1, MSG_WAITALL) != 1) {
            return;
        }
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ssize_t got = recv(fd, body, header[0], MSG_WAITALL);
        if (got <= 0) {
            return;
        }
        unsigned sum = 0;
        for (ssize_t at = 0; at < got; at++) {
            sum = sum * 7 + body[at];
        }
        send_all(fd, reply, sprintf(reply, "%zd %u\n", got, sum));
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
