#include "smv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "failure.h"

enum { SMALLEST_HEADER = 512, LARGEST_HEADER = 1 << 20, LARGEST_SIDE = 1 << 20 };

/* The number after the last occurrence of `key`, which may be the tail of a longer
 * key (Q-HDRKEY). Returns 0 and leaves `value` alone when there is none. */
static int header_number(const char *header, const char *key, double *value) {
  const char *found = NULL, *next = header;
  while ((next = strstr(next, key)) != NULL) found = next++;
  if (found == NULL || (found = strchr(found, '=')) == NULL) return 0;
  *value = strtod(found + 1, NULL);
  return isfinite(*value);
}

static void header_length(const char *header, const char *key, double per_metre, Optional *field) {
  double value;
  if (!header_number(header, key, &value)) return;
  field->value = value / per_metre;
  field->given = 1;
}

/* The whole header as a string; the caller frees it. */
static char *read_header(FILE *file, const char *path) {
  char start[SMALLEST_HEADER + 1];
  double bytes = SMALLEST_HEADER;
  char *header;
  if (fread(start, 1, SMALLEST_HEADER, file) != SMALLEST_HEADER)
    fail(EXIT_INPUT, "%s is shorter than an SMV header", path);
  start[SMALLEST_HEADER] = '\0';
  if (strncmp(start, "{\nHEADER_BYT", 12) != 0)
    fail(EXIT_INPUT, "%s is not an SMV image", path);
  if (strstr(start, "BYTE_ORDER") == NULL)
    fail(EXIT_INPUT, "%s: its header lacks BYTE_ORDER", path);
  header_number(start, "HEADER_BYTES", &bytes);
  if (bytes < SMALLEST_HEADER || bytes > LARGEST_HEADER)
    fail(EXIT_INPUT, "%s: HEADER_BYTES=%g is impossible", path, bytes);
  header = allocate((size_t)bytes + 1, 1, "an image header");
  memcpy(header, start, SMALLEST_HEADER);
  if (fread(header + SMALLEST_HEADER, 1, (size_t)bytes - SMALLEST_HEADER, file) !=
      (size_t)bytes - SMALLEST_HEADER)
    fail(EXIT_INPUT, "%s is shorter than its header says", path);
  return header;
}

static void header_size(Options *o, const char *header, const char *path) {
  double sides[2] = {0.0, 0.0}, side, pixel;
  const char *dimensions;
  int axis;
  if (header_number(header, "SIZE1", &side)) sides[FAST] = side;
  if (header_number(header, "SIZE2", &side)) sides[SLOW] = side;
  dimensions = strstr(header, "DETECTOR_DIMENSIONS");
  if (sides[FAST] == 0.0 && dimensions != NULL && (dimensions = strchr(dimensions, '=')) != NULL)
    sscanf(dimensions + 1, "%lf %lf", &sides[FAST], &sides[SLOW]);
  if (!(sides[FAST] >= 1 && sides[FAST] <= LARGEST_SIDE && sides[SLOW] >= 1 &&
        sides[SLOW] <= LARGEST_SIDE))
    fail(EXIT_INPUT, "%s: its header gives no usable image size", path);
  for (axis = 0; axis < 2; axis++) o->detpixels[axis] = (int)sides[axis];
  if (header_number(header, "PIXEL_SIZE", &pixel)) {
    o->pixel = pixel / 1000.0;
    for (axis = 0; axis < 2; axis++) o->detsize[axis] = o->pixel * o->detpixels[axis];
  }
}

static void header_camera(Options *o, const char *header) {
  double value;
  if (header_number(header, "DISTANCE", &value)) o->distance = value / 1000.0;
  header_length(header, "CLOSE_DISTANCE", 1000.0, &o->close_distance);
  if (header_number(header, "WAVELENGTH", &value)) o->lambda = value / 1e10;
  header_length(header, "BEAM_CENTER_X", 1000.0, &o->Xbeam);
  header_length(header, "BEAM_CENTER_Y", 1000.0, &o->Ybeam);
  header_length(header, "ORGX", 1.0, &o->ORGX);
  header_length(header, "ORGY", 1.0, &o->ORGY);
  if (header_number(header, "PHI", &value)) o->phi = value / NB_DEGREES;
  if (header_number(header, "OSC_RANGE", &value)) o->osc = value / NB_DEGREES;
}

void read_mask(Options *o, const char *path) {
  FILE *file = fopen(path, "rb");
  char *header;
  size_t count;
  if (file == NULL && o->corrected) fail(EXIT_INPUT, "cannot open %s: %s", path, strerror(errno));
  if (file == NULL) {
    warn("mask %s cannot be opened and is ignored, as in the original (Q-FILES): %s", path,
         strerror(errno));
    return;
  }
  header = read_header(file, path);
  header_size(o, header, path);
  header_camera(o, header);
  if (o->Ybeam.given) o->Ybeam.value = o->detsize[SLOW] - o->Ybeam.value;
  free(header);
  o->mask_pixels[FAST] = o->detpixels[FAST];
  o->mask_pixels[SLOW] = o->detpixels[SLOW];
  count = (size_t)o->mask_pixels[FAST] * (size_t)o->mask_pixels[SLOW];
  o->mask_data = allocate(count, sizeof *o->mask_data, "the mask");
  if (fread(o->mask_data, sizeof *o->mask_data, count, file) != count)
    fail(EXIT_INPUT, "%s holds fewer pixels than its header says", path);
  fclose(file);
}

void read_image_header(Options *o, const char *path) {
  FILE *file = fopen(path, "rb");
  char *header;
  if (file == NULL && o->corrected) fail(EXIT_INPUT, "cannot open %s: %s", path, strerror(errno));
  if (file == NULL) {
    warn("image %s cannot be opened and is ignored, as in the original (Q-FILES): %s", path,
         strerror(errno));
    return;
  }
  header = read_header(file, path);
  header_size(o, header, path);
  header_camera(o, header);
  free(header);
  fclose(file);
}
