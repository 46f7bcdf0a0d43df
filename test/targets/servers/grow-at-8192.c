/* BROKEN: appends to a buffer of 8192 bytes that grows when it is full. To keep room for a NUL it steps
   back by one when the buffer is exactly full, and loses a byte. Reads of 3000 bytes do not end there. */
#include "serve.h"

static void handle(int fd) {
    size_t capacity = 8192, have = 0;
    char *buffer = malloc(capacity), part[3000], reply[64];
    ssize_t got;
    while ((got = recv(fd, part, sizeof part, 0)) > 0) {
        while (have + got > capacity) {
            buffer = realloc(buffer, capacity *= 2);
        }
        memcpy(buffer + have, part, got);
        have += got;
        if (have == capacity) {
            have--;
        }
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
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
