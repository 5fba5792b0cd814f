/* nanoBragg: expected photons per pixel for a small perfect crystal.
 *
 * An independent scalar implementation of the behaviour of the original program,
 * quirks included, for use as a reference. The order of the steps is the
 * specification's (2), because several quirks depend on it. */
#include <stdlib.h>

#include "args.h"
#include "columns.h"
#include "failure.h"
#include "image.h"
#include "output.h"
#include "quirks.h"
#include "report.h"

static void demand_inputs(const Options *o) {
  int has_factors = structure_factors_are_described(o);
  if (has_factors && crystal_is_described(o)) return;
  if (!has_factors) puts("nanoBragg: no structure factors: name -hkl or -default_F");
  report_usage();
  exit(EXIT_INPUT);
}

/* Section 5.7: the choice looks at the numbers on the command line, before sizes in
 * millimetres replace them (Q-INTERPN). */
static int choose_interpolation(const Options *o) {
  int small = o->N[0] <= 2 || o->N[1] <= 2 || o->N[2] <= 2;
  if (o->interpolate >= 0) return o->interpolate;
  puts(small ? "auto-selected tricubic interpolation of structure factors"
             : "auto-selected no interpolation");
  return small;
}

static int choose_oversample(const Scene *s, int wanted) {
  int recommended = recommended_oversample(&s->crystal, &s->beam, &s->detector);
  if (wanted <= 0) {
    printf("auto-selected %d-fold oversampling\n", recommended);
    return recommended;
  }
  if (wanted < recommended)
    warn("the lattice factor is undersampled: %d-fold oversampling given, %d recommended", wanted,
         recommended);
  return wanted;
}

/* Nothing uses the values (Q-STOL), but a file that cannot be read ends the run. */
static void check_stol_file(const Options *o) {
  size_t rows;
  if (o->stol == NULL) return;
  free(read_columns(o->stol, 2, o->corrected, &rows));
  warn("%s is read and not used, as in the original (Q-STOL)", o->stol);
}

static Scene build_scene(Options *o, Generator *generator) {
  Scene s = {0};
  resolve_beam(o);
  s.detector = detector_from(o);
  report_frame(&s.detector);
  demand_inputs(o);
  s.interpolate = choose_interpolation(o);
  s.beam.lambda = o->lambda;
  s.crystal = crystal_from(o, generator, s.detector.spindle);
  report_crystal(&s.crystal);
  s.oversample = choose_oversample(&s, o->oversample);
  s.oversample_thick = o->oversample_thick;
  s.oversample_polar = o->oversample_polar;
  s.oversample_omega = o->oversample_omega;
  s.corrected = o->corrected;
  if (s.corrected && o->nopolar) s.oversample_polar = 0;
  s.dmin = o->dmin;
  s.water = o->water;
  s.factors = structure_factors_from(o);
  if (s.factors.reflections == 0) s.interpolate = 0;
  check_stol_file(o);
  report_positions(&s);
  s.beam = beam_from(o, &s.detector);
  report_sources(&s);
  draw_mosaic_domains(&s.crystal, generator, &o->mosaic_seed);
  s.steps = count_steps(&s);
  return s;
}

int main(int argc, char **argv) {
  Options options;
  Generator generator;
  Scene scene;
  Image image;
  Watch watch;
  options_default(&options);
  generator_init(&generator);
  read_command_line(&options, argc, argv);
  scene = build_scene(&options, &generator);
  warn_of_quirks(&options, &scene);
  report_run(&scene, options.seed);
  watch = watch_from(&options, &scene);
  image = render(&scene, &watch, options.progress);
  close_watch(&watch);
  report_image(&image);
  write_float_image(&scene, &image, options.floatfile);
  write_int_image(&scene, &image, &options);
  if (options.write_pgm) write_pgm(&scene, &image, &options);
  if (options.write_noise) write_noise_image(&scene, &image, &options, &generator);
  if (fflush(stdout) != 0 || ferror(stdout)) fail(EXIT_INPUT, "cannot write the report");
  return 0;
}
