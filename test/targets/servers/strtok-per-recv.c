/* BROKEN: strtok() over what one recv() gave: half a command at its end is a command. */
#include "serve.h"

static void handle(int fd) {
    char buffer[1024], reply[1100];
    ssize_t got;
    while ((got = recv(fd, buffer, sizeof buffer - 1, 0)) > 0) {
        buffer[got] = 0;
        for (char *line = strtok(buffer, "\r\n"); line; line = strtok(NULL, "\r\n")) {
            if (!strncmp(line, "GET ", 4)) {
                send_all(fd, reply, sprintf(reply, "VALUE %s\r\n", line + 4));
            } else {
                send_all(fd, reply, sprintf(reply, "ERROR\r\n"));
            }
        }
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
