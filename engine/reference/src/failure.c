#define _XOPEN_SOURCE 700
#include "failure.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>

void fail(int code, const char *format, ...) {
  va_list args;
  fflush(stdout);
  fputs("nanoBragg: error: ", stderr);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(code);
}

void warn(const char *format, ...) {
  va_list args;
  fflush(stdout);
  fputs("nanoBragg: warning: ", stderr);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
}

void *allocate(size_t count, size_t size, const char *purpose) {
  void *memory = NULL;
  if (count == 0) count = 1;
  if (count <= (size_t)-1 / size) memory = calloc(count, size);
  if (memory == NULL)
    fail(EXIT_MEMORY, "not enough memory for %s (%zu x %zu bytes)", purpose, count, size);
  return memory;
}

static double limit_bytes(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1.0;
  return (double)limit.rlim_cur;
}

/* Linux promises more memory than there is and kills whoever takes it at its word. */
double available_bytes(void) {
  char line[128];
  double kilobytes = -1.0, bytes, limit = limit_bytes();
  FILE *file = fopen("/proc/meminfo", "r");
  while (file != NULL && kilobytes < 0.0 && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "MemAvailable: %lf", &kilobytes) != 1) kilobytes = -1.0;
  if (file != NULL) fclose(file);
  bytes = kilobytes < 0.0 ? -1.0 : kilobytes * 1024.0;
  return bytes < 0.0 || (limit >= 0.0 && limit < bytes) ? limit : bytes;
}
