#include "scene.h"

#include <limits.h>

#include "failure.h"

int recommended_oversample(const Crystal *crystal, const Beam *beam, const Detector *detector) {
  const double edge[3] = {norm(crystal->real.a), norm(crystal->real.b), norm(crystal->real.c)};
  double longest = 0.0, reciprocal_pixel = beam->lambda * detector->distance / detector->pixel;
  int i, subpixels;
  for (i = 0; i < 3; i++) longest = fmax(longest, edge[i] * crystal->N[i]);
  subpixels = ceil_count(3.0 * longest / reciprocal_pixel, "subpixels");
  return subpixels < 1 ? 1 : subpixels;
}

int count_steps(const Scene *scene) {
  double steps = (double)scene->beam.source_count * scene->crystal.mosaic.count *
                 scene->crystal.spindle.count * scene->oversample * scene->oversample;
  if (!(steps >= 1.0 && steps <= INT_MAX))
    fail(EXIT_NOT_UNDERSTOOD,
         "%g steps a pixel (%d sources, %d domains, %d phi steps, %d x %d subpixels) are more than "
         "the original can count (X-STEPS)",
         steps, scene->beam.source_count, scene->crystal.mosaic.count,
         scene->crystal.spindle.count, scene->oversample, scene->oversample);
  return (int)steps;
}
