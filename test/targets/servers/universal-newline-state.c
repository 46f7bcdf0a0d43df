/* RIGHT: remembers across recv() that the last byte was a CR, and skips an LF behind it. */
#include "serve.h"

static void answer(int fd, const char *line, int length) {
    char reply[2100];
    send_all(fd, reply, length ? sprintf(reply, "[%.*s]\n", length, line) : sprintf(reply, "empty?\n"));
}

static void handle(int fd) {
    char chunk[1024], line[2048], last = 0;
    int length = 0;
    for (ssize_t got; (got = recv(fd, chunk, sizeof chunk, 0)) > 0;) {
        for (ssize_t i = 0; i < got; last = chunk[i++]) {
            if (chunk[i] != '\r' && chunk[i] != '\n') {
                line[length++] = chunk[i];
                length %= sizeof line;
            } else if (chunk[i] != '\n' || last != '\r') {
                answer(fd, line, length);
                length = 0;
            }
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
