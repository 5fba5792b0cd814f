#include "pixel.h"

#include <stdio.h>

#include "constants.h"
#include "failure.h"
#include "lattice.h"

/* The running values of one pixel. polar, omega and capture are zero until first
 * computed, and then kept unless their oversample flag is on (9.6). */
typedef struct {
  const Scene *scene;
  Carried *carried;
  Watch *watch;
  double I, polar, omega, capture;
  Vec3 diffracted;
  /* For the background of a corrected pixel, which has no path of its own: the factors of the
   * first subpixel and source, and what all layers capture together. */
  double first_polar, first_omega, all_capture;
} Pixel;

Carried carried_at_start(const Scene *scene) {
  Carried carried;
  carried.interpolate = scene->interpolate;
  carried.spindle = -1;
  carried.polar = scene->detector.polar;
  return carried;
}

int is_settled(const Scene *scene, const Carried *carried) {
  int polar_rests =
      scene->beam.polarization == 0.0 || same(unit(carried->polar), carried->polar);
  return (scene->corrected || !carried->interpolate) &&
         carried->spindle == scene->crystal.last_nonzero_phi &&
         polar_rests;
}

/* Section 9.7. The switch is for the rest of the run; the same sample already falls
 * through to the nearest reflection (Q-INTERPOFF). */
static double structure_factor(const Pixel *p, const double h[3], const double h0[3]) {
  const StructureFactors *table = &p->scene->factors;
  if (p->carried->interpolate) {
    if (can_interpolate(table, h[0], h[1], h[2]))
      return interpolated_F(table, h[0], h[1], h[2]);
    if (p->scene->corrected) return nearest_F(table, h0[0], h0[1], h0[2]);
    p->carried->interpolate = 0;
    warn("index %g %g %g (nearest %g %g %g) is too near the edge of the table: no interpolation "
         "from here on (Q-INTERPOFF)",
         h[0], h[1], h[2], h0[0], h0[1], h0[2]);
  }
  return nearest_F(table, h0[0], h0[1], h0[2]);
}

/* Mended, each term has its own layer's capture and, with the flags, its own factors
 * (Q-RUNNING, Q-LAYERS). */
static void accumulate_corrected(Pixel *p, double F_cell, double F_latt) {
  const Scene *scene = p->scene;
  double term = F_cell * F_cell * F_latt * F_latt * p->capture;
  if (scene->oversample_polar) term *= p->polar;
  if (scene->oversample_omega) term *= p->omega;
  p->I += term;
  if (p->watch != NULL) watch_term(p->watch, F_cell, p->I);
}

/* The flags multiply the running total, earlier terms included (Q-RUNNING). */
static void accumulate(Pixel *p, double F_cell, double F_latt) {
  const Scene *scene = p->scene;
  if (scene->corrected) {
    accumulate_corrected(p, F_cell, F_latt);
    return;
  }
  p->I += F_cell * F_cell * F_latt * F_latt;
  if (p->watch != NULL) watch_term(p->watch, F_cell, p->I);
  if (scene->oversample_thick) p->I *= p->capture;
  if (scene->oversample_polar) p->I *= p->polar;
  if (scene->oversample_omega) p->I *= p->omega;
}

static void sample_domain(Pixel *p, int domain, const Axes *axes, Vec3 q) {
  const double h[3] = {dot(axes->a, q), dot(axes->b, q), dot(axes->c, q)};
  const double h0[3] = {ceil(h[0] - 0.5), ceil(h[1] - 0.5), ceil(h[2] - 0.5)};
  double F_latt = lattice_factor(&p->scene->crystal, h, h0);
  if (p->watch != NULL) watch_domain(p->watch, domain, axes, h, h0, F_latt);
  if (F_latt == 0.0 && p->scene->water == 0.0) return;
  accumulate(p, structure_factor(p, h, h0), F_latt);
}

/* The cell's vectors at a spindle position; at exactly zero they stay as they were. */
static const Axes *turned(Pixel *p, int position) {
  const Crystal *crystal = &p->scene->crystal;
  if (crystal->zero_turns || spindle_angle(crystal, position) != 0.0)
    p->carried->spindle = position;
  return p->carried->spindle < 0 ? &crystal->real : &crystal->at_phi[p->carried->spindle];
}

static void sample_orientations(Pixel *p, Vec3 q) {
  const Crystal *crystal = &p->scene->crystal;
  int j, m;
  for (j = 0; j < crystal->spindle.count; j++) {
    const Axes *axes = turned(p, j);
    if (p->watch != NULL) watch_spindle(p->watch, j, spindle_angle(crystal, j), axes);
    for (m = 0; m < crystal->mosaic.count; m++) {
      if (crystal->mosaic.range > 0.0) {
        const Matrix3 *U = &crystal->domains[m];
        Axes domain;
        domain.a = transform(U, axes->a);
        domain.b = transform(U, axes->b);
        domain.c = transform(U, axes->c);
        sample_domain(p, m, &domain, q);
      } else {
        sample_domain(p, m, axes, q);
      }
    }
  }
}

static void sample_source(Pixel *p, int index) {
  const Scene *scene = p->scene;
  const Source *source = &scene->beam.sources[index];
  Vec3 incident = source->incident, toward = difference(p->diffracted, incident);
  Vec3 q = vec(toward.x / source->lambda, toward.y / source->lambda, toward.z / source->lambda);
  double stol = 0.5 * norm(q);
  if (p->watch != NULL) watch_source(p->watch, index, source, q, stol);
  if (scene->dmin > 0.0 && stol > 0.0 && scene->dmin > 0.5 / stol) return;
  if (p->polar == 0.0 || scene->oversample_polar)
    p->polar = polarization_factor(scene->beam.polarization, &incident, &p->diffracted,
                                   &p->carried->polar);
  if (p->watch != NULL) watch_polarization(p->watch, p->polar);
  sample_orientations(p, q);
}

/* Section 9.3: solid angle of the whole pixel, and the fraction its layer captures. */
static void sample_subpixel(Pixel *p, Sample *sample) {
  const Scene *scene = p->scene;
  const Detector *d = &scene->detector;
  const Vec3 position = sample->position;
  const int layer = sample->layer;
  double R = norm(position);
  int i;
  p->diffracted = vec(position.x / R, position.y / R, position.z / R);
  if (p->omega == 0.0 || scene->oversample_omega)
    p->omega = d->point_pixel ? 1.0 / R / R
                              : d->pixel * d->pixel / R / R * d->close_distance / R;
  if ((p->capture == 0.0 || scene->oversample_thick) &&
      !(scene->corrected && d->layers.range == 0.0)) { /* Q-THICK0 */
    double parallax = dot(p->diffracted, d->normal), depth = d->layers.step;
    p->capture = exp(-layer * depth * d->mu / parallax) -
                 exp(-(layer + 1) * depth * d->mu / parallax);
  }
  if (p->watch != NULL) {
    sample->airpath = R;
    sample->diffracted = p->diffracted;
    sample->omega = p->omega;
    sample->capture = p->capture;
    watch_sample(p->watch, sample);
  }
  for (i = 0; i < scene->beam.source_count; i++) sample_source(p, i);
}

/* A pixel whose paths are all cut keeps its background (Q-CUT). */
static void mend_background(Pixel *p) {
  const Scene *scene = p->scene;
  double background = scene->beam.water_background * p->all_capture;
  if (scene->oversample_polar) background *= p->first_polar;
  if (scene->oversample_omega) background *= p->first_omega;
  p->I += background;
  if (p->polar == 0.0) p->polar = p->first_polar;
}

/* r_e^2 x fluence x I / steps, then each factor that no flag has applied already (9.6). */
static double photons(Pixel *p) {
  const Scene *scene = p->scene;
  double value;
  if (scene->corrected) mend_background(p);
  value = NB_ELECTRON_RADIUS_SQUARED * scene->beam.fluence * p->I / scene->steps;
  if (!scene->oversample_thick && !scene->corrected) value *= p->capture;
  if (!scene->oversample_polar) value *= p->polar;
  if (!scene->oversample_omega) value *= p->omega;
  return value;
}

/* Where a subpixel of a layer is; the coordinates on the detector are its centre (7.7). */
static Sample sample_at(const Scene *scene, int slow, int fast, int layer, int s, int f) {
  const Detector *d = &scene->detector;
  const int n = scene->oversample;
  const double subpixel = d->pixel / n;
  Sample sample = {0};
  sample.layer = layer;
  sample.slow = s;
  sample.fast = f;
  sample.at_fast = subpixel * ((double)fast * n + f) + subpixel / 2.0;
  sample.at_slow = subpixel * ((double)slow * n + s) + subpixel / 2.0;
  sample.depth = layer * d->layers.step;
  sample.position = flat_position(d, sample.at_fast, sample.at_slow, sample.depth);
  if (d->curved) sample.position = curved_position(d, sample.position);
  return sample;
}

/* The first paths' values, which may be gone when the loops end. */
static void note_first(Pixel *p, int layer, int s, int f) {
  const Beam *beam = &p->scene->beam;
  Vec3 incident = beam->sources[0].incident, diffracted = p->diffracted;
  Vec3 axis = p->carried->polar;
  if (s + f == 0) p->all_capture += p->capture;
  if (layer + s + f > 0) return;
  p->first_omega = p->omega;
  p->first_polar = beam->nopolar ? 1.0
                                 : polarization_factor(beam->polarization, &incident,
                                                       &diffracted, &axis);
}

static void tell_watch(const Pixel *p, int slow, int fast, double value) {
  Finished finished;
  finished.slow = slow;
  finished.fast = fast;
  finished.I = p->I;
  finished.background = p->scene->beam.water_background;
  finished.polar = p->polar;
  finished.omega = p->omega;
  finished.capture = p->capture;
  finished.value = value;
  watch_pixel(p->watch, p->scene, &finished);
}

double render_pixel(const Scene *scene, Carried *carried, int slow, int fast, double *omega_sum,
                    Watch *watch) {
  const Detector *d = &scene->detector;
  int layer, s, f;
  double value;
  Pixel p = {0};
  p.scene = scene;
  p.carried = carried;
  p.watch = watch;
  p.I = scene->corrected ? 0.0 : scene->beam.water_background;
  p.polar = scene->beam.nopolar ? 1.0 : 0.0;
  for (layer = 0; layer < d->layers.count; layer++) {
    p.capture = d->layers.range == 0.0 ? 1.0 : 0.0;
    for (s = 0; s < scene->oversample; s++)
      for (f = 0; f < scene->oversample; f++) {
        Sample sample = sample_at(scene, slow, fast, layer, s, f);
        sample_subpixel(&p, &sample);
        *omega_sum += p.omega;
        if (scene->corrected) note_first(&p, layer, s, f);
      }
  }
  value = photons(&p);
  if (watch != NULL) tell_watch(&p, slow, fast, value);
  return value;
}
