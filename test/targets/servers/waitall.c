/* RIGHT: MSG_WAITALL without a timeout returns less only at the end of the connection or for a signal, and
   no signal has a handler here. */
#include "serve.h"

static void handle(int fd) {
    unsigned char header[1], body[256];
    char reply[64];
    while (recv(fd, header, 1, MSG_WAITALL) == 1) {
        ssize_t got = recv(fd, body, header[0], MSG_WAITALL);
        if (got != header[0]) {
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
