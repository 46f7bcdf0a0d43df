/* BROKEN: CR, LF and CRLF end a line. The LF of a CRLF is skipped when it is in sight; when it comes with
   the next recv() it ends an empty line. */
#include "serve.h"

static void answer(int fd, const char *line, int length) {
    char reply[2100];
    send_all(fd, reply, length ? sprintf(reply, "[%.*s]\n", length, line) : sprintf(reply, "empty?\n"));
}

static void handle(int fd) {
    char chunk[1024], line[2048];
    int length = 0;
    for (ssize_t got; (got = recv(fd, chunk, sizeof chunk, 0)) > 0;) {
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] != '\r' && chunk[i] != '\n') {
                line[length++] = chunk[i];
                length %= sizeof line;
                continue;
            }
            if (chunk[i] == '\r' && i + 1 < got && chunk[i + 1] == '\n') {
                i++;
            }
            answer(fd, line, length);
            length = 0;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
