/* One pixel (specification 9). */
#ifndef NB_PIXEL_H
#define NB_PIXEL_H

#include "scene.h"
#include "watch.h"

/* What the original carries from one pixel to the next, in scan order. Once it is
 * settled it changes no more, and pixels may be computed in any order. */
typedef struct {
  int interpolate; /* switched off for good by the first index near the table's edge (9.7) */
  int spindle;     /* last position whose angle was not zero; -1: none yet (Q-PHI) */
  Vec3 polar;      /* normalised again at every use (8.4) */
} Carried;

Carried carried_at_start(const Scene *scene);
int is_settled(const Scene *scene, const Carried *carried);

/* Expected photons in the pixel; adds the solid angles of its samples to `omega_sum`.
 * `watch` is NULL when nobody looks. */
double render_pixel(const Scene *scene, Carried *carried, int slow, int fast, double *omega_sum,
                    Watch *watch);

#endif
