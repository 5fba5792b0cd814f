/* The beam: sources, wavelengths, fluence and polarization (specification 5.2, 8, 9.9). */
#ifndef NB_BEAM_H
#define NB_BEAM_H

#include "detector.h"
#include "options.h"

typedef struct {
  Vec3 position; /* as generated or read */
  Vec3 incident; /* unit vector from source to sample */
  double weight; /* read, printed, never applied (Q-WEIGHT) */
  double lambda; /* m */
} Source;

typedef struct {
  double lambda, fluence, polarization, water_background;
  int nopolar;
  Sampling divergence[2], dispersion;
  int divergence_points; /* -1 with a source file */
  Source *sources;
  int source_count;
} Beam;

/* Fluence from flux, and the crystal's y and z sizes clipped to the beam (5.2). */
void resolve_beam(Options *options);

Beam beam_from(const Options *options, const Detector *detector);

/* Kahn's polarization factor. Normalises incident, diffracted and polar in place, as
 * the original does; what follows sees the normalised vectors (8.4). */
double polarization_factor(double kahn, Vec3 *incident, Vec3 *diffracted, Vec3 *polar);

#endif
