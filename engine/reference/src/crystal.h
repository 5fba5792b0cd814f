/* The crystal: cell, orientation, size, spindle positions and mosaic domains
 * (specification 4.3, 5.8, 6). Reciprocal vectors in 1/Angstrom, real ones in metres. */
#ifndef NB_CRYSTAL_H
#define NB_CRYSTAL_H

#include "options.h"
#include "random.h"
#include "sampling.h"

typedef struct {
  Vec3 a, b, c;
} Axes;

typedef struct {
  double length[3], angle[3], volume; /* Angstrom, radians, Angstrom^3 */
} Cell;

typedef struct {
  int has_cell;            /* edges and volume were given, not only a matrix */
  Cell cell;               /* as simulated */
  Cell reciprocal_cell;
  Axes reciprocal;         /* regenerated from the real vectors (6.5, step 4) */
  Axes real;               /* m, not rotated by spindle or mosaic */
  double N[3];
  Shape shape;
  double fudge;
  double misset[3];
  Sampling spindle;        /* radians */
  double phi;
  Axes *at_phi;            /* the real vectors at each spindle position */
  int last_nonzero_phi;    /* index, or -1 when every position is exactly zero */
  int zero_turns;          /* a position at zero turns back to the nominal crystal (Q-PHI) */
  Sampling mosaic;
  Matrix3 *domains;
} Crystal;

/* Whether cell or matrix are named at all; without them the original prints its usage. */
int crystal_is_described(const Options *options);

Crystal crystal_from(Options *options, Generator *generator, Vec3 spindle);

/* Draws the mosaic rotations from the mosaic stream (6.6). */
void draw_mosaic_domains(Crystal *crystal, Generator *generator, long long *seed);

/* The rotation for three deviates in (-1, 1) and a largest angle in radians. */
Matrix3 mosaic_rotation(float spread, Generator *generator, long long *seed);

/* Spindle angle of position `index`; intervals are sampled at their starts (5.3). */
double spindle_angle(const Crystal *crystal, int index);

#endif
