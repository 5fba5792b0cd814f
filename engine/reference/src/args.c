#include "args.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "failure.h"
#include "flags.h"
#include "smv.h"
#include "spelling.h"

/* What the original accepts or ignores in silence: a warning, or with --strict-args the end. */
static void complain(const Options *o, const char *format, ...) NB_PRINTF(2, 3);

static void complain(const Options *o, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (o->strict) fail(EXIT_NOT_UNDERSTOOD, "%s", text);
  warn("%s", text);
}

static double real_operand(const Options *o, const char *flag, const char *word) {
  char *end;
  double value = strtod(word, &end);
  if (!isfinite(value)) fail(EXIT_NOT_UNDERSTOOD, "%s needs a number, not '%s'", flag, word);
  if (end == word || *end != '\0') complain(o, "%s reads '%s' as %g", flag, word, value);
  return value;
}

static long long integer_operand(const Options *o, const char *flag, const char *word) {
  char *end;
  long long value = strtoll(word, &end, 10);
  if (end == word || *end != '\0') complain(o, "%s reads '%s' as %lld", flag, word, value);
  return value;
}

static int small_integer(const Options *o, const char *flag, const char *word) {
  long long value = integer_operand(o, flag, word);
  if (value > INT_MAX || value < INT_MIN)
    fail(EXIT_NOT_UNDERSTOOD, "%s: %s does not fit an integer", flag, word);
  return (int)value;
}

/* A seed at the modulus makes every deviate zero, and the normal ones never end (11.2). */
static long long seed_operand(const Options *o, const char *flag, const char *word) {
  long long value = integer_operand(o, flag, word);
  if (value >= INT_MAX || value <= -(long long)INT_MAX)
    fail(EXIT_NOT_UNDERSTOOD, "%s: %s is outside the generator's range of +-2147483646", flag,
         word);
  return -value;
}

int flag_cell(Options *o, const Flag *flag, char **operand, int available) {
  int i;
  if (available < 1 || operand[0][0] == '-') return -1;
  for (i = 0; i < 6; i++) o->cell[i] = 0.0;
  for (i = 0; i < 6 && i < available && operand[i][0] != '-'; i++) {
    double value = real_operand(o, flag->keyword, operand[i]);
    o->cell[i] = i < 3 ? value : value / NB_DEGREES;
  }
  o->cell_given = 1;
  return i;
}

/* Also reached by -misset_seed, whose following words it then takes for angles
 * whatever they are (3.2, Q-MISSETSEED). */
int flag_misset(Options *o, const Flag *flag, char **operand, int available) {
  int i, by_seed = strstr(operand[-1], "-misset_seed") != NULL;
  if (by_seed && o->corrected) return 0;
  if (available >= 1 && strstr(operand[0], "rand") != NULL) {
    o->misset_mode = MISSET_RANDOM;
    return 1;
  }
  if (available < 3) return by_seed ? 1 : -1;
  for (i = 0; i < 3; i++) {
    double angle = by_seed ? strtod(operand[i], NULL) : real_operand(o, flag->keyword, operand[i]);
    o->misset[i] = angle / NB_DEGREES;
  }
  o->misset_mode = MISSET_ANGLES;
  if (by_seed)
    warn("-misset_seed also sets the missetting angles %g %g %g deg, as in the original "
         "(Q-MISSETSEED); put it last or before -misset random",
         o->misset[0] * NB_DEGREES, o->misset[1] * NB_DEGREES, o->misset[2] * NB_DEGREES);
  return by_seed ? 1 : 3;
}

int flag_energy(Options *o, const Flag *flag, char **operand, int available) {
  double energy;
  if (available < 1) return -1;
  energy = real_operand(o, flag->keyword, operand[0]);
  if (energy <= 0.0) fail(EXIT_NOT_UNDERSTOOD, "-energy must be positive, not %g", energy);
  o->lambda = (NB_EV_ANGSTROM / energy) / 1e10;
  return 1;
}

int flag_absorption(Options *o, const Flag *flag, char **operand, int available) {
  double depth;
  if (available < 1) return -1;
  depth = strstr(operand[0], "inf") != NULL ? 0.0 : real_operand(o, flag->keyword, operand[0]);
  if (depth == 0.0) {
    o->thickness = 0.0;
    o->mu = 0.0;
  } else {
    o->mu = 1.0 / (depth * 1e-6);
  }
  return 1;
}

int flag_pivot(Options *o, const Flag *flag, char **operand, int available) {
  (void)flag;
  if (available < 1) return -1;
  if (strstr(operand[0], "sample") != NULL)
    o->pivot = PIVOT_SAMPLE;
  else if (strstr(operand[0], "beam") != NULL)
    o->pivot = PIVOT_BEAM;
  else
    complain(o, "-pivot is sample or beam, not '%s': ignored", operand[0]);
  return 1;
}

int flag_curved(Options *o, const Flag *flag, char **operand, int available) {
  (void)flag;
  (void)operand;
  if (available < 1 && !o->corrected)
    warn("-curved_det as the last word has no effect, as in the original (Q-CURVED)");
  else
    o->curved = 1;
  return 0;
}

/* Slow, fast: the specification's trace of one pixel (13). */
int flag_trace_pixel(Options *o, const Flag *flag, char **operand, int available) {
  if (available < 2) return -1;
  o->trace_pixel[SLOW] = small_integer(o, flag->keyword, operand[0]);
  o->trace_pixel[FAST] = small_integer(o, flag->keyword, operand[1]);
  if (o->trace_pixel[SLOW] < 0 || o->trace_pixel[FAST] < 0)
    fail(EXIT_NOT_UNDERSTOOD, "%s: a pixel has no negative index", flag->keyword);
  o->trace = 1;
  o->tracefile = NULL;
  return 2;
}

/* Slow, fast, file. */
int flag_trace(Options *o, const Flag *flag, char **operand, int available) {
  if (available < 3) return -1;
  flag_trace_pixel(o, flag, operand, available);
  o->tracefile = operand[2];
  return 3;
}

/* Also reached by -twotheta_axis, whose first component it then takes for the angle (3.2). */
int flag_twotheta(Options *o, const Flag *flag, char **operand, int available) {
  int by_axis = strstr(operand[-1], "-twotheta_axis") != NULL;
  if (available < 1) return -1;
  if (by_axis && o->corrected) return 1;
  o->twotheta = real_operand(o, flag->keyword, operand[0]) / NB_DEGREES;
  o->pivot = PIVOT_SAMPLE;
  return 1;
}

int flag_polar(Options *o, const Flag *flag, char **operand, int available) {
  if (available < 1) return -1;
  o->polarization = real_operand(o, flag->keyword, operand[0]);
  o->nopolar = 0;
  return 1;
}

static void store_numbers(Options *o, const Flag *flag, char **operand) {
  double *target = (double *)(void *)((char *)o + flag->target);
  double value = in_internal_unit(real_operand(o, flag->keyword, operand[0]), flag->unit);
  int i;
  for (i = 0; i < flag->copies; i++) target[i] = value;
}

static void store_integers(Options *o, const Flag *flag, char **operand) {
  int *target = (int *)(void *)((char *)o + flag->target);
  int i;
  for (i = 0; i < flag->operands; i++) target[i] = small_integer(o, flag->keyword, operand[i]);
  for (i = 1; i < flag->copies; i++) target[i] = target[0];
}

static void store(Options *o, const Flag *flag, char **operand) {
  char *target = (char *)o + flag->target;
  switch (flag->kind) {
    case REAL:
      store_numbers(o, flag, operand);
      break;
    case INTEGER:
      store_integers(o, flag, operand);
      break;
    case SEED:
      *(long long *)(void *)target = seed_operand(o, flag->keyword, operand[0]);
      break;
    case PATH:
      *(const char **)(void *)target = operand[0];
      break;
    case VECTOR:
      *(Vec3 *)(void *)target =
          vec(real_operand(o, flag->keyword, operand[0]),
              real_operand(o, flag->keyword, operand[1]),
              real_operand(o, flag->keyword, operand[2]));
      break;
    case SWITCH:
      *(int *)(void *)target = flag->value;
      break;
    case NO_EFFECT:
      warn("%s has no effect, as in the original", flag->keyword);
      break;
    case SPECIAL:
    case READ_BEFORE:
      break;
  }
}

/* Returns the number of words consumed, or -1 when they are too few. */
static int apply(Options *o, const Flag *flag, char **operand, int available) {
  if (flag->special != NULL) return flag->special(o, flag, operand, available);
  if (available < flag->operands) return -1;
  store(o, flag, operand);
  if (flag->also != UNCHANGED) *(int *)(void *)((char *)o + flag->also) = 1;
  if (flag->pivot != UNCHANGED) o->pivot = flag->pivot;
  if (flag->convention != UNCHANGED) o->convention = flag->convention;
  return flag->operands;
}

static int matches(const Flag *flag, const char *token) {
  return flag->match == EXACT ? strcmp(token, flag->keyword) == 0
                              : strstr(token, flag->keyword) != NULL;
}

/* The original reads past the end of the line after these (X-NULL). */
static int crashes_without_operand(const char *token) {
  return strstr(token, "-detector_abs") != NULL || strcmp(token, "-detector_thick") == 0 ||
         strstr(token, "-detector_thicksteps") != NULL || strstr(token, "-thicksteps") != NULL;
}

static int lacks_operands(const Options *o, const char *token) {
  if (crashes_without_operand(token))
    fail(EXIT_NOT_UNDERSTOOD, "%s lacks its operand (X-NULL)", token);
  complain(o, "%s lacks operands and is ignored, as in the original", token);
  return 0;
}

/* No handler after -misset hears of a token that a word with `rand` follows: the seed of
 * `-misset_seed random` is never stored (3.2). */
static int is_random_misset(const Options *o, const Flag *flag, char **token, int available) {
  if (flag->special != flag_misset || available < 1) return 0;
  if (o->corrected && strstr(token[0], "-misset_seed") != NULL) return 0;
  return strstr(token[1], "rand") != NULL;
}

/* Offers one token to every handler; returns how many words the greediest consumed,
 * or -1 when none knows it. */
static int offer(Options *o, char **token, int available) {
  int i, most = -1;
  for (i = 0; i < FLAG_COUNT; i++) {
    int consumed;
    if (!matches(&FLAGS[i], token[0])) continue;
    consumed = apply(o, &FLAGS[i], token + 1, available);
    if (consumed < 0) consumed = lacks_operands(o, token[0]);
    if (consumed > most) most = consumed;
    if (FLAGS[i].stops || is_random_misset(o, &FLAGS[i], token, available)) break;
  }
  if (strstr(token[0], "-twotheta_axis") != NULL && !o->corrected)
    warn("-twotheta_axis also sets the two-theta angle to %g deg unless -twotheta follows, as in "
         "the original (Q-2THAXIS)",
         o->twotheta * NB_DEGREES);
  return most;
}

/* The mask is always read before the image, so that the image's header wins (step 2). */
static void read_headers(Options *o, int argc, char **argv) {
  int i;
  for (i = 1; i + 1 < argc; i++) {
    if (argv[i][0] != '-') continue;
    if (strstr(argv[i], "-img") != NULL) o->image_header = argv[i + 1];
    if (strstr(argv[i], "-mask") != NULL) o->mask = argv[i + 1];
  }
  if (o->mask != NULL) read_mask(o, o->mask);
  if (o->image_header != NULL) read_image_header(o, o->image_header);
}

/* How the line is to be read must be known before it is read. */
static void read_manner(Options *o, int argc, char **argv) {
  int i;
  for (i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-corrected") == 0) o->corrected = 1;
    if (strcmp(argv[i], "--strict-args") == 0) o->strict = 1;
  }
}

static void not_understood(const Options *o, const char *word) {
  const char *near = word[0] == '-' ? nearest_flag(word) : NULL;
  if (near != NULL)
    complain(o, "'%s' is not a flag of this program and is ignored; did you mean %s?", word, near);
  else
    complain(o, "'%s' is not a flag or operand of this program and is ignored", word);
}

void read_command_line(Options *o, int argc, char **argv) {
  int i, operand_until = 0;
  read_manner(o, argc, argv);
  read_headers(o, argc, argv);
  for (i = 1; i < argc; i++) {
    int consumed = argv[i][0] == '-' ? offer(o, argv + i, argc - i - 1) : -1;
    if (consumed < 0 && i >= operand_until) not_understood(o, argv[i]);
    if (consumed >= 0 && i + 1 + consumed > operand_until) operand_until = i + 1 + consumed;
  }
}
