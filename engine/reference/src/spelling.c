#include "spelling.h"

#include <stddef.h>
#include <string.h>

#include "flags.h"

enum { LONGEST = 64 };

static int least(int a, int b, int c) {
  int ab = a < b ? a : b;
  return ab < c ? ab : c;
}

/* Levenshtein: insertions, deletions and substitutions from one word to the other. */
static int edits(const char *from, const char *to) {
  int row[LONGEST + 1], i, j;
  const int width = (int)strlen(to);
  if (width > LONGEST || strlen(from) > LONGEST) return LONGEST;
  for (j = 0; j <= width; j++) row[j] = j;
  for (i = 0; from[i] != '\0'; i++) {
    int diagonal = row[0];
    row[0] = i + 1;
    for (j = 0; j < width; j++) {
      int above = row[j + 1];
      row[j + 1] = least(above + 1, row[j] + 1, diagonal + (from[i] != to[j]));
      diagonal = above;
    }
  }
  return row[width];
}

/* People abbreviate more often than they mistype, and no abbreviation is a flag (3.1). */
const char *nearest_flag(const char *word) {
  const size_t length = strlen(word);
  const char *nearest = NULL;
  int i, fewest = (int)(length / 3) + 1;
  for (i = 0; i < FLAG_COUNT; i++)
    if (length > 1 && strncmp(FLAGS[i].keyword, word, length) == 0) return FLAGS[i].keyword;
  for (i = 0; i < FLAG_COUNT; i++) {
    int needed = edits(word, FLAGS[i].keyword);
    if (needed >= fewest) continue;
    fewest = needed;
    nearest = FLAGS[i].keyword;
  }
  return nearest;
}
