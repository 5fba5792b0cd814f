/* The detector: its frame, its place, and where its pixels are (specification
 * 5.1, 7, 9.3). Lengths in metres, angles in radians, laboratory coordinates. */
#ifndef NB_DETECTOR_H
#define NB_DETECTOR_H

#include "options.h"
#include "sampling.h"

typedef struct {
  Convention convention;
  Pivot pivot;
  int pixels[2]; /* FAST, SLOW */
  double pixel, size[2];
  double distance, close_distance, ratio;
  double Xbeam, Ybeam, Xclose, Yclose;           /* as given, or their defaults */
  double Fbeam, Sbeam, Fclose, Sclose, ORGX, ORGY; /* recomputed after placement (7.5) */
  double dials_origin[3];                        /* mm */
  Vec3 fast, slow, normal, pix0;
  Vec3 beam, polar, vertical, spindle, twotheta_axis;
  double rotation[3], twotheta;
  Sampling layers; /* range is the sensor thickness */
  double mu;
  int curved, point_pixel;
  int corrected; /* curved about the sample indeed (Q-CURVED) */
  int roi[4];
  const unsigned short *mask;
} Detector;

/* Sizes, frame, beam centre defaults and placement, all from the options. */
Detector detector_from(const Options *options);

/* Centre of a subpixel on a flat detector. */
Vec3 flat_position(const Detector *detector, double fast, double slow, double depth);

/* The same on a detector curved about the sample (Q-CURVED). */
Vec3 curved_position(const Detector *detector, Vec3 flat);

/* Whether the pixel loop renders the pixel: inside the region of interest, and
 * not masked. */
int in_roi(const Detector *detector, int slow, int fast);
int is_masked(const Detector *detector, int slow, int fast);

#endif
