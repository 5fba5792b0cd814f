/* How the program stops, and how it warns.
 *
 * Exit code 9 is the original's for missing inputs and unusable files
 * (specification 3.6). Code 2 is for a command line or values that the original
 * would ignore, crash on, or turn into an image of NaN (3.1, 15 class X);
 * code 1 for a machine without the memory. */
#ifndef NB_FAILURE_H
#define NB_FAILURE_H

#include <stddef.h>
#include <stdio.h>

enum { EXIT_MEMORY = 1, EXIT_NOT_UNDERSTOOD = 2, EXIT_INPUT = 9 };

#if defined(__GNUC__)
#define NB_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NB_NORETURN __attribute__((noreturn))
#else
#define NB_PRINTF(fmt, args)
#define NB_NORETURN
#endif

/* One line on stderr, then exit with `code`. */
NB_NORETURN void fail(int code, const char *format, ...) NB_PRINTF(2, 3);

/* One line on stderr; stdout keeps to the console report. */
void warn(const char *format, ...) NB_PRINTF(1, 2);

/* Zeroed memory for `count` items, or exit. */
void *allocate(size_t count, size_t size, const char *purpose);

/* Memory that could be had without swapping, within the limit of the process; negative where the
 * system does not say. */
double available_bytes(void);

#endif
