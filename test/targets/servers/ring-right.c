/* RIGHT: the same ring, read byte by byte modulo its size. */
#include "serve.h"

#define SIZE 512
static char ring[SIZE];
static size_t head, used;

static int find_newline(void) {
    for (size_t i = 0; i < used; i++) {
        if (ring[(head + i) % SIZE] == '\n') {
            return i;
        }
    }
    return -1;
}

static void handle(int fd) {
    char reply[64];
    for (;;) {
        size_t tail = (head + used) % SIZE;
        ssize_t got = recv(fd, ring + tail, tail >= head ? SIZE - tail : head - tail, 0);
        if (got <= 0) {
            return;
        }
        used += got;
        for (int length; (length = find_newline()) >= 0;) {
            unsigned hash = 0;
            for (int i = 0; i < length; i++) {
                hash = hash * 31 + (unsigned char)ring[(head + i) % SIZE];
            }
            send_all(fd, reply, sprintf(reply, "%d %08x\n", length, hash));
            head = (head + length + 1) % SIZE;
            used -= length + 1;
        }
        if (used == SIZE) {
            return;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
