#include "sampling.h"

#include <math.h>

#include "failure.h"

static Sampling sampling(int count, double range, double step) {
  Sampling s;
  s.count = count;
  s.range = range;
  s.step = step;
  return s;
}

int ceil_count(double quotient, const char *what) {
  double count = ceil(quotient);
  if (!(count <= 2147483647.0 && count >= -2147483647.0))
    fail(EXIT_NOT_UNDERSTOOD, "%s: %g is not a possible count", what, count);
  return (int)count;
}

Sampling spindle_sampling(int count, double range, double step) {
  if (count < 0) {
    if (range < 0.0)
      return step <= 0.0 ? sampling(1, 0.0, 0.0) : sampling(2, step, step);
    if (step <= 0.0) return sampling(2, range, range / 2.0);
    return sampling(ceil_count(range / step, "phi steps"), range, step);
  }
  if (count == 0) count = 1;
  if (range < 0.0) {
    const double one_degree = 3.14159265358979323846 / 180.0;
    if (step > 0.0) return sampling(2, step, step);
    return sampling(count, one_degree, one_degree / count);
  }
  return sampling(count, range, step < 0.0 ? range / count : step);
}

static Sampling spread_given(int count, double range, double step) {
  if (count <= 0) {
    if (range < 0.0)
      return step <= 0.0 ? sampling(1, 0.0, 0.0) : sampling(2, step, step);
    if (step <= 0.0) return sampling(2, range, range);
    return sampling(ceil_count(range / step, "divergence steps"), range, step);
  }
  if (range < 0.0)
    return step <= 0.0 ? sampling(count, 1.0, 1.0 / count) : sampling(2, step, step);
  if (step <= 0.0) {
    if (count < 2) count = 2;
    return sampling(count, range, range / (count - 1));
  }
  return sampling(count, range, step);
}

Sampling spread_sampling(int count, double range, double step) {
  Sampling s = spread_given(count, range, step);
  if (s.range <= 0.0 || s.step <= 0.0 || s.count <= 0) return sampling(1, 0.0, 0.0);
  return s;
}

static Sampling layers_given(int count, double thickness) {
  if (count <= 0)
    return thickness < 0.0 ? sampling(1, 0.0, 0.0) : sampling(2, thickness, thickness / 2.0);
  if (thickness < 0.0) return sampling(count, 0.5e-6, 0.5e-6 / count);
  if (count < 2) count = 2;
  return sampling(count, thickness, thickness / (count - 1));
}

Sampling layer_sampling(int count, double thickness, double *mu) {
  Sampling s = layers_given(count, thickness);
  if (s.range > 0.0 && *mu < 0.0) {
    *mu = 1.0 / s.range;
    warn("no attenuation depth given: the sensor thickness is taken, %g m", s.range);
  }
  if (s.range <= 0.0 || s.step <= 0.0 || s.count <= 0) return sampling(1, 0.0, 0.0);
  return s;
}

Sampling mosaic_sampling(int domains, double spread) {
  if (domains <= 0) {
    if (spread <= 0.0) return sampling(1, 0.0, 0.0);
    warn("no number of mosaic domains given: 10 are used");
    return sampling(10, spread, 0.0);
  }
  if (spread <= 0.0) {
    if (domains > 1) warn("no mosaic spread given: one mosaic domain is used");
    return sampling(1, 0.0, 0.0);
  }
  return sampling(domains, spread, 0.0);
}
