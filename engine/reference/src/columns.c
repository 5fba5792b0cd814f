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

/* What Q-SRCTEXT asks for: # starts a comment, every line end is one, text is refused. */
static void read_corrected_row(char *line, double *row, int columns, const char *path) {
  int column = 0;
  char *word = strtok(line, " \t,;:!\r\n");
  for (; column < columns && word != NULL; column++, word = strtok(NULL, " \t,;:!\r\n")) {
    char *end;
    row[column] = strtod(word, &end);
    if (end == word || *end != '\0') fail(EXIT_INPUT, "%s: '%s' is not a number", path, word);
  }
}

/* Cuts the comment off, and the line end of another system. */
static void strip(char *line) {
  line[strcspn(line, "#\r\n")] = '\0';
  strcat(line, "\n");
}

static const char *text_of(const char *line) { return line + strspn(line, DELIMITERS); }

/* The next line that is not blank, or NULL. */
static char *next_line(FILE *file, int corrected, char line[LONGEST_LINE + 2]) {
  while (fgets(line, LONGEST_LINE, file) != NULL) {
    if (corrected) strip(line);
    if (strcmp(text_of(line), "\n") != 0) return line;
  }
  return NULL;
}

double *read_columns(const char *path, int columns, int corrected, size_t *rows) {
  char line[LONGEST_LINE + 2];
  double *table;
  size_t row = 0, i;
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(EXIT_INPUT, "cannot open %s: %s", path, strerror(errno));
  *rows = 0;
  while (next_line(file, corrected, line) != NULL) ++*rows;
  if (*rows == 0) fail(EXIT_INPUT, "%s holds no rows", path);
  table = allocate(*rows, (size_t)columns * sizeof *table, "a table in columns");
  for (i = 0; i < *rows * (size_t)columns; i++) table[i] = (double)NAN;
  rewind(file);
  for (; row < *rows && next_line(file, corrected, line) != NULL; row++) {
    double *numbers = table + row * (size_t)columns;
    if (corrected)
      read_corrected_row(line, numbers, columns, path);
    else
      read_row(text_of(line), numbers, columns);
  }
  fclose(file);
  return table;
}
