/* BROKEN: the Internet checksum is summed chunk by chunk; an odd chunk is padded, as only the last may be. */
#include "serve.h"

static uint32_t add(uint32_t sum, const unsigned char *data, size_t length) {
    for (; length > 1; data += 2, length -= 2) {
        sum += data[0] << 8 | data[1];
    }
    if (length) {
        sum += data[0] << 8;
    }
    return (sum & 0xffff) + (sum >> 16);
}

static void handle(int fd) {
    unsigned char buffer[1024], prefix[2];
    char reply[32];
    while (recv(fd, prefix, 2, MSG_WAITALL) == 2) {
        size_t missing = prefix[0] << 8 | prefix[1];
        uint32_t sum = 0;
        while (missing > 0) {
            ssize_t got = recv(fd, buffer, missing < sizeof buffer ? missing : sizeof buffer, 0);
            if (got <= 0) {
                return;
            }
            sum = add(sum, buffer, got);
            missing -= got;
        }
        send_all(fd, reply, sprintf(reply, "%04x\n", ~sum & 0xffff));
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
