/* The whole image, and what is said about it (specification 9.1, 12.1). */
#ifndef NB_IMAGE_H
#define NB_IMAGE_H

#include "scene.h"
#include "watch.h"

typedef struct {
  float *pixels; /* slow-major */
  double max, max_fast, max_slow; /* largest value and its place, m */
  double mean, rms, rmsd;
  double solid_angle; /* sr */
} Image;

/* Renders on all threads; the result is that of one thread, to the bit. */
Image render(const Scene *scene, Watch *watch, int progress);

#endif
