/* RIGHT: remembers whether the next byte is the high or the low one of its word. */
#include "serve.h"

static void handle(int fd) {
    unsigned char buffer[1024], prefix[2];
    char reply[32];
    while (recv(fd, prefix, 2, MSG_WAITALL) == 2) {
        size_t missing = prefix[0] << 8 | prefix[1], place = 0;
        uint32_t sum = 0;
        while (missing > 0) {
            ssize_t got = recv(fd, buffer, missing < sizeof buffer ? missing : sizeof buffer, 0);
            if (got <= 0) {
                return;
            }
            for (ssize_t i = 0; i < got; i++) {
                sum += place++ % 2 ? buffer[i] : buffer[i] << 8;
                sum = (sum & 0xffff) + (sum >> 16);
            }
            missing -= got;
        }
        send_all(fd, reply, sprintf(reply, "%04x\n", ~sum & 0xffff));
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
