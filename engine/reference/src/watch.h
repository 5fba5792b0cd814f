/* Looking into pixels while they are computed: the trace of one (specification 13) and
 * the report on one or all (-printout, 12.4). The values shown are those that enter the
 * image; nothing is computed anew. */
#ifndef NB_WATCH_H
#define NB_WATCH_H

#include <stdio.h>

#include "scene.h"

/* The values of the last path through a pixel. */
typedef struct {
  double stol;
  Vec3 position;
  double h[3], h0[3], F_cell, F_latt;
  Axes axes;
} LastPath;

typedef struct {
  int printout;        /* report on pixels */
  int printout_at[2];  /* FAST, SLOW; below zero: on all */
  int trace_at[2];     /* FAST, SLOW */
  FILE *trace;         /* NULL: no trace */
  const char *path;    /* NULL: the trace goes to the report, as JSON lines */
  int traces_this;     /* the pixel at hand is the traced one */
  LastPath last;
} Watch;

/* From the options; creates the trace file and writes the setup lines into it. */
Watch watch_from(const Options *options, const Scene *scene);
void close_watch(Watch *watch);

/* Whether more than one pixel may be looked at: then they are rendered one by one, in order. */
int watches_several(const Watch *watch);

/* `watch` set to this pixel, or NULL when nobody looks at it. */
Watch *watched(Watch *watch, int slow, int fast);

typedef struct {
  int layer, slow, fast; /* layer and subpixel */
  double at_fast, at_slow, depth, airpath, omega, capture;
  Vec3 position, diffracted;
} Sample;

void watch_sample(Watch *watch, const Sample *sample);
void watch_source(Watch *watch, int index, const Source *source, Vec3 q, double stol);
void watch_polarization(Watch *watch, double polar);
void watch_spindle(Watch *watch, int position, double phi, const Axes *axes);
void watch_domain(Watch *watch, int domain, const Axes *axes, const double h[3],
                  const double h0[3], double F_latt);
void watch_term(Watch *watch, double F_cell, double I);

typedef struct {
  int slow, fast;
  double I, background, polar, omega, capture, value;
} Finished;

void watch_pixel(Watch *watch, const Scene *scene, const Finished *pixel);

#endif
