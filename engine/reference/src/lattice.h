/* The lattice factor of a small perfect crystal (specification 9.5). */
#ifndef NB_LATTICE_H
#define NB_LATTICE_H

#include "crystal.h"

/* F_latt at fractional index (h, k, l), whose nearest reflection is (h0, k0, l0). */
double lattice_factor(const Crystal *crystal, const double h[3], const double h0[3]);

#endif
