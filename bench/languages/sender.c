// Sends frames of a 4-byte length and a payload over loopback, from memory.
//   sender PORT PAYLOAD FRAMES       sends, ends its side, waits for the receiver to close, and prints the seconds
//   sender -p PORT PAYLOAD N WARM    sends a frame and waits for it to come back, N times; prints p50, p90 and p99
//                                    in microseconds, after WARM rounds that do not count
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 4, BATCH = 1 << 20 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int dial(int port) {
  int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(s, (void *)&to, sizeof to)) fail("connect");
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return s;
}

static void write_all(int s, const char *bytes, size_t length) {
  while (length) {
    ssize_t n = write(s, bytes, length);
    if (n <= 0) fail("write");
    bytes += n;
    length -= n;
  }
}

static char *frames_of(size_t payload, long count) {
  size_t length = payload + HEAD;
  uint32_t head = htonl(payload);
  char *bytes = malloc(length * count);
  memset(bytes, 'x', length * count);
  for (long i = 0; i < count; i++) memcpy(bytes + i * length, &head, HEAD);
  return bytes;
}

static void stream(int port, size_t payload, long frames) {
  size_t length = payload + HEAD;
  long batch = BATCH / length ? BATCH / length : 1;
  char *bytes = frames_of(payload, batch), rest[256];
  int s = dial(port);
  double start = now();
  for (long left = frames; left > 0; left -= batch) write_all(s, bytes, (left < batch ? left : batch) * length);
  shutdown(s, SHUT_WR);
  while (read(s, rest, sizeof rest) > 0);
  printf("%.6f\n", now() - start);
}

static int ascending(const void *a, const void *b) {
  double x = *(double *)a, y = *(double *)b;
  return (x > y) - (x < y);
}

static void there_and_back(int port, size_t payload, long rounds, long warm_up) {
  size_t length = payload + HEAD;
  char *frame = frames_of(payload, 1), *back = malloc(length);
  double *times = malloc(sizeof *times * rounds);
  int s = dial(port);
  for (long i = -warm_up; i < rounds; i++) {
    double start = now();
    write_all(s, frame, length);
    for (size_t got = 0; got < length;) {
      ssize_t n = read(s, back + got, length - got);
      if (n <= 0) fail("read");
      got += n;
    }
    if (memcmp(frame, back, length)) {
      fprintf(stderr, "another frame came back\n");
      exit(1);
    }
    if (i >= 0) times[i] = (now() - start) * 1e6;
  }
  qsort(times, rounds, sizeof *times, ascending);
  printf("%.2f %.2f %.2f\n", times[rounds / 2], times[rounds * 9 / 10], times[rounds * 99 / 100]);
}

int main(int count, char **words) {
  if (count == 6 && !strcmp(words[1], "-p"))
    there_and_back(atoi(words[2]), atol(words[3]), atol(words[4]), atol(words[5]));
  else if (count == 4)
    stream(atoi(words[1]), atol(words[2]), atol(words[3]));
  else
    return 2;
  return 0;
}
