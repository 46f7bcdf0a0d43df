/* RIGHT: edge-triggered epoll that reads until EAGAIN. */
#include "serve.h"

struct client {
    int fd;
    size_t have;
    char line[2048];
};

static int answer_lines(struct client *client) {
    for (char *end; (end = memchr(client->line, '\n', client->have));) {
        size_t size = end + 1 - client->line;
        char reply[64];
        send_all(client->fd, reply, sprintf(reply, "%zu:%c%c\n", size, client->line[0], end[-1]));
        memmove(client->line, end + 1, client->have - size);
        client->have -= size;
    }
    return client->have < sizeof client->line;
}

static void on_readable(struct client *client) {
    ssize_t got;
    while ((got = recv(client->fd, client->line + client->have, sizeof client->line - client->have, 0)) > 0) {
        client->have += got;
        if (!answer_lines(client)) {
            break;
        }
    }
    if (got >= 0 || (errno != EAGAIN && errno != EINTR)) {
        close(client->fd);
        free(client);
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
