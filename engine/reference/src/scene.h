/* Everything the pixel loop reads and never changes. */
#ifndef NB_SCENE_H
#define NB_SCENE_H

#include "beam.h"
#include "crystal.h"
#include "detector.h"
#include "structure_factors.h"

typedef struct {
  Detector detector;
  Beam beam;
  Crystal crystal;
  StructureFactors factors;
  int oversample, oversample_thick, oversample_polar, oversample_omega;
  int interpolate;
  double dmin, water;
  int corrected; /* class F of section 15 is mended */
  int steps; /* sources x domains x spindle positions x subpixels, not layers (8.3) */
} Scene;

/* Subpixels per axis that resolve the crystal's lattice factor (5.9). */
int recommended_oversample(const Crystal *crystal, const Beam *beam, const Detector *detector);

/* The number of steps, or exit where the original's 32-bit integer overflows (X-STEPS). */
int count_steps(const Scene *scene);

#endif
