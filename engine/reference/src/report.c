#include "report.h"

#include <stdio.h>

#include "constants.h"

static const char *const CONVENTIONS[] = {"adxv", "mosflm", "xds", "dials", "denzo", "custom"};
static const char *const SHAPES[] = {"parallelpiped", "ellipsoidal", "gaussian", "tophat-spot"};

void report_usage(void) {
  puts("usage: nanoBragg -hkl FILE | -default_F F   -cell a b c al be ga | -mat FILE   [flags]");
  puts("");
  puts("  -lambda A | -energy eV        wavelength           -distance mm    sample to detector");
  puts("  -detpixels N, -detsize mm     detector             -pixel mm       pixel size");
  puts("  -N N, -Na, -Nb, -Nc           crystal size, cells  -misset x y z   orientation, deg");
  puts("  -Xbeam mm -Ybeam mm           beam centre          -oversample N   subpixels per axis");
  puts("  -mosaic_spread deg -mosaic_domains N               -phi deg -osc deg -phisteps N");
  puts("  -detector_rotx, _roty, _rotz, -twotheta deg        -mosflm -xds -adxv -denzo -dials");
  puts("  -floatfile, -intfile, -pgmfile, -noisefile FILE    -nopgm -nonoise -noprogress");
}

void report_frame(const Detector *d) {
  printf("%s convention selected.\n", CONVENTIONS[d->convention]);
  puts(d->pivot == PIVOT_SAMPLE ? "pivoting detector around sample"
                                : "pivoting detector around direct beam spot");
  printf("XDS incident beam: %g %g %g\n", dot(d->beam, d->fast), dot(d->beam, d->slow),
         dot(d->beam, d->normal));
}

static void report_cell(const char *name, const Cell *cell) {
  printf("%s Cell: %g %g %g %g %g %g\n", name, cell->length[0], cell->length[1], cell->length[2],
         cell->angle[0] * NB_DEGREES, cell->angle[1] * NB_DEGREES, cell->angle[2] * NB_DEGREES);
}

static void report_axes(const Axes *axes, double unit_length) {
  printf("X: %11.8f %11.8f %11.8f\n", axes->a.x * unit_length, axes->b.x * unit_length,
         axes->c.x * unit_length);
  printf("Y: %11.8f %11.8f %11.8f\n", axes->a.y * unit_length, axes->b.y * unit_length,
         axes->c.y * unit_length);
  printf("Z: %11.8f %11.8f %11.8f\n", axes->a.z * unit_length, axes->b.z * unit_length,
         axes->c.z * unit_length);
}

void report_crystal(const Crystal *c) {
  const double edge[3] = {norm(c->real.a), norm(c->real.b), norm(c->real.c)};
  report_cell("Unit", &c->cell);
  report_cell("Recp", &c->reciprocal_cell);
  printf("volume = %g A^3\n", c->cell.volume);
  puts("real-space cell vectors (Angstrom):");
  puts("     a           b           c");
  report_axes(&c->real, 1e10);
  puts("reciprocal-space cell vectors (Angstrom^-1):");
  puts("     a_star      b_star      c_star");
  report_axes(&c->reciprocal, 1.0);
  printf("crystal is %g x %g x %g microns\n", edge[0] * c->N[0] * 1e6, edge[1] * c->N[1] * 1e6,
         edge[2] * c->N[2] * 1e6);
  printf("approximate MW = %g\n", c->cell.volume * 1e-30 * NB_DENSITY_FOR_MASS * NB_AVOGADRO);
}

void report_positions(const Scene *s) {
  int i;
  for (i = 0; i < s->detector.layers.count; i++)
    printf("thick%d = %g um\n", i, s->detector.layers.step * i * 1e6);
  for (i = 0; i < s->crystal.spindle.count; i++)
    printf("phi%d = %g\n", i, spindle_angle(&s->crystal, i) * NB_DEGREES);
}

void report_sources(const Scene *s) {
  const Beam *b = &s->beam;
  int i;
  if (b->divergence_points >= 0)
    for (i = 0; i < b->dispersion.count; i++)
      printf("lambda%d = %.15g\n", i, b->sources[i].lambda);
  printf("  created a total of %d sources:\n", b->source_count);
  for (i = 0; i < b->source_count; i++)
    /* Adding zero turns a negative zero into a plain one. */
    printf("%g %g %g   %g %g\n", b->sources[i].position.x + 0.0, b->sources[i].position.y + 0.0,
           b->sources[i].position.z + 0.0, b->sources[i].weight, b->sources[i].lambda);
}

static void report_detector(const Detector *d) {
  printf("  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)\n", d->distance,
         d->size[FAST], d->size[SLOW], d->pixel, d->pixels[FAST], d->pixels[SLOW]);
  printf("  sensor is %g m thick in %d layers with mu= %g\n", d->layers.range, d->layers.count,
         d->mu);
  printf("  Xbeam=%g Ybeam=%g\n", d->Xbeam, d->Ybeam);
  printf("  Fbeam=%g Sbeam=%g\n", d->Fbeam, d->Sbeam);
  printf("  Xclose=%g Yclose=%g\n", d->Xclose, d->Yclose);
  printf("  Fclose=%g Sclose=%g\n", d->Fclose, d->Sclose);
  printf("  DIRECTION_OF_DETECTOR_X-AXIS= %g %g %g\n", d->fast.x, d->fast.y, d->fast.z);
  printf("  DIRECTION_OF_DETECTOR_Y-AXIS= %g %g %g\n", d->slow.x, d->slow.y, d->slow.z);
  printf("  DIRECTION_OF_DETECTOR_Z-AXIS= %g %g %g\n", d->normal.x, d->normal.y, d->normal.z);
  printf("  INCIDENT_BEAM_DIRECTION= %g %g %g\n", d->beam.x, d->beam.y, d->beam.z);
  printf("  spindle ROTATION_AXIS= %g %g %g\n", d->spindle.x, d->spindle.y, d->spindle.z);
  printf("  POLARIZATION_PLANE_NORMAL= %g %g %g\n", d->polar.x, d->polar.y, d->polar.z);
  printf("  dials origin= %g %g %g\n", d->dials_origin[0], d->dials_origin[1],
         d->dials_origin[2]);
  printf("  roi: %d < x < %d && %d < y < %d\n", d->roi[0], d->roi[1], d->roi[2], d->roi[3]);
}

static void report_averages(const Scene *s) {
  const Beam *b = &s->beam;
  const Crystal *c = &s->crystal;
  double first = spindle_angle(c, 0), last = c->phi + c->spindle.range;
  printf("  hdivrange=%g hdivstep=%g  radians\n", b->divergence[HORIZONTAL].range,
         b->divergence[HORIZONTAL].step);
  printf("  vdivrange=%g vdivstep=%g  radians\n", b->divergence[VERTICAL].range,
         b->divergence[VERTICAL].step);
  printf("  %d divergence steps\n", b->divergence_points);
  printf("  %d sources\n", b->source_count);
  printf("  %d mosaic domains over mosaic spread of %g degrees\n", c->mosaic.count,
         c->mosaic.range * NB_DEGREES);
  printf("  %d phi steps from %g to %g degrees\n", c->spindle.count, first * NB_DEGREES,
         last * NB_DEGREES);
  printf("  %dx%d pixel oversample steps", s->oversample, s->oversample);
  if (s->oversample_thick) fputs(" +thick", stdout);
  if (s->oversample_polar) fputs(" +polar", stdout);
  if (s->oversample_omega) fputs(" +omega", stdout);
  putchar('\n');
}

void report_run(const Scene *s, long long noise_seed) {
  const Crystal *c = &s->crystal;
  printf("  created a total of %d mosaic domains\n", c->mosaic.count);
  puts("nanoBragg parameters:");
  printf("  %lld initialized hkls (all others =%g)\n", s->factors.reflections,
         s->factors.default_F);
  printf("  %s xtal: %.0fx%.0fx%.0f cells\n", SHAPES[c->shape], c->N[0], c->N[1], c->N[2]);
  printf("  wave=%g meters +/- %g%% in %d steps\n", s->beam.lambda,
         s->beam.dispersion.range * 100.0, s->beam.dispersion.count);
  printf("  incident fluence: %g photons/m^2\n", s->beam.fluence);
  report_detector(&s->detector);
  report_averages(s);
  printf("  seed: %lld\n", noise_seed);
  fflush(stdout);
}

void report_image(const Image *image) {
  const double sphere = 4.0 * NB_PI;
  printf("solid angle subtended by detector = %g steradian ( %g%% sphere)\n", image->solid_angle,
         100.0 * image->solid_angle / sphere);
  printf("max_I = %g  at %g %g\n", image->max, image->max_fast, image->max_slow);
  printf("mean= %g rms= %g rmsd= %g\n", image->mean, image->rms, image->rmsd);
}
