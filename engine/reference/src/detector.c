#include "detector.h"

#include <float.h>
#include <limits.h>
#include <stddef.h>

#include "failure.h"

typedef struct {
  Vec3 beam, fast, slow, normal, twotheta_axis, polar, spindle;
  Pivot pivot;
} Frame;

/* Table 7.1, without the custom frame; indexed by Convention. */
static const Frame FRAMES[] = {
    {{0, 0, 1}, {1, 0, 0}, {0, -1, 0}, {0, 0, 1}, {-1, 0, 0}, {1, 0, 0}, {1, 0, 0}, PIVOT_BEAM},
    {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 0, -1}, {0, 0, 1}, {0, 0, 1}, PIVOT_BEAM},
    {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}, PIVOT_SAMPLE},
    {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 0}, {0, 1, 0}, PIVOT_SAMPLE},
    {{1, 0, 0}, {0, 0, 1}, {0, -1, 0}, {1, 0, 0}, {0, 0, -1}, {0, 0, 1}, {0, 0, 1}, PIVOT_BEAM},
};

/* Section 5.1: a count wins over a size, and the size then keeps its own value. */
static void resolve_size(Detector *d, const Options *o) {
  int axis;
  if (!(o->pixel > 0.0)) fail(EXIT_NOT_UNDERSTOOD, "-pixel must be positive, not %g m", o->pixel);
  d->pixel = o->pixel;
  for (axis = 0; axis < 2; axis++) {
    d->size[axis] = o->detpixels[axis] != 0 ? o->pixel * o->detpixels[axis] : o->detsize[axis];
    d->pixels[axis] = ceil_count(d->size[axis] / o->pixel - 0.5, "detector pixels");
    if (d->pixels[axis] < 1)
      fail(EXIT_NOT_UNDERSTOOD, "the detector has %d pixels along an axis", d->pixels[axis]);
  }
  if ((double)d->pixels[FAST] * d->pixels[SLOW] > INT_MAX)
    fail(EXIT_NOT_UNDERSTOOD, "%d x %d pixels are more than the original can index (X-STEPS)",
         d->pixels[FAST], d->pixels[SLOW]);
}

static void choose_frame(Detector *d, const Options *o) {
  d->convention = (Convention)o->convention;
  if (d->convention == CUSTOM) {
    d->beam = o->beam;
    d->fast = o->fast;
    d->slow = o->slow;
    d->normal = o->normal;
    d->twotheta_axis = o->twotheta_axis;
    d->polar = o->polar;
    d->spindle = o->spindle;
    d->pivot = (Pivot)o->pivot;
  } else {
    const Frame *frame = &FRAMES[d->convention];
    d->beam = frame->beam;
    d->fast = frame->fast;
    d->slow = frame->slow;
    d->normal = frame->normal;
    d->twotheta_axis = frame->twotheta_axis;
    d->polar = frame->polar;
    d->spindle = frame->spindle;
    d->pivot = frame->pivot;
  }
}

/* The two-theta axis is deliberately left as given (Q-TWOTHETAAXISNORM). */
static void normalise_frame(Detector *d) {
  d->beam = unit(d->beam);
  d->fast = unit(d->fast);
  d->slow = unit(d->slow);
  d->polar = unit(d->polar);
  d->spindle = unit(d->spindle);
  if (norm(d->normal) != 1.0) {
    warn("detector normal is not of unit length: fast x slow is taken instead (Q-ODET)");
    d->normal = unit(cross(d->fast, d->slow));
  }
  d->vertical = unit(cross(d->beam, d->polar));
  if (norm(d->beam) == 0.0 || norm(d->fast) == 0.0 || norm(d->slow) == 0.0 ||
      norm(d->normal) == 0.0)
    fail(EXIT_NOT_UNDERSTOOD, "a beam or detector vector has no direction");
}

static double given_or(Optional length, double otherwise) {
  return length.given ? length.value : otherwise;
}

/* Sections 7.2 and 7.3. X runs along the slow axis in mosflm and denzo. */
static void beam_centre(Detector *d, const Options *o) {
  double half_fast = (d->size[FAST] + d->pixel) / 2.0;
  double half_slow = (d->size[SLOW] + d->pixel) / 2.0;
  d->Fclose = o->ORGX.given ? (o->ORGX.value - 0.5) * d->pixel : d->size[FAST] / 2.0;
  d->Sclose = o->ORGY.given ? (o->ORGY.value - 0.5) * d->pixel : d->size[SLOW] / 2.0;
  d->Xclose = given_or(o->Xclose, d->Fclose);
  d->Yclose = given_or(o->Yclose, d->Sclose);
  switch (d->convention) {
    case ADXV:
      d->Xbeam = given_or(o->Xbeam, half_fast);
      d->Ybeam = given_or(o->Ybeam, (d->size[SLOW] - d->pixel) / 2.0);
      d->Fbeam = d->Xbeam;
      d->Sbeam = d->size[SLOW] - d->Ybeam;
      break;
    case MOSFLM:
    case DENZO:
      d->Xbeam = given_or(o->Xbeam, half_slow);
      d->Ybeam = given_or(o->Ybeam, half_fast);
      d->Fbeam = d->convention == MOSFLM ? d->Ybeam + 0.5 * d->pixel : d->Ybeam;
      d->Sbeam = d->convention == MOSFLM ? d->Xbeam + 0.5 * d->pixel : d->Xbeam;
      break;
    case XDS:
    case DIALS:
    case CUSTOM:
      d->Fbeam = d->Xbeam = given_or(o->Xbeam, d->Xclose);
      d->Sbeam = d->Ybeam = given_or(o->Ybeam, d->Yclose);
      break;
  }
  if (d->convention == CUSTOM) {
    d->Fclose = d->Xbeam;
    d->Sclose = d->Ybeam;
  }
}

static Vec3 swing(const Detector *d, Vec3 v) {
  return rotate_about(rotate_xyz(v, d->rotation), d->twotheta_axis, d->twotheta);
}

/* Section 7.4. The ratio leaves two-theta out, and with it the recomputed
 * distance and beam centre are not the true intersection (Q-RATIO). */
static void place(Detector *d, const Options *o) {
  Vec3 corner;
  d->ratio = dot(d->beam, rotate_xyz(d->normal, d->rotation));
  if (d->ratio == 0.0) d->ratio = DBL_MIN;
  d->close_distance =
      o->close_distance.given ? o->close_distance.value : fabs(d->ratio * o->distance);
  d->distance = d->close_distance / d->ratio;
  corner.x = -d->Fclose * d->fast.x - d->Sclose * d->slow.x + d->close_distance * d->normal.x;
  corner.y = -d->Fclose * d->fast.y - d->Sclose * d->slow.y + d->close_distance * d->normal.y;
  corner.z = -d->Fclose * d->fast.z - d->Sclose * d->slow.z + d->close_distance * d->normal.z;
  if (d->pivot == PIVOT_SAMPLE) d->pix0 = swing(d, corner);
  d->fast = swing(d, d->fast);
  d->slow = swing(d, d->slow);
  d->normal = swing(d, d->normal);
  if (d->pivot == PIVOT_BEAM) {
    d->pix0.x = -d->Fbeam * d->fast.x - d->Sbeam * d->slow.x + d->distance * d->beam.x;
    d->pix0.y = -d->Fbeam * d->fast.y - d->Sbeam * d->slow.y + d->distance * d->beam.y;
    d->pix0.z = -d->Fbeam * d->fast.z - d->Sbeam * d->slow.z + d->distance * d->beam.z;
  }
}

/* Section 7.5. */
static void recompute(Detector *d) {
  Vec3 to_beam;
  d->Fclose = -dot(d->pix0, d->fast);
  d->Sclose = -dot(d->pix0, d->slow);
  d->close_distance = dot(d->pix0, d->normal);
  to_beam = difference(scaled(d->close_distance / d->ratio, d->beam), d->pix0);
  d->Fbeam = dot(d->fast, to_beam);
  d->Sbeam = dot(d->slow, to_beam);
  d->distance = d->close_distance / d->ratio;
  d->ORGX = d->Fclose / d->pixel + 0.5;
  d->ORGY = d->Sclose / d->pixel + 0.5;
  d->dials_origin[0] = 1000.0 * d->pix0.z;
  d->dials_origin[1] = 1000.0 * d->pix0.y;
  d->dials_origin[2] = -1000.0 * d->pix0.x;
}

static void region(Detector *d, const Options *o) {
  int i;
  const int whole[4] = {0, d->pixels[FAST], 0, d->pixels[SLOW]};
  for (i = 0; i < 4; i++) d->roi[i] = o->roi[i] < 0 ? whole[i] : o->roi[i];
}

Detector detector_from(const Options *o) {
  Detector d = {0};
  int i;
  resolve_size(&d, o);
  choose_frame(&d, o);
  normalise_frame(&d);
  beam_centre(&d, o);
  for (i = 0; i < 3; i++) d.rotation[i] = o->rotation[i];
  d.twotheta = o->twotheta;
  place(&d, o);
  recompute(&d);
  region(&d, o);
  if (!finite_vec(d.pix0) || d.distance == 0.0)
    fail(EXIT_NOT_UNDERSTOOD, "the detector has no usable place: distance %g m", d.distance);
  d.mu = o->mu;
  d.layers = layer_sampling(o->layers, o->thickness, &d.mu);
  d.curved = o->curved;
  d.corrected = o->corrected;
  d.point_pixel = o->point_pixel;
  d.mask = o->mask_data;
  if (d.mask != NULL &&
      (o->mask_pixels[FAST] != d.pixels[FAST] || o->mask_pixels[SLOW] != d.pixels[SLOW]))
    fail(EXIT_NOT_UNDERSTOOD, "the mask has %d x %d pixels, the detector %d x %d (X-MASKSIZE)",
         o->mask_pixels[FAST], o->mask_pixels[SLOW], d.pixels[FAST], d.pixels[SLOW]);
  return d;
}

Vec3 flat_position(const Detector *d, double fast, double slow, double depth) {
  return vec(fast * d->fast.x + slow * d->slow.x + depth * d->normal.x + d->pix0.x,
             fast * d->fast.y + slow * d->slow.y + depth * d->normal.y + d->pix0.y,
             fast * d->fast.z + slow * d->slow.z + depth * d->normal.z + d->pix0.z);
}

/* Distances from the beam along the detector's axes become angles towards them. */
static Vec3 wrapped_position(const Detector *d, Vec3 straight, Vec3 flat) {
  Vec3 away = difference(flat, straight);
  Vec3 towards_slow = rotate_about(straight, cross(d->beam, d->slow),
                                   dot(away, d->slow) / d->distance);
  return rotate_about(towards_slow, cross(d->beam, d->fast), dot(away, d->fast) / d->distance);
}

Vec3 curved_position(const Detector *d, Vec3 flat) {
  Vec3 straight = scaled(d->distance, d->beam);
  if (d->corrected) return wrapped_position(d, straight, flat);
  return rotate_about(rotate_about(straight, d->slow, flat.y / d->distance), d->fast,
                      flat.z / d->distance);
}

int in_roi(const Detector *d, int slow, int fast) {
  return fast >= d->roi[0] && fast <= d->roi[1] && slow >= d->roi[2] && slow <= d->roi[3];
}

int is_masked(const Detector *d, int slow, int fast) {
  return d->mask != NULL && d->mask[(size_t)slow * (size_t)d->pixels[FAST] + (size_t)fast] == 0;
}
