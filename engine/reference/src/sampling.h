/* How finely the averages are taken: the rules that fill in whichever of count,
 * range and step the command line left out (specification 5.3 to 5.6). */
#ifndef NB_SAMPLING_H
#define NB_SAMPLING_H

typedef struct {
  int count;
  double range, step;
} Sampling;

/* Spindle positions (5.3). A count below zero, a range below zero and a step at or
 * below zero mean "not given". */
Sampling spindle_sampling(int count, double range, double step);

/* Divergence and dispersion (5.4). */
Sampling spread_sampling(int count, double range, double step);

/* Sensor layers (5.5); a missing absorption coefficient, below zero, becomes the
 * inverse of the thickness. */
Sampling layer_sampling(int count, double thickness, double *mu);

/* Mosaic domains and spread (5.6). */
Sampling mosaic_sampling(int domains, double spread);

/* ceil(quotient) as a count, or exit when no int holds it. */
int ceil_count(double quotient, const char *what);

#endif
