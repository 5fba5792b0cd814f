#include "quirks.h"

#include "constants.h"
#include "failure.h"

static void cell_quirk(const Options *o, const Crystal *c) {
  const double tolerance = 1e-6;
  int i, differ = 0;
  if (!c->has_cell || o->matrix != NULL) return;
  for (i = 0; i < 3; i++) differ |= fabs(c->cell.angle[i] - o->cell[3 + i]) > tolerance;
  if (differ)
    warn("cell angles %g %g %g are simulated as %g %g %g (Q-CELL)", o->cell[3] * NB_DEGREES,
         o->cell[4] * NB_DEGREES, o->cell[5] * NB_DEGREES, c->cell.angle[0] * NB_DEGREES,
         c->cell.angle[1] * NB_DEGREES, c->cell.angle[2] * NB_DEGREES);
}

static void spindle_quirk(const Crystal *c) {
  int j;
  for (j = 0; j < c->spindle.count && c->last_nonzero_phi >= 0; j++)
    if (spindle_angle(c, j) == 0.0)
      warn("phi%d is exactly zero: it keeps the orientation of the step before it (Q-PHI)", j);
}

/* Flags that a convention reads and never uses (7.2, 7.3). */
static void centre_quirks(const Options *o, const Detector *d) {
  int beam_frame = d->convention == ADXV || d->convention == MOSFLM || d->convention == DENZO;
  int sample_frame = d->convention == XDS || d->convention == DIALS;
  if ((o->Xclose.given || o->Yclose.given) && d->convention != CUSTOM)
    warn("-Xclose and -Yclose do not move the image in this convention (Q-XCLOSE)");
  if ((o->Xbeam.given || o->Ybeam.given) && sample_frame)
    warn("-Xbeam and -Ybeam do not move the image in this convention, -ORGX and -ORGY do "
         "(Q-XCLOSE)");
  if ((o->ORGX.given || o->ORGY.given) && beam_frame)
    warn("-ORGX and -ORGY do not move the image in this convention (Q-XCLOSE)");
}

static void detector_quirks(const Scene *s) {
  const Detector *d = &s->detector;
  if (d->curved) warn("the curved detector swaps the axes of its pixels (Q-CURVED)");
  if (s->oversample_thick && d->layers.range == 0.0)
    warn("-oversample_thick without a sensor thickness makes a black image (Q-THICK0)");
  if (d->layers.count > 1 && !s->oversample_thick)
    warn("all %d layers are weighted with the capture fraction of the last (Q-LAYERS)",
         d->layers.count);
}

static void average_quirks(const Scene *s) {
  int flagged = s->oversample_thick || s->oversample_polar || s->oversample_omega;
  if (flagged && (s->steps > 1 || s->detector.layers.count > 1))
    warn("-oversample_thick, _polar and _omega multiply the running total of a pixel, not its "
         "terms (Q-RUNNING)");
  if (s->beam.nopolar && s->oversample_polar)
    warn("-oversample_polar overrides -nopolar (Q-NOPOLAR)");
  if (s->dmin > 0.0 && s->water != 0.0 && !s->beam.nopolar && !s->oversample_polar)
    warn("pixels beyond -dmin lose their water background (Q-CUT)");
}

static void weight_quirk(const Beam *b) {
  int i;
  for (i = 1; i < b->source_count; i++)
    if (b->sources[i].weight != b->sources[0].weight) {
      warn("the weights of the sources are not applied (Q-WEIGHT)");
      return;
    }
}

void warn_of_quirks(const Options *o, const Scene *s) {
  cell_quirk(o, &s->crystal);
  centre_quirks(o, &s->detector);
  weight_quirk(&s->beam);
  if (s->corrected) return;
  spindle_quirk(&s->crystal);
  detector_quirks(s);
  average_quirks(s);
  if (o->adc < 0.0 && o->write_noise)
    warn("negative counts of the noise image wrap around to 65535 (Q-ADCNEG)");
}
