#include "output.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "constants.h"
#include "failure.h"
#include "whole_file.h"

enum { SMV_HEADER = 512, LONGEST_HEADER = 2048 };

typedef struct {
  char text[LONGEST_HEADER];
  size_t length;
} Header;

static size_t pixel_count(const Scene *s) {
  return (size_t)s->detector.pixels[FAST] * (size_t)s->detector.pixels[SLOW];
}

static int in_image_roi(const Scene *scene, size_t index) {
  const size_t width = (size_t)scene->detector.pixels[FAST];
  return in_roi(&scene->detector, (int)(index / width), (int)(index % width));
}

void write_float_image(const Scene *scene, const Image *image, const char *path) {
  FILE *file;
  printf("writing %s as %d %d-byte floats\n", path, (int)pixel_count(scene), (int)sizeof(float));
  file = create_file(path);
  write_bytes(file, image->pixels, pixel_count(scene) * sizeof(float), path);
  close_written(file, path);
}

static void add(Header *h, const char *format, ...) NB_PRINTF(2, 3);

static void add(Header *h, const char *format, ...) {
  va_list args;
  int written;
  va_start(args, format);
  written = vsnprintf(h->text + h->length, LONGEST_HEADER - h->length, format, args);
  va_end(args);
  if (written < 0 || h->length + (size_t)written >= LONGEST_HEADER)
    fail(EXIT_INPUT, "the image header does not fit %d bytes", LONGEST_HEADER);
  h->length += (size_t)written;
}

static int little_endian(void) {
  const unsigned short probe = 1;
  return *(const unsigned char *)&probe == 1;
}

static void add_centres(Header *h, const Detector *d) {
  add(h, "BEAM_CENTER_X=%g;\nBEAM_CENTER_Y=%g;\n", d->Xbeam * 1000.0, d->Ybeam * 1000.0);
  add(h, "ADXV_CENTER_X=%g;\nADXV_CENTER_Y=%g;\n", d->Fbeam * 1000.0,
      (d->size[SLOW] - d->Sbeam) * 1000.0);
  add(h, "MOSFLM_CENTER_X=%g;\nMOSFLM_CENTER_Y=%g;\n", (d->Sbeam - 0.5 * d->pixel) * 1000.0,
      (d->Fbeam - 0.5 * d->pixel) * 1000.0);
  add(h, "DENZO_X_BEAM=%g;\nDENZO_Y_BEAM=%g;\n", d->Sbeam * 1000.0, d->Fbeam * 1000.0);
  add(h, "DIALS_ORIGIN=%g,%g,%g\n", d->dials_origin[0], d->dials_origin[1], d->dials_origin[2]);
  add(h, "XDS_ORGX=%g;\nXDS_ORGY=%g;\n", d->ORGX, d->ORGY);
  add(h, "CLOSE_DISTANCE=%g;\n", d->close_distance * 1000.0);
}

/* Section 10.4, padded to `bytes` when it is shorter. */
static Header header_of(const Scene *scene, size_t bytes) {
  const Detector *d = &scene->detector;
  const Crystal *c = &scene->crystal;
  Header h = {{0}, 0};
  add(&h, "{\nHEADER_BYTES=%zu;\nDIM=2;\nBYTE_ORDER=%s;\nTYPE=unsigned_short;\n", bytes,
      little_endian() ? "little_endian" : "big_endian");
  add(&h, "SIZE1=%d;\nSIZE2=%d;\nPIXEL_SIZE=%g;\nDISTANCE=%g;\n", d->pixels[FAST],
      d->pixels[SLOW], d->pixel * 1000.0, d->distance * 1000.0);
  add(&h, "WAVELENGTH=%g;\n", scene->beam.lambda * 1e10);
  add_centres(&h, d);
  add(&h, "PHI=%g;\nOSC_START=%g;\n", c->phi * NB_DEGREES, c->phi * NB_DEGREES);
  add(&h, "OSC_RANGE=%g;\nTWOTHETA=%g;\n", c->spindle.range * NB_DEGREES,
      d->twotheta * NB_DEGREES);
  add(&h, "DETECTOR_SN=000;\nBEAMLINE=fake;\n}\f");
  while (h.length < bytes) add(&h, " ");
  return h;
}

/* Text beyond 512 bytes is kept, and then the data start later than HEADER_BYTES says, unless
 * it is mended (Q-HEADER). */
static void write_smv(const Scene *scene, const unsigned short *data, const char *path) {
  size_t bytes = SMV_HEADER;
  Header h = header_of(scene, bytes);
  FILE *file;
  while (scene->corrected && h.length > bytes) h = header_of(scene, bytes += SMV_HEADER);
  if (h.length > bytes)
    warn("%s: its header is %zu bytes long but says 512, as in the original (Q-HEADER)", path,
         h.length);
  file = create_file(path);
  write_bytes(file, h.text, h.length, path);
  write_bytes(file, data, pixel_count(scene) * sizeof *data, path);
  close_written(file, path);
}

static double int_scale(const Image *image, const Options *o) {
  if (o->scale > 0.0) return o->scale;
  return image->max > 0.0 ? 55000.0 / image->max : 1.0;
}

/* Rounded to single precision before the floor (Q-INTFLOOR). */
static unsigned short count_of(double value) {
  if (value < 0.0) value = 0.0;
  if (value > 65535.0) value = 65535.0;
  return (unsigned short)floorf((float)(value + 0.5));
}

void write_int_image(const Scene *scene, const Image *image, const Options *o) {
  size_t i, n = pixel_count(scene);
  double scale = int_scale(image, o);
  unsigned short *data = allocate(n, sizeof *data, "the integer image");
  printf("writing %s as %d-byte integers\n", o->intfile, (int)sizeof *data);
  printf("intfile_scale = %g\n", scale);
  for (i = 0; i < n; i++)
    if (in_image_roi(scene, i)) data[i] = count_of(image->pixels[i] * scale + o->adc);
  write_smv(scene, data, o->intfile);
  free(data);
}

void write_pgm(const Scene *scene, const Image *image, const Options *o) {
  size_t i, n = pixel_count(scene);
  double scale = o->pgmscale;
  unsigned char *data = allocate(n, 1, "the preview");
  FILE *file;
  if (scale <= 0.0)
    scale = image->rmsd > 0.0 ? 250.0 / (5.0 * image->rmsd) : int_scale(image, o);
  printf("writing %s as %d-byte integers\n", o->pgmfile, 1);
  printf("pgm_scale = %g\n", scale);
  for (i = 0; i < n; i++) {
    double value = image->pixels[i] * scale;
    if (!in_image_roi(scene, i)) continue;
    if (value > 255.0) value = 255.0;
    data[i] = value > 0.0 ? (unsigned char)value : 0;
  }
  file = create_file(o->pgmfile);
  fprintf(file, "P5\n%d %d\n# pixels scaled by %g\n255\n", scene->detector.pixels[FAST],
          scene->detector.pixels[SLOW], scale);
  write_bytes(file, data, n, o->pgmfile);
  close_written(file, o->pgmfile);
  free(data);
}

/* A negative count wraps modulo 65536, as it does on the original's machines (Q-ADCNEG). */
static unsigned short wrapped(double value) {
  return (unsigned short)(((long long)value) & 0xFFFF);
}

void write_noise_image(const Scene *scene, const Image *image, Options *o, Generator *generator) {
  size_t i, n = pixel_count(scene);
  double photons = 0.0;
  long long overloads = 0;
  unsigned short *data = allocate(n, sizeof *data, "the noise image");
  for (i = 0; i < n; i++) {
    double value;
    float count;
    if (!in_image_roi(scene, i)) continue;
    count = poisson(generator, image->pixels[i], &o->seed);
    photons += count;
    value = count + o->adc;
    if (value > 65535.0) {
      value = 65535.0;
      overloads++;
    }
    if (scene->corrected && value < 0.0) value = 0.0;
    data[i] = wrapped(value);
  }
  printf("%.0f photons on noise image (%lld overloads)\n", photons, overloads);
  printf("writing %s as %d-byte integers\n", o->noisefile, (int)sizeof *data);
  write_smv(scene, data, o->noisefile);
  free(data);
}
