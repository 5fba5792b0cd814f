#include "columns.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"

enum { LONGEST_LINE = 10240 };

static const char DELIMITERS[] = " \t,;:!";
static const char NUMERALS[] = "0123456789-+.EGeg";

/* There is no comment syntax, and the end test wants a newline: text without one
 * reads as zeros in the columns that are left (Q-SRCTEXT). */
static void read_row(const char *cursor, double *row, int columns) {
  int column;
  for (column = 0; column < columns; column++) {
    row[column] = strtod(cursor, NULL);
    cursor += strspn(cursor, NUMERALS);
    if (strcmp(cursor, "\n") == 0) return;
    cursor += strcspn(cursor, DELIMITERS);
    cursor += strspn(cursor, DELIMITERS);
    if (strcmp(cursor, "\n") == 0) return;
  }
}

static const char *text_of(const char *line) { return line + strspn(line, DELIMITERS); }

double *read_columns(const char *path, int columns, size_t *rows) {
  char line[LONGEST_LINE];
  double *table;
  size_t row = 0, i;
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(EXIT_INPUT, "cannot open %s: %s", path, strerror(errno));
  *rows = 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (strcmp(text_of(line), "\n") != 0) ++*rows;
  if (*rows == 0) fail(EXIT_INPUT, "%s holds no rows", path);
  table = allocate(*rows, (size_t)columns * sizeof *table, "a table in columns");
  for (i = 0; i < *rows * (size_t)columns; i++) table[i] = (double)NAN;
  rewind(file);
  while (row < *rows && fgets(line, sizeof line, file) != NULL)
    if (strcmp(text_of(line), "\n") != 0)
      read_row(text_of(line), table + row++ * (size_t)columns, columns);
  fclose(file);
  return table;
}
