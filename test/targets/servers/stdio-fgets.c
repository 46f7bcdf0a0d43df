/* RIGHT: fgets on a FILE for reading and another for writing. A line longer than the buffer is answered in two
   parts, always at the same place. */
#include "serve.h"

static void handle(int fd) {
    FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
    char line[16];
    while (fgets(line, sizeof line, in) != NULL) {
        size_t length = strcspn(line, "\n");
        fprintf(out, "%zu %.*s%s\n", length, (int)length, line, line[length] == '\n' ? "" : " ...");
        fflush(out);
    }
}

int main(int argc, char **argv) {
    serve_forked(argv[argc - 1], handle);
}
