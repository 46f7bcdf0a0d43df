// place PORT: read(2) into one buffer; each frame is looked at where it lies.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD = 4, READ = 65536, LONGEST = 1 << 20 };

static char buffer[HEAD + LONGEST + READ];

/** The bytes that frames are looked at for, so that no compiler leaves the look out. */
static volatile unsigned char seen;

static void serve(int s) {
  size_t have = 0;
  long frames = 0, bytes = 0;
  ssize_t n;
  while ((n = read(s, buffer + have, READ)) > 0) {
    have += n;
    size_t at = 0;
    while (have - at >= HEAD) {
      uint32_t head;
      memcpy(&head, buffer + at, HEAD);
      size_t length = ntohl(head);
      if (length > LONGEST) exit(1);
      if (have - at - HEAD < length) break;
      if (length) seen = buffer[at + HEAD];
      frames++;
      bytes += length;
      at += HEAD + length;
    }
    memmove(buffer, buffer + at, have -= at);
  }
  close(s);
  printf("%ld %ld\n", frames, bytes);
}

int main(int count, char **words) {
  if (count != 2) return 2;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (void *)&here, sizeof here) || listen(server, 8)) return 1;
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("READY");
  for (;;) serve(accept(server, NULL, NULL));
}
