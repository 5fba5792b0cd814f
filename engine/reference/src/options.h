/* What the command line and the image headers asked for, in internal units
 * (specification 3.4). Nothing here is derived; blanks are filled in later. */
#ifndef NB_OPTIONS_H
#define NB_OPTIONS_H

#include "vec3.h"

enum { FAST = 0, SLOW = 1 };
enum { HORIZONTAL = 0, VERTICAL = 1 };

typedef enum { PIVOT_BEAM, PIVOT_SAMPLE } Pivot;
typedef enum { ADXV, MOSFLM, XDS, DIALS, DENZO, CUSTOM } Convention;
typedef enum { SQUARE, ROUND, GAUSS, TOPHAT } Shape;
typedef enum { MISSET_NONE, MISSET_ANGLES, MISSET_RANDOM } MissetMode;

/* A length that a flag or a header may or may not have given. */
typedef struct {
  double value;
  int given;
} Optional;

typedef struct {
  /* crystal */
  int N[3];
  double cell[6]; /* Angstrom, radians; 0 where not given */
  int cell_given;
  const char *matrix;
  MissetMode misset_mode;
  double misset[3];
  double size[3]; /* m, along a, b, c */
  int shape;
  double fudge;
  double mosaic_spread;
  int mosaic_domains;
  double phi, osc, phistep;
  int phisteps;
  /* structure factors */
  const char *hkl, *dump, *stol;
  int dump_given;
  double default_F, dmin;
  int interpolate; /* -1: not decided by a flag */
  /* beam */
  double lambda, dispersion;
  int dispsteps;
  double divrange[2], divstep[2];
  int divsteps[2];
  int round_div;
  const char *sourcefile;
  double fluence, flux, exposure, beamsize, polarization, water;
  int nopolar;
  /* detector */
  double pixel, detsize[2];
  int detpixels[2];
  double distance;
  Optional close_distance, Xbeam, Ybeam, Xclose, Yclose, ORGX, ORGY;
  int pivot, convention;
  Vec3 fast, slow, normal, beam, polar, spindle, twotheta_axis;
  double twotheta, rotation[3];
  int curved, point_pixel;
  double thickness, mu; /* mu < 0: not given */
  int layers, oversample, oversample_thick, oversample_polar, oversample_omega;
  int roi[4];
  const char *image_header, *mask;
  unsigned short *mask_data;
  int mask_pixels[2];
  /* outputs */
  const char *floatfile, *intfile, *pgmfile, *noisefile;
  int write_pgm, write_noise, progress;
  int printout, printout_pixel[2], trace_pixel[2]; /* FAST, SLOW */
  const char *tracefile; /* NULL: the trace goes to the report, as JSON */
  int trace;
  int corrected;  /* the mistakes of class F are mended (15) */
  int exact_cell; /* the crystallographer's c* in place of the original's (Q-CELL) */
  int strict;     /* what the original ignores in silence is an error */
  double scale, pgmscale, adc;
  long long seed, mosaic_seed, misset_seed; /* as stored: minus the flag's value */
} Options;

void options_default(Options *options);

#endif
