#include "structure_factors.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "whole_file.h"

enum { LARGEST_TABLE = 1 << 28 };

int structure_factors_are_described(const Options *o) {
  FILE *cache;
  if (o->hkl != NULL || o->default_F != 0.0) return 1;
  if (o->corrected && !o->dump_given) return 0;
  cache = fopen(o->dump, "rb");
  if (cache == NULL) return 0;
  fclose(cache);
  return 1;
}

static size_t cell_index(const StructureFactors *t, int h, int k, int l) {
  return ((size_t)(h - t->min[0]) * (size_t)t->range[1] + (size_t)(k - t->min[1])) *
             (size_t)t->range[2] +
         (size_t)(l - t->min[2]);
}

static void allocate_table(StructureFactors *t, const char *path) {
  double cells = 1.0;
  int i;
  for (i = 0; i < 3; i++) {
    cells *= (double)t->max[i] - t->min[i] + 1.0;
    if (t->max[i] < t->min[i] || cells > LARGEST_TABLE)
      fail(EXIT_INPUT, "%s: impossible index limits %d..%d %d..%d %d..%d", path, t->min[0],
           t->max[0], t->min[1], t->max[1], t->min[2], t->max[2]);
    t->range[i] = t->max[i] - t->min[i] + 1;
  }
  t->F = allocate((size_t)cells, sizeof *t->F, "the structure factors");
}

/* The original counts groups of four numbers, whatever the lines say, and stops
 * without a word at the first text (Q-HKLSTREAM). */
static long long find_limits(FILE *file, const char *path, double low[3], double high[3]) {
  double row[4];
  long long count = 0;
  int i;
  while (fscanf(file, "%lf %lf %lf %lf", &row[0], &row[1], &row[2], &row[3]) == 4) {
    for (i = 0; i < 3; i++) {
      if (!(fabs(row[i]) < 1e6))
        fail(EXIT_INPUT, "%s: row %lld has the impossible index %g", path, count, row[i]);
      if (row[i] != ceil(row[i] - 0.4))
        warn("%s: row %lld has the non-integer index %g", path, count, row[i]);
      low[i] = fmin(low[i], row[i]);
      high[i] = fmax(high[i], row[i]);
    }
    count++;
  }
  return count;
}

static void read_rows(StructureFactors *t, FILE *file, const char *path) {
  long long count = 0;
  size_t i, cells = (size_t)t->range[0] * (size_t)t->range[1] * (size_t)t->range[2];
  double F;
  int h, k, l;
  for (i = 0; i < cells; i++) t->F[i] = t->default_F;
  while (fscanf(file, "%d %d %d %lf", &h, &k, &l, &F) == 4) {
    if (h < t->min[0] || h > t->max[0] || k < t->min[1] || k > t->max[1] || l < t->min[2] ||
        l > t->max[2])
      fail(EXIT_INPUT, "%s: reflection %d %d %d lies outside the list's own limits", path, h, k, l);
    t->F[cell_index(t, h, k, l)] = F;
    count++;
  }
  if (count != t->reflections)
    warn("%s: only %lld of %lld rows have integer indices; the rest keeps the default, as in the "
         "original (Q-HKLSTREAM)",
         path, count, t->reflections);
}

/* What Q-HKLSTREAM asks for: a reflection a line, # starts a comment, further columns are
 * ignored, anything else is refused. Returns 0 at the end of the file. */
static int next_reflection(FILE *file, const char *path, double row[4]) {
  char line[4096];
  int found, i;
  while (fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "#")] = '\0';
    if (line[strspn(line, " \t\r\n")] == '\0') continue;
    found = sscanf(line, "%lf %lf %lf %lf", &row[0], &row[1], &row[2], &row[3]);
    for (i = 0; i < 3 && found == 4; i++)
      if (row[i] != floor(row[i]) || fabs(row[i]) > 1e6) found = i;
    if (found != 4) fail(EXIT_INPUT, "%s: not a reflection h k l F: %.40s", path, line);
    return 1;
  }
  return 0;
}

static long long find_line_limits(FILE *file, const char *path, double low[3], double high[3]) {
  double row[4];
  long long count = 0;
  int i;
  for (; next_reflection(file, path, row); count++)
    for (i = 0; i < 3; i++) {
      low[i] = fmin(low[i], row[i]);
      high[i] = fmax(high[i], row[i]);
    }
  return count;
}

static void read_lines(StructureFactors *t, FILE *file, const char *path) {
  size_t i, cells = (size_t)t->range[0] * (size_t)t->range[1] * (size_t)t->range[2];
  double row[4];
  for (i = 0; i < cells; i++) t->F[i] = t->default_F;
  while (next_reflection(file, path, row))
    t->F[cell_index(t, (int)row[0], (int)row[1], (int)row[2])] = row[3];
}

static void read_list(StructureFactors *t, const char *path, int corrected) {
  double low[3] = {1e9, 1e9, 1e9}, high[3] = {-1e9, -1e9, -1e9};
  int i;
  FILE *file = fopen(path, "r");
  if (file == NULL) fail(EXIT_INPUT, "cannot open %s: %s", path, strerror(errno));
  t->reflections = corrected ? find_line_limits(file, path, low, high)
                             : find_limits(file, path, low, high);
  if (t->reflections == 0) fail(EXIT_INPUT, "%s holds no reflections", path);
  for (i = 0; i < 3; i++) {
    t->min[i] = (int)low[i];
    t->max[i] = (int)high[i];
  }
  allocate_table(t, path);
  rewind(file);
  if (corrected)
    read_lines(t, file, path);
  else
    read_rows(t, file, path);
  fclose(file);
}

/* One plane more than needed along each axis, left at zero (4.2). */
static void write_cache(const StructureFactors *t, const char *path) {
  FILE *file = create_file(path);
  double zero = 0.0;
  int h, k, l;
  fprintf(file, "%d %d %d %d %d %d\n\f", t->min[0], t->max[0], t->min[1], t->max[1], t->min[2],
          t->max[2]);
  for (h = 0; h <= t->range[0]; h++)
    for (k = 0; k <= t->range[1]; k++)
      for (l = 0; l <= t->range[2]; l++) {
        int inside = h < t->range[0] && k < t->range[1] && l < t->range[2];
        write_bytes(file,
                    inside ? &t->F[cell_index(t, h + t->min[0], k + t->min[1], l + t->min[2])]
                           : &zero,
                    sizeof zero, path);
      }
  close_written(file, path);
}

static void read_cache_header(StructureFactors *t, FILE *file, const char *path) {
  int next;
  if (fscanf(file, "%d%d%d%d%d%d", &t->min[0], &t->max[0], &t->min[1], &t->max[1], &t->min[2],
             &t->max[2]) != 6 ||
      fgetc(file) != '\n' || fgetc(file) != '\f')
    fail(EXIT_INPUT, "%s is not a structure-factor cache; remove it or name another with -dump",
         path);
  next = fgetc(file);
  if (next == ' ' || (next >= 0x09 && next <= 0x0D))
    warn("%s: the original loses bytes of this file and reads other values (Q-FDUMP)", path);
  ungetc(next, file);
}

static void read_cache(StructureFactors *t, FILE *file, const char *path) {
  double value;
  int h, k, l;
  read_cache_header(t, file, path);
  allocate_table(t, path);
  for (h = 0; h <= t->range[0]; h++)
    for (k = 0; k <= t->range[1]; k++)
      for (l = 0; l <= t->range[2]; l++) {
        if (fread(&value, sizeof value, 1, file) != 1)
          fail(EXIT_INPUT, "%s is shorter than its limits say", path);
        if (h < t->range[0] && k < t->range[1] && l < t->range[2])
          t->F[cell_index(t, h + t->min[0], k + t->min[1], l + t->min[2])] = value;
      }
  t->reflections = (long long)t->range[0] * t->range[1] * t->range[2];
}

StructureFactors structure_factors_from(const Options *o) {
  StructureFactors table = {0};
  FILE *cache;
  table.default_F = o->default_F;
  if (o->hkl != NULL) {
    read_list(&table, o->hkl, o->corrected);
    if (!o->corrected || o->dump_given) write_cache(&table, o->dump);
    return table;
  }
  if (o->corrected && !o->dump_given) return table;
  cache = fopen(o->dump, "rb");
  if (cache == NULL) return table;
  /* The reason for this line: a forgotten cache has passed for a parity failure. */
  if (!o->dump_given)
    warn("structure factors come from %s, which no flag names (Q-FDUMP)", o->dump);
  read_cache(&table, cache, o->dump);
  fclose(cache);
  return table;
}

double nearest_F(const StructureFactors *t, double h0, double k0, double l0) {
  if (t->reflections == 0 || !(h0 >= t->min[0] && h0 <= t->max[0] && k0 >= t->min[1] &&
                               k0 <= t->max[1] && l0 >= t->min[2] && l0 <= t->max[2]))
    return t->default_F;
  return t->F[cell_index(t, (int)h0, (int)k0, (int)l0)];
}

static int inside(double x, int min, int range) {
  return !(x - min + 3.0 > range) && !(x - 2.0 < min);
}

int can_interpolate(const StructureFactors *t, double h, double k, double l) {
  return inside(h, t->min[0], t->range[0]) && inside(k, t->min[1], t->range[1]) &&
         inside(l, t->min[2], t->range[2]);
}

/* Cubic through four values at consecutive integers from `first` on. */
static double lagrange(double first, const double y[4], double x) {
  double total = 0.0;
  int a, e;
  for (a = 0; a < 4; a++) {
    double basis = y[a];
    for (e = 0; e < 4; e++)
      if (e != a) basis *= (x - (first + e)) / (double)(a - e);
    total += basis;
  }
  return total;
}

double interpolated_F(const StructureFactors *t, double h, double k, double l) {
  int first[3], a, b, c;
  double along_h[4], along_k[4], along_l[4];
  first[0] = (int)floor(h) - 1;
  first[1] = (int)floor(k) - 1;
  first[2] = (int)floor(l) - 1;
  for (a = 0; a < 4; a++) {
    for (b = 0; b < 4; b++) {
      for (c = 0; c < 4; c++)
        along_l[c] = t->F[cell_index(t, first[0] + a, first[1] + b, first[2] + c)];
      along_k[b] = lagrange(first[2], along_l, l);
    }
    along_h[a] = lagrange(first[1], along_k, k);
  }
  return lagrange(first[0], along_h, h);
}
