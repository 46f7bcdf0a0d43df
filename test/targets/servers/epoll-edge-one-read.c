/* BROKEN: edge-triggered epoll with one recv() of 256 bytes an event: what is left waits for the next
   event, which comes only with more bytes. */
#include "serve.h"

struct client {
    int fd;
    size_t have;
    char line[2048];
};

static void on_readable(struct client *client) {
    ssize_t got = recv(client->fd, client->line + client->have, 256, 0);
    if (got <= 0) {
        close(client->fd);
        free(client);
        return;
    }
    client->have += got;
    for (char *end; (end = memchr(client->line, '\n', client->have));) {
        size_t size = end + 1 - client->line;
        char reply[64];
        send_all(client->fd, reply, sprintf(reply, "%zu:%c%c\n", size, client->line[0], end[-1]));
        memmove(client->line, end + 1, client->have - size);
        client->have -= size;
    }
    if (client->have > sizeof client->line - 256) {
        client->have = 0;
    }
}

int main(int argc, char **argv) {
    int listener = listen_on(argv[argc - 1]), poller = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, events[16];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, 16, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr) {
                on_readable(events[i].data.ptr);
                continue;
            }
            struct client *client = calloc(1, sizeof *client);
            client->fd = accept_on(listener);
            fcntl(client->fd, F_SETFL, O_NONBLOCK);
            struct epoll_event added = {.events = EPOLLIN | EPOLLET, .data.ptr = client};
            epoll_ctl(poller, EPOLL_CTL_ADD, client->fd, &added);
        }
    }
}
