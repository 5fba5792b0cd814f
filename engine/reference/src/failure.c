#include "failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

FILE *create_file(const char *path) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail(EXIT_INPUT, "cannot create %s: %s", path, strerror(errno));
  return file;
}

void write_bytes(FILE *file, const void *data, size_t bytes, const char *path) {
  if (bytes > 0 && fwrite(data, 1, bytes, file) != bytes)
    fail(EXIT_INPUT, "cannot write %s: %s; the file is incomplete", path, strerror(errno));
}

void close_written(FILE *file, const char *path) {
  if (fclose(file) != 0)
    fail(EXIT_INPUT, "cannot write %s: %s; the file is incomplete", path, strerror(errno));
}
