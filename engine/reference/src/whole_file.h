/* Output files that are there whole or not at all: a full disk must not leave a short
 * image under the name of a good one. */
#ifndef NB_WHOLE_FILE_H
#define NB_WHOLE_FILE_H

#include <stddef.h>
#include <stdio.h>

/* Opens a temporary file beside `path`; what is no regular file (/dev/null, a pipe) is opened
 * itself. One file is open at a time. */
FILE *create_file(const char *path);

/* Opens `path` itself, for what is to be read even when the program stops half-way: a trace. */
FILE *create_stream(const char *path);

/* fwrite that never loses an error; leaves nothing behind when it stops the program. */
void write_bytes(FILE *file, const void *data, size_t bytes, const char *path);

/* Flushes, syncs, closes and renames to `path`. */
void close_written(FILE *file, const char *path);

#endif
