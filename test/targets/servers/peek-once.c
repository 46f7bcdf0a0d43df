/* BROKEN: peeks for the end of the header; when it is not in sight the request is bad. */
#include "serve.h"

static void handle(int fd) {
    char buffer[2049], reply[64];
    for (;;) {
        ssize_t seen = recv(fd, buffer, sizeof buffer - 1, MSG_PEEK);
        if (seen <= 0) {
            return;
        }
        buffer[seen] = 0;
        char *end = strstr(buffer, "\r\n\r\n");
        if (!end) {
            send_all(fd, "RTSP/1.0 400 Bad Request\r\n\r\n", 28);
            return;
        }
        size_t size = end + 4 - buffer;
        recv(fd, buffer, size, 0);
        int lines = 0;
        for (char *at = buffer; at < end; at++) {
            lines += *at == '\n';
        }
        send_all(fd, reply, sprintf(reply, "RTSP/1.0 200 OK\r\nFields: %d\r\n\r\n", lines));
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
