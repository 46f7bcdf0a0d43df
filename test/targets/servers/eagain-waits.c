/* RIGHT: at EAGAIN it goes back to poll() and keeps what it has. */
#include "serve.h"

#define RECORD 24

static void handle(int fd) {
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    char record[RECORD], reply[64];
    size_t have = 0;
    while (poll(&entry, 1, -1) == 1) {
        ssize_t got = recv(fd, record + have, RECORD - have, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        if (got <= 0) {
            return;
        }
        have += got;
        if (have == RECORD) {
            send_all(fd, reply, sprintf(reply, "%.8s stored in %.4s\n", record, record + 20));
            have = 0;
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
