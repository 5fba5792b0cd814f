/* The random numbers of the original (specification 11). */
#ifndef NB_RANDOM_H
#define NB_RANDOM_H

enum { SHUFFLE_SIZE = 32 };

/* One shuffle table serves all streams, as in the original; the seeds are the
 * callers' own. The deviate generators keep their memory here as well. */
typedef struct {
  long long table[SHUFFLE_SIZE];
  long long last;
  int has_spare;
  float spare;
  float mean, exp_minus_mean, log_mean, root, density;
} Generator;

void generator_init(Generator *generator);

/* Uniform deviate in (0, 1) from the stream of `seed` (11.1). */
float uniform(Generator *generator, long long *seed);

/* Normal deviate with unit variance (11.5). */
float gaussian(Generator *generator, long long *seed);

/* Poisson deviate; a plain normal one above a mean of a million (11.4). */
float poisson(Generator *generator, float mean, long long *seed);

/* Logarithm of the gamma function in the precision of 11.4. */
float log_gamma(float z);

#endif
