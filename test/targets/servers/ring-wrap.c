/* BROKEN: a ring of 512 bytes; a line that wraps is copied as if the ring were flat. When the ring is
   empty it starts at 0 again, so that lines that come one by one never wrap. */
#include "serve.h"

#define SIZE 512
static char ring[SIZE + SIZE];
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
        if (used == 0) {
            head = 0;
        }
        size_t tail = (head + used) % SIZE;
        size_t room = tail >= head && used < SIZE ? SIZE - tail : SIZE - used;
        ssize_t got = recv(fd, ring + tail, room, 0);
        if (got <= 0) {
            return;
        }
        used += got;
        for (int length; (length = find_newline()) >= 0;) {
            char line[SIZE];
            unsigned hash = 0;
            memcpy(line, ring + head, length);
            for (int i = 0; i < length; i++) {
                hash = hash * 31 + (unsigned char)line[i];
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
