/* RIGHT: MSG_WAITALL for the header, then for the body. */
#include "serve.h"

struct header {
    uint32_t magic, sequence, length;
};

static void handle(int fd) {
    struct header header;
    static unsigned char body[65536];
    while (recv(fd, &header, sizeof header, MSG_WAITALL) == sizeof header) {
        size_t length = ntohl(header.length), sum = 0;
        if (length > sizeof body || (length && recv(fd, body, length, MSG_WAITALL) != (ssize_t)length)) {
            return;
        }
        for (size_t i = 0; i < length; i++) {
            sum += body[i];
        }
        char reply[64];
        send_all(fd, reply, sprintf(reply, "#%u sum %zu\n", ntohl(header.sequence), sum));
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
