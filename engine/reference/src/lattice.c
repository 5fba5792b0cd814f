#include "lattice.h"

#include "constants.h"

/* sin(Nx)/sin(x) on the unreduced phase: the published images hold its rounding. */
static double grating(double x, double N) {
  if (x == 0.0) return N;
  return sin(N * x) / sin(x);
}

static double square(const Crystal *crystal, const double h[3]) {
  double F = 1.0;
  int i;
  for (i = 0; i < 3; i++)
    if (crystal->N[i] > 1.0) F *= grating(NB_PI * h[i], crystal->N[i]);
  return F;
}

/* Fourier transform of a sphere, one at the origin. */
static double sphere(double x) {
  if (x == 0.0) return 1.0;
  return 3.0 * (sin(x) / x - cos(x)) / (x * x);
}

static double cells(const Crystal *c) { return c->N[0] * c->N[1] * c->N[2]; }

static double ellipsoid(const Crystal *crystal, const double off[3]) {
  const double *N = crystal->N;
  double squared = off[0] * off[0] * N[0] * N[0] + off[1] * off[1] * N[1] * N[1] +
                   off[2] * off[2] * N[2] * N[2];
  return cells(crystal) * NB_ROUND_AMPLITUDE * sphere(NB_PI * sqrt(squared * crystal->fudge));
}

/* Squared distance to the reflection, scaled with the product of all three counts (Q-GAUSS). */
static double spot_radius_squared(const Crystal *crystal, const double off[3]) {
  const Axes *star = &crystal->reciprocal;
  const double *N = crystal->N;
  Vec3 away = vec(off[0] * star->a.x + off[1] * star->b.x + off[2] * star->c.x,
                  off[0] * star->a.y + off[1] * star->b.y + off[2] * star->c.y,
                  off[0] * star->a.z + off[1] * star->b.z + off[2] * star->c.z);
  return dot(away, away) * N[0] * N[0] * N[1] * N[1] * N[2] * N[2];
}

double lattice_factor(const Crystal *crystal, const double h[3], const double h0[3]) {
  const double off[3] = {h[0] - h0[0], h[1] - h0[1], h[2] - h0[2]};
  switch (crystal->shape) {
    case SQUARE:
      break;
    case ROUND:
      return ellipsoid(crystal, off);
    case GAUSS:
      return cells(crystal) *
             exp(-(spot_radius_squared(crystal, off) / NB_GAUSS_WIDTH * crystal->fudge));
    case TOPHAT:
      return spot_radius_squared(crystal, off) * crystal->fudge < NB_TOPHAT_RADIUS_SQUARED
                 ? cells(crystal)
                 : 0.0;
  }
  return square(crystal, h);
}
