#include "random.h"

#include <math.h>
#include <string.h>

#include "constants.h"

static const long long MODULUS = 2147483647;
static const long long MULTIPLIER = 16807;

void generator_init(Generator *generator) {
  memset(generator, 0, sizeof *generator);
  generator->mean = -1.0F;
}

static long long advance(long long x) { return (MULTIPLIER * x) % MODULUS; }

static void fill_table(Generator *generator, long long *seed) {
  int j;
  *seed = (-*seed < 1) ? 1 : -*seed;
  for (j = SHUFFLE_SIZE + 7; j >= 0; j--) {
    *seed = advance(*seed);
    if (j < SHUFFLE_SIZE) generator->table[j] = *seed;
  }
  generator->last = generator->table[0];
}

float uniform(Generator *generator, long long *seed) {
  const float largest = (float)(1.0 - 1.2e-7);
  long long slot;
  float deviate;
  if (*seed <= 0 || generator->last == 0) fill_table(generator, seed);
  *seed = advance(*seed);
  slot = generator->last / (1 + (MODULUS - 1) / SHUFFLE_SIZE);
  generator->last = generator->table[slot];
  generator->table[slot] = *seed;
  deviate = (float)((1.0 / 2147483647.0) * (double)generator->last);
  return deviate > largest ? largest : deviate;
}

float gaussian(Generator *generator, long long *seed) {
  float v1, v2, squared, factor;
  if (generator->has_spare) {
    generator->has_spare = 0;
    return generator->spare;
  }
  do {
    v1 = (float)(2.0 * uniform(generator, seed) - 1.0);
    v2 = (float)(2.0 * uniform(generator, seed) - 1.0);
    squared = v1 * v1 + v2 * v2;
  } while (squared >= 1.0F || squared == 0.0F);
  factor = (float)sqrt(-2.0 * log(squared) / squared);
  generator->spare = v1 * factor;
  generator->has_spare = 1;
  return v2 * factor;
}

float log_gamma(float z) {
  static const double coefficient[6] = {76.18009172947146,  -86.50532032941677,
                                        24.01409824083091,  -1.231739572450155,
                                        0.1208650973866179e-2, -0.5395239384953e-5};
  double x = z, y = z, shifted, series = 1.000000000190015;
  int j;
  shifted = x + 5.5;
  shifted -= (x + 0.5) * log(shifted);
  for (j = 0; j < 6; j++) series += coefficient[j] / ++y;
  return (float)(-shifted + log(2.5066282746310005 * series / x));
}

/* Multiplies deviates until their product falls below exp(-mean). */
static float poisson_small(Generator *generator, float mean, long long *seed) {
  float count = -1.0F, product = 1.0F;
  if (mean != generator->mean) {
    generator->mean = mean;
    generator->exp_minus_mean = (float)exp(-mean);
  }
  do {
    count += 1.0F;
    product *= uniform(generator, seed);
  } while (product > generator->exp_minus_mean);
  return count;
}

/* Rejection from a Lorentzian envelope. */
static float poisson_large(Generator *generator, float mean, long long *seed) {
  float count, slope, accept;
  if (mean != generator->mean) {
    generator->mean = mean;
    generator->root = (float)sqrt(2.0 * mean);
    generator->log_mean = (float)log(mean);
    generator->density = mean * generator->log_mean - log_gamma((float)(mean + 1.0));
  }
  do {
    do {
      slope = (float)tan(NB_PI * uniform(generator, seed));
      count = generator->root * slope + mean;
    } while (count < 0.0F);
    count = (float)floor(count);
    accept = (float)(0.9 * (1.0 + slope * slope) *
                     exp(count * generator->log_mean - log_gamma((float)(count + 1.0)) -
                         generator->density));
  } while (uniform(generator, seed) > accept);
  return count;
}

float poisson(Generator *generator, float mean, long long *seed) {
  if (mean > 1e6F) return (float)(mean + sqrt(mean) * gaussian(generator, seed));
  if (mean < 12.0F) return poisson_small(generator, mean, seed);
  return poisson_large(generator, mean, seed);
}
