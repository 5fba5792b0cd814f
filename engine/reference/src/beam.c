#include "beam.h"

#include <stdio.h>
#include <stdlib.h>

#include "columns.h"
#include "constants.h"
#include "failure.h"

void resolve_beam(Options *o) {
  int axis;
  if (!(o->lambda > 0.0))
    fail(EXIT_NOT_UNDERSTOOD, "the wavelength must be positive, not %g m (X-NAN)", o->lambda);
  if (o->flux != 0.0 && o->exposure > 0.0 && o->beamsize >= 0.0)
    o->fluence = o->flux * o->exposure / o->beamsize / o->beamsize;
  if (!isfinite(o->fluence)) fail(EXIT_NOT_UNDERSTOOD, "the fluence is not finite");
  for (axis = 1; axis < 3; axis++) {
    if (o->beamsize < 0.0 || o->size[axis] <= o->beamsize) continue;
    warn("crystal is larger than the beam along %c: clipped to %g mm", "xyz"[axis],
         o->beamsize * 1000.0);
    o->size[axis] = o->beamsize;
  }
}

/* The grid is trimmed to an ellipse only when both ranges are positive: with a zero
 * range the original's measure is 0/0 and its comparison false (8.1). */
static int trimmed(const Sampling divergence[2], double eta, double nu) {
  const double angle[2] = {eta, nu};
  double measure = 0.0;
  int axis;
  for (axis = 0; axis < 2; axis++) {
    const Sampling *s = &divergence[axis];
    double even = s->step * s->step / 4.0 * (1.0 - s->count % 2);
    measure += (angle[axis] * angle[axis] - even) / s->range / s->range;
  }
  return measure * 4.0 > 1.1;
}

static double offset(const Sampling *s, int index) { return s->step * index - s->range / 2.0; }

static Source source_at(Vec3 position, double weight, double lambda) {
  Source source;
  source.position = position;
  source.incident = scaled(-1.0, unit(position));
  source.weight = weight;
  source.lambda = lambda;
  return source;
}

static void add_wavelengths(Beam *b, Vec3 position) {
  int k;
  for (k = 0; k < b->dispersion.count; k++) {
    double shift = 1.0 + b->dispersion.step * k - b->dispersion.range / 2.0;
    b->sources[b->source_count++] = source_at(position, 0.0, b->lambda * shift);
  }
}

static void generate_sources(Beam *b, const Detector *d, int round_div) {
  const Sampling *h = &b->divergence[HORIZONTAL], *v = &b->divergence[VERTICAL];
  Vec3 nominal = scaled(-NB_SOURCE_DISTANCE, d->beam);
  double largest = (double)h->count * v->count * b->dispersion.count;
  int i, j;
  if (largest > 1e8) fail(EXIT_NOT_UNDERSTOOD, "%g sources are too many", largest);
  b->sources = allocate((size_t)largest, sizeof *b->sources, "the sources");
  for (i = 0; i < h->count; i++)
    for (j = 0; j < v->count; j++) {
      double eta = offset(h, i), nu = offset(v, j);
      if (round_div && trimmed(b->divergence, eta, nu)) continue;
      b->divergence_points++;
      add_wavelengths(
          b, rotate_about(rotate_about(nominal, d->polar, nu), d->vertical, eta));
      printf("divergence deviation: %g %g\n", eta, nu);
    }
  for (i = 0; i < b->source_count; i++) b->sources[i].weight = 1.0 / b->source_count;
}

static double present_or(double value, double otherwise) {
  return isnan(value) ? otherwise : value;
}

/* X, Y, Z, weight, wavelength in metres (4.5). */
static void read_sources(Beam *b, const Detector *d, const char *path, int corrected) {
  size_t rows, i;
  double *table = read_columns(path, 5, corrected, &rows);
  Vec3 nominal = scaled(-NB_SOURCE_DISTANCE, d->beam);
  if (rows > 100000000) fail(EXIT_INPUT, "%s holds too many sources", path);
  b->sources = allocate(rows, sizeof *b->sources, "the sources");
  for (i = 0; i < rows; i++) {
    const double *row = table + i * 5;
    Vec3 position = vec(present_or(row[0], nominal.x), present_or(row[1], nominal.y),
                        present_or(row[2], nominal.z));
    double lambda = present_or(row[4], b->lambda);
    if (!(lambda > 0.0) || norm(position) == 0.0 || !finite_vec(position))
      fail(EXIT_INPUT, "%s: row %zu has no direction or no wavelength (X-NAN)", path, i + 1);
    b->sources[i] = source_at(position, present_or(row[3], 1.0), lambda);
  }
  b->source_count = (int)rows;
  b->divergence_points = -1;
  free(table);
}

Beam beam_from(const Options *o, const Detector *d) {
  Beam b = {0};
  int axis;
  b.lambda = o->lambda;
  b.fluence = o->fluence;
  b.polarization = o->polarization;
  b.nopolar = o->nopolar;
  for (axis = 0; axis < 2; axis++)
    b.divergence[axis] = spread_sampling(o->divsteps[axis], o->divrange[axis], o->divstep[axis]);
  b.dispersion = spread_sampling(o->dispsteps, o->dispersion, -1.0);
  if (o->sourcefile != NULL)
    read_sources(&b, d, o->sourcefile, o->corrected);
  else
    generate_sources(&b, d, o->round_div);
  if (o->water != 0.0)
    b.water_background = NB_WATER_F * NB_WATER_F * NB_ELECTRON_RADIUS_SQUARED * o->fluence *
                         o->water * o->water * o->water * 1e6 * NB_AVOGADRO / NB_WATER_MOLAR_MASS;
  return b;
}

double polarization_factor(double kahn, Vec3 *incident, Vec3 *diffracted, Vec3 *polar) {
  double cos2theta, cos2theta_squared, psi = 0.0;
  *incident = unit(*incident);
  *diffracted = unit(*diffracted);
  *polar = unit(*polar);
  cos2theta = dot(*incident, *diffracted);
  cos2theta_squared = cos2theta * cos2theta;
  if (kahn != 0.0) {
    Vec3 across = unit(cross(*polar, *incident));
    Vec3 along = unit(cross(*incident, across));
    psi = -atan2(dot(*diffracted, across), dot(*diffracted, along));
  }
  return 0.5 * (1.0 + cos2theta_squared - kahn * cos(2.0 * psi) * (1.0 - cos2theta_squared));
}
