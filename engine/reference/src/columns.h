/* The original's reader for text in columns (specification 4.4). */
#ifndef NB_COLUMNS_H
#define NB_COLUMNS_H

#include <stddef.h>

/* A table of `rows` x `columns` numbers, row after row; a missing one is NaN. The caller
 * frees it. Exits with code 9 when the file cannot be opened or has no rows. */
double *read_columns(const char *path, int columns, int corrected, size_t *rows);

#endif
