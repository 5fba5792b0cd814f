#define _XOPEN_SOURCE 700
#include "whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

static char *temporary = NULL, *target = NULL;

static void forget(void) {
  free(temporary);
  free(target);
  temporary = target = NULL;
}

/* Nothing half-written stays: what stood under the name before is untouched. */
static void give_up(FILE *file, const char *path, int reason) {
  if (file != NULL) fclose(file);
  if (temporary == NULL)
    fail(EXIT_INPUT, "cannot write %s: %s; the file is incomplete", path, strerror(reason));
  unlink(temporary);
  fail(EXIT_INPUT, "cannot write %s: %s; no file of that name was written or changed", path,
       strerror(reason));
}

/* A link is followed, as writing through it would. */
static void choose_names(const char *path) {
  struct stat status;
  size_t length;
  forget();
  if (stat(path, &status) == 0) {
    if (!S_ISREG(status.st_mode)) return;
    target = realpath(path, NULL);
  } else if (lstat(path, &status) != 0) {
    target = strdup(path);
  }
  if (target == NULL) return;
  length = strlen(target) + 32;
  temporary = allocate(length, 1, "a file's name");
  snprintf(temporary, length, "%s.%ld.part", target, (long)getpid());
}

FILE *create_file(const char *path) {
  struct stat before;
  FILE *file;
  choose_names(path);
  file = temporary != NULL ? fopen(temporary, "wb") : NULL;
  if (file == NULL) {
    /* The folder takes no new file, or the name is as long as one may be. */
    forget();
    file = fopen(path, "wb");
  } else if (stat(target, &before) == 0 && fchmod(fileno(file), before.st_mode & 07777) != 0) {
    warn("%s loses its permissions: %s", path, strerror(errno));
  }
  if (file == NULL) fail(EXIT_INPUT, "cannot create %s: %s", path, strerror(errno));
  return file;
}

FILE *create_stream(const char *path) {
  FILE *file = fopen(path, "wb");
  forget();
  if (file == NULL) fail(EXIT_INPUT, "cannot create %s: %s", path, strerror(errno));
  return file;
}

void write_bytes(FILE *file, const void *data, size_t bytes, const char *path) {
  if (bytes > 0 && fwrite(data, 1, bytes, file) != bytes) give_up(file, path, errno);
}

void close_written(FILE *file, const char *path) {
  if (ferror(file) || fflush(file) != 0) give_up(file, path, errno);
  if (temporary != NULL && fsync(fileno(file)) != 0) give_up(file, path, errno);
  if (fclose(file) != 0) give_up(NULL, path, errno);
  if (temporary != NULL && rename(temporary, target) != 0) give_up(NULL, path, errno);
  forget();
}
