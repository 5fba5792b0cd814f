#include "watch.h"

#include <string.h>

#include "constants.h"
#include "failure.h"
#include "whole_file.h"

/* What every quantity is measured in (13.2); those not listed are counts or ratios. */
static const struct {
  const char *name, *unit;
} UNITS[] = {
    {"setup.pixel_size_m", "m"},        {"setup.pix0_m", "m"},
    {"setup.Fclose_m", "m"},            {"setup.Sclose_m", "m"},
    {"setup.close_distance_m", "m"},    {"setup.Fbeam_m", "m"},
    {"setup.Sbeam_m", "m"},             {"setup.distance_m", "m"},
    {"setup.V_cell_A3", "A^3"},         {"setup.a_star_invA", "1/A"},
    {"setup.b_star_invA", "1/A"},       {"setup.c_star_invA", "1/A"},
    {"setup.a0_m", "m"},                {"setup.b0_m", "m"},
    {"setup.c0_m", "m"},                {"setup.fluence", "photons/m^2"},
    {"setup.lambda0_m", "m"},           {"setup.subpixel_m", "m"},
    {"setup.layer_step_m", "m"},        {"setup.mu_inv_m", "1/m"},
    {"setup.source", "1 1 1 m"},        {"Fdet_m", "m"},
    {"Sdet_m", "m"},                    {"Odet_m", "m"},
    {"pos_m", "m"},                     {"airpath_m", "m"},
    {"omega_sr", "sr"},                 {"lambda_m", "m"},
    {"q_inv_m", "1/m"},                 {"stol_inv_m", "1/m"},
    {"phi", "rad"},                     {"ap_m", "m"},
    {"bp_m", "m"},                      {"cp_m", "m"},
    {"a_m", "m"},                       {"b_m", "m"},
    {"c_m", "m"},                       {"F_cell", "e"},
    {"I_running", "e^2"},               {"I_total", "e^2"},
    {"I_bg", "e^2"},                    {"I_scaled", "photons/sr"},
    {"omega_final", "sr"},              {"pixel_double", "photons"},
    {"pixel_float", "photons"},
};

/* The name may carry an index in brackets, which is not part of the table's. */
static const char *unit_of(const char *name) {
  const size_t length = strcspn(name, "[");
  size_t i;
  for (i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
    if (strlen(UNITS[i].name) == length && strncmp(UNITS[i].name, name, length) == 0)
      return UNITS[i].unit;
  return "1";
}

/* A line of the trace: in a file as the specification writes it (13.1), in the report as JSON. */
static void put(const Watch *w, const char *name, const char *format, const double *value,
                int count) {
  int i;
  if (w->path != NULL)
    fprintf(w->trace, "TRACE %s =", name);
  else
    fprintf(w->trace, "{\"name\": \"%s\", \"value\": %s", name, count > 1 ? "[" : "");
  for (i = 0; i < count; i++) {
    if (w->path != NULL)
      fputc(' ', w->trace);
    else if (i > 0)
      fputs(", ", w->trace);
    fprintf(w->trace, format, value[i]);
  }
  if (w->path == NULL)
    fprintf(w->trace, "%s, \"unit\": \"%s\"}", count > 1 ? "]" : "", unit_of(name));
  fputc('\n', w->trace);
}

static const char REAL_FORMAT[] = "%.17g", WHOLE_FORMAT[] = "%.0f";

static void number(const Watch *w, const char *name, double value) {
  put(w, name, REAL_FORMAT, &value, 1);
}

static void integer(const Watch *w, const char *name, int value) {
  const double number = value;
  put(w, name, WHOLE_FORMAT, &number, 1);
}

static void vector(const Watch *w, const char *name, Vec3 v) {
  const double components[3] = {v.x, v.y, v.z};
  put(w, name, REAL_FORMAT, components, 3);
}

static void numbered(const Watch *w, const char *format, int index, const double *value,
                     int count) {
  char name[64];
  snprintf(name, sizeof name, format, index);
  put(w, name, REAL_FORMAT, value, count);
}

static void trace_detector(const Watch *w, const Detector *d) {
  number(w, "setup.pixel_size_m", d->pixel);
  number(w, "setup.ratio", d->ratio);
  vector(w, "setup.beam", d->beam);
  vector(w, "setup.polar", d->polar);
  vector(w, "setup.vertical", d->vertical);
  vector(w, "setup.spindle", d->spindle);
  vector(w, "setup.twotheta_axis", d->twotheta_axis);
  vector(w, "setup.fdet", d->fast);
  vector(w, "setup.sdet", d->slow);
  vector(w, "setup.odet", d->normal);
  vector(w, "setup.pix0_m", d->pix0);
  number(w, "setup.Fclose_m", d->Fclose);
  number(w, "setup.Sclose_m", d->Sclose);
  number(w, "setup.close_distance_m", d->close_distance);
  number(w, "setup.Fbeam_m", d->Fbeam);
  number(w, "setup.Sbeam_m", d->Sbeam);
  number(w, "setup.distance_m", d->distance);
}

static void trace_crystal(const Watch *w, const Crystal *c) {
  number(w, "setup.V_cell_A3", c->cell.volume);
  vector(w, "setup.a_star_invA", c->reciprocal.a);
  vector(w, "setup.b_star_invA", c->reciprocal.b);
  vector(w, "setup.c_star_invA", c->reciprocal.c);
  vector(w, "setup.a0_m", c->real.a);
  vector(w, "setup.b0_m", c->real.b);
  vector(w, "setup.c0_m", c->real.c);
  vector(w, "setup.Ncells", vec(c->N[0], c->N[1], c->N[2]));
}

static void trace_averages(const Watch *w, const Scene *s) {
  int i;
  number(w, "setup.fluence", s->beam.fluence);
  number(w, "setup.lambda0_m", s->beam.lambda);
  integer(w, "setup.oversample", s->oversample);
  number(w, "setup.subpixel_m", s->detector.pixel / s->oversample);
  integer(w, "setup.sources", s->beam.source_count);
  integer(w, "setup.phisteps", s->crystal.spindle.count);
  integer(w, "setup.mosaic_domains", s->crystal.mosaic.count);
  integer(w, "setup.layers", s->detector.layers.count);
  number(w, "setup.layer_step_m", s->detector.layers.step);
  number(w, "setup.mu_inv_m", s->detector.mu);
  integer(w, "setup.steps", s->steps);
  for (i = 0; i < s->beam.source_count; i++) {
    Vec3 from = scaled(-1.0, s->beam.sources[i].incident);
    const double source[4] = {from.x, from.y, from.z, s->beam.sources[i].lambda};
    numbered(w, "setup.source[%d]", i, source, 4);
  }
  for (i = 0; i < s->crystal.mosaic.count; i++) {
    const Vec3 *r = s->crystal.domains[i].row;
    const double element[9] = {r[0].x, r[0].y, r[0].z, r[1].x, r[1].y,
                               r[1].z, r[2].x, r[2].y, r[2].z};
    numbered(w, "setup.umat[%d]", i, element, 9);
  }
}

static void demand_pixel(const char *flag, const int at[2], const Scene *s) {
  if (at[FAST] >= s->detector.pixels[FAST] || at[SLOW] >= s->detector.pixels[SLOW] ||
      !in_roi(&s->detector, at[SLOW], at[FAST]) || is_masked(&s->detector, at[SLOW], at[FAST]))
    fail(EXIT_NOT_UNDERSTOOD, "%s: pixel slow %d, fast %d is not rendered", flag, at[SLOW],
         at[FAST]);
}

static int reports_all(const Watch *w) {
  return w->printout && (w->printout_at[FAST] < 0 || w->printout_at[SLOW] < 0);
}

Watch watch_from(const Options *o, const Scene *s) {
  Watch w = {0};
  int axis;
  w.printout = o->printout;
  w.path = o->tracefile;
  for (axis = 0; axis < 2; axis++) {
    w.printout_at[axis] = o->printout_pixel[axis];
    w.trace_at[axis] = o->trace_pixel[axis];
  }
  if (w.printout && !reports_all(&w)) demand_pixel("-printout_pixel", w.printout_at, s);
  if (o->trace) {
    demand_pixel("-trace_pixel", w.trace_at, s);
    w.trace = w.path != NULL ? create_stream(w.path) : stdout;
    trace_detector(&w, &s->detector);
    trace_crystal(&w, &s->crystal);
    trace_averages(&w, s);
  }
  return w;
}

void close_watch(Watch *w) {
  if (w->trace != NULL && w->path != NULL) close_written(w->trace, w->path);
  w->trace = NULL;
}

int watches_several(const Watch *w) {
  return reports_all(w) || (w->printout && w->trace != NULL);
}

Watch *watched(Watch *w, int slow, int fast) {
  int traced = w->trace != NULL && slow == w->trace_at[SLOW] && fast == w->trace_at[FAST];
  int reported = w->printout && (reports_all(w) || (slow == w->printout_at[SLOW] &&
                                                    fast == w->printout_at[FAST]));
  if (!traced && !reported) return NULL;
  w->traces_this = traced;
  return w;
}

void watch_sample(Watch *w, const Sample *sample) {
  w->last.position = sample->position;
  if (!w->traces_this) return;
  integer(w, "layer", sample->layer);
  integer(w, "subS", sample->slow);
  integer(w, "subF", sample->fast);
  number(w, "Fdet_m", sample->at_fast);
  number(w, "Sdet_m", sample->at_slow);
  number(w, "Odet_m", sample->depth);
  vector(w, "pos_m", sample->position);
  number(w, "airpath_m", sample->airpath);
  vector(w, "diffracted", sample->diffracted);
  number(w, "omega_sr", sample->omega);
  number(w, "capture", sample->capture);
}

void watch_source(Watch *w, int index, const Source *source, Vec3 q, double stol) {
  w->last.stol = stol;
  if (!w->traces_this) return;
  integer(w, "source", index);
  vector(w, "incident", source->incident);
  number(w, "lambda_m", source->lambda);
  vector(w, "q_inv_m", q);
  number(w, "stol_inv_m", stol);
}

void watch_polarization(Watch *w, double polar) {
  if (w->traces_this) number(w, "polar", polar);
}

void watch_spindle(Watch *w, int position, double phi, const Axes *axes) {
  if (!w->traces_this) return;
  numbered(w, "phi[%d]_rad", position, &phi, 1);
  vector(w, "ap_m", axes->a);
  vector(w, "bp_m", axes->b);
  vector(w, "cp_m", axes->c);
}

void watch_domain(Watch *w, int domain, const Axes *axes, const double h[3], const double h0[3],
                  double F_latt) {
  double whole[3];
  int i;
  w->last.axes = *axes;
  w->last.F_latt = F_latt;
  for (i = 0; i < 3; i++) {
    w->last.h[i] = h[i];
    w->last.h0[i] = h0[i];
  }
  if (!w->traces_this) return;
  integer(w, "domain", domain);
  vector(w, "a_m", axes->a);
  vector(w, "b_m", axes->b);
  vector(w, "c_m", axes->c);
  vector(w, "hkl", vec(h[0], h[1], h[2]));
  for (i = 0; i < 3; i++) whole[i] = h0[i] + 0.0;
  put(w, "hkl0", WHOLE_FORMAT, whole, 3);
  number(w, "F_latt", F_latt);
}

void watch_term(Watch *w, double F_cell, double I) {
  w->last.F_cell = F_cell;
  if (!w->traces_this) return;
  number(w, "F_cell", F_cell);
  number(w, "I_running", I);
}

static void trace_pixel(const Watch *w, const Finished *p, double scaled_I) {
  number(w, "I_total", p->I);
  number(w, "I_bg", p->background);
  number(w, "I_scaled", scaled_I);
  number(w, "capture_final", p->capture);
  number(w, "polar_final", p->polar);
  number(w, "omega_final", p->omega);
  number(w, "pixel_double", p->value);
  number(w, "pixel_float", (float)p->value);
}

/* stol is exact in 1/m; the second one, in 1/Angstrom, takes the beam along X (12.4). */
static void print_pixel(const LastPath *last, const Scene *s, const Finished *p) {
  Vec3 x = last->position;
  double approximate = sin(0.5 * atan2(sqrt(x.y * x.y + x.z * x.z), x.x)) / s->beam.lambda * 1e-10;
  printf("pixel fast= %d slow= %d  stol= %g m^-1 (about %g A^-1)\n", p->fast, p->slow, last->stol,
         approximate);
  printf(" position= %g %g %g m\n", x.x, x.y, x.z);
  printf(" hkl= %f %f %f  hkl0= %.0f %.0f %.0f\n", last->h[0], last->h[1], last->h[2],
         last->h0[0] + 0.0, last->h0[1] + 0.0, last->h0[2] + 0.0);
  printf(" F_cell= %g  F_latt= %g  I= %g  I/steps= %g\n", last->F_cell, last->F_latt, p->I,
         p->I / s->steps);
  printf(" polar= %15.10g  omega= %15.10g  capture_fraction= %15.10g\n", p->polar, p->omega,
         p->capture);
  printf(" pixel= %15.10g\n", p->value);
  printf(" a= %g %g %g  b= %g %g %g  c= %g %g %g Angstrom\n", last->axes.a.x * 1e10,
         last->axes.a.y * 1e10, last->axes.a.z * 1e10, last->axes.b.x * 1e10,
         last->axes.b.y * 1e10, last->axes.b.z * 1e10, last->axes.c.x * 1e10,
         last->axes.c.y * 1e10, last->axes.c.z * 1e10);
}

void watch_pixel(Watch *w, const Scene *s, const Finished *p) {
  if (w->traces_this)
    trace_pixel(w, p, NB_ELECTRON_RADIUS_SQUARED * s->beam.fluence * p->I / s->steps);
  if (w->printout && (reports_all(w) ||
                      (p->slow == w->printout_at[SLOW] && p->fast == w->printout_at[FAST])))
    print_pixel(&w->last, s, p);
}
