/* RIGHT: the same buffer, which always has one byte more than it says. */
#include "serve.h"

static void handle(int fd) {
    size_t capacity = 8192, have = 0;
    char *buffer = malloc(capacity + 1), reply[64];
    ssize_t got;
    while ((got = recv(fd, buffer + have, capacity - have, 0)) > 0) {
        have += got;
        buffer[have] = 0;
        for (char *end; (end = memchr(buffer, '\n', have));) {
            size_t size = end + 1 - buffer;
            unsigned hash = 0;
            for (size_t i = 0; i < size; i++) {
                hash = hash * 131 + (unsigned char)buffer[i];
            }
            send_all(fd, reply, sprintf(reply, "%zu bytes %08x\n", size, hash));
            memmove(buffer, end + 1, have - size);
            have -= size;
        }
        if (have == capacity) {
            buffer = realloc(buffer, (capacity *= 2) + 1);
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
