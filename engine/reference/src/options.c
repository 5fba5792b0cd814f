#include "options.h"

#include <string.h>
#include <time.h>

#include "constants.h"

static void default_crystal(Options *o) {
  o->N[0] = o->N[1] = o->N[2] = 1;
  o->shape = SQUARE;
  o->fudge = 1.0;
  o->mosaic_spread = -1.0;
  o->mosaic_domains = -1;
  o->osc = o->phistep = -1.0;
  o->phisteps = -1;
  o->dump = "Fdump.bin";
  o->interpolate = -1;
}

static void default_beam(Options *o) {
  o->lambda = 1e-10;
  o->dispsteps = -1;
  o->divrange[0] = o->divrange[1] = -1.0;
  o->divstep[0] = o->divstep[1] = -1.0;
  o->divsteps[0] = o->divsteps[1] = -1;
  o->round_div = 1;
  o->fluence = NB_DEFAULT_FLUENCE;
  o->exposure = 1.0;
  o->beamsize = 1e-4;
}

/* The vectors are those of the custom frame (7.1); a named convention brings its own. */
static void default_detector(Options *o) {
  o->pixel = 1e-4;
  o->detsize[FAST] = o->detsize[SLOW] = 0.1024;
  o->distance = 0.1;
  o->pivot = PIVOT_BEAM;
  o->convention = MOSFLM;
  o->beam = vec(1, 0, 0);
  o->fast = vec(0, 0, 1);
  o->slow = vec(0, -1, 0);
  o->normal = vec(1, 0, 0);
  o->twotheta_axis = vec(0, 1, 0);
  o->polar = vec(0, 0, 1);
  o->spindle = vec(0, 0, 1);
  o->mu = -1.0;
  o->layers = -1;
  o->oversample = -1;
  o->roi[0] = o->roi[1] = o->roi[2] = o->roi[3] = -1;
}

void options_default(Options *o) {
  memset(o, 0, sizeof *o);
  default_crystal(o);
  default_beam(o);
  default_detector(o);
  o->floatfile = "floatimage.bin";
  o->intfile = "intimage.img";
  o->pgmfile = "image.pgm";
  o->noisefile = "noiseimage.img";
  o->write_pgm = o->write_noise = o->progress = 1;
  o->printout_pixel[FAST] = o->printout_pixel[SLOW] = -1;
  o->scale = o->pgmscale = -1.0;
  o->adc = 40.0;
  o->mosaic_seed = -12345678;
  /* Only these two depend on the clock, and only when nobody names a seed (11.2). */
  o->seed = o->misset_seed = -(long long)time(NULL);
}
