/* The flag table of specification 3.4. */
#ifndef NB_FLAGS_H
#define NB_FLAGS_H

#include "options.h"

typedef enum { CONTAINS, EXACT } Match;

typedef enum {
  REAL,        /* `operands` numbers into consecutive doubles */
  INTEGER,     /* `operands` integers into consecutive ints */
  SEED,        /* one integer, stored negated */
  PATH,        /* one word */
  VECTOR,      /* three numbers into a Vec3 */
  SWITCH,      /* no operand: store `value` */
  SPECIAL,     /* `special` does the work */
  NO_EFFECT,   /* the original reads it and never uses it */
  READ_BEFORE  /* consumed by the scan for headers */
} Kind;

/* How a number becomes its internal unit; dividing and multiplying differ in
 * the last bit, so both are needed (1.2). */
typedef enum {
  AS_GIVEN,
  FROM_MM,
  FROM_DEGREES,
  FROM_PERCENT,
  FROM_MRAD,
  FROM_ANGSTROM,
  FROM_ANGSTROM_TIMES,
  FROM_MICRON,
  FROM_MICRON_TIMES
} Unit;

enum { UNCHANGED = -1 };

typedef struct Flag {
  const char *keyword;
  Match match;
  Kind kind;
  int operands;
  long target; /* offset in Options */
  int copies;  /* how many consecutive fields take the same value */
  Unit unit;
  int value;      /* SWITCH */
  long also;      /* offset of an int set to 1, or UNCHANGED */
  int pivot;      /* or UNCHANGED */
  int convention; /* or UNCHANGED */
  int stops;      /* no further handler looks at this token (3.2) */
  int (*special)(Options *, const struct Flag *, char **operand, int available);
} Flag;

extern const Flag FLAGS[];
extern const int FLAG_COUNT;

/* `value` in the internal unit. */
double in_internal_unit(double value, Unit unit);

/* The handlers whose operands follow no common pattern. Each returns how many
 * of the `available` words it consumed. */
int flag_cell(Options *, const Flag *, char **operand, int available);
int flag_misset(Options *, const Flag *, char **operand, int available);
int flag_energy(Options *, const Flag *, char **operand, int available);
int flag_absorption(Options *, const Flag *, char **operand, int available);
int flag_pivot(Options *, const Flag *, char **operand, int available);
int flag_curved(Options *, const Flag *, char **operand, int available);
int flag_trace(Options *, const Flag *, char **operand, int available);
int flag_trace_pixel(Options *, const Flag *, char **operand, int available);
int flag_twotheta(Options *, const Flag *, char **operand, int available);
int flag_polar(Options *, const Flag *, char **operand, int available);

#endif
