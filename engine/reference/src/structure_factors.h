/* The table of structure factors and its look-ups (specification 4.1, 4.2, 9.7). */
#ifndef NB_STRUCTURE_FACTORS_H
#define NB_STRUCTURE_FACTORS_H

#include <stddef.h>

#include "options.h"

typedef struct {
  long long reflections; /* 0: no table, every F is the default */
  int min[3], max[3], range[3];
  double *F; /* h slowest */
  double default_F;
} StructureFactors;

/* Whether there is any source of structure factors (3.6, case a). */
int structure_factors_are_described(const Options *options);

/* From the list, from the cache file that lies in the current folder, or none. */
StructureFactors structure_factors_from(const Options *options);

/* Nearest reflection; the default outside the table. */
double nearest_F(const StructureFactors *table, double h0, double k0, double l0);

/* Whether all 64 neighbours of a fractional index lie in the table. */
int can_interpolate(const StructureFactors *table, double h, double k, double l);

/* Tricubic Lagrange interpolation between them. */
double interpolated_F(const StructureFactors *table, double h, double k, double l);

#endif
