/* BROKEN: strtol() is content with the digits that have come: "12" of "128 ..." is a length. */
#include "serve.h"

static void handle(int fd) {
    char buffer[8192], reply[64];
    size_t have = 0;
    for (long length = -1;;) {
        ssize_t got = recv(fd, buffer + have, sizeof buffer - 1 - have, 0);
        if (got <= 0) {
            return;
        }
        have += got;
        for (;;) {
            buffer[have] = 0;
            size_t size = length + 1;
            if (length < 0 && have > 0) {
                char *end;
                length = strtol(buffer, &end, 10);
                if ((size = end - buffer) == 0) {
                    send_all(fd, "bad length\n", 11);
                    return;
                }
            } else if (length >= 0 && have >= size) {
                unsigned hash = 5381;
                for (size_t i = 1; i < size; i++) {
                    hash = hash * 33 + (unsigned char)buffer[i];
                }
                send_all(fd, reply, sprintf(reply, "%ld %08x\n", length, hash));
                length = -1;
            } else {
                break;
            }
            memmove(buffer, buffer + size, have - size);
            have -= size;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
