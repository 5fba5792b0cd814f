#include "image.h"

#include <stdio.h>
#include <stdlib.h>

#include "constants.h"
#include "failure.h"
#include "pixel.h"

typedef struct {
  int wanted;
  long long finished, total;
} Progress;

/* Section 12.3: every twentieth, and every hundredth of the first and last tenth. */
static void advance_to(Progress *progress, long long finished) {
  long long twentieth = progress->total / 20, hundredth = progress->total / 100, n;
  if (progress->wanted && hundredth > 0) {
    for (n = progress->finished + 1; n <= finished; n++) {
      int outer = 10 * n < progress->total || 10 * n > 9 * progress->total;
      if (n % twentieth == 0 || (outer && n % hundredth == 0))
        printf("%lld%% done\n", n * 100 / progress->total);
    }
    fflush(stdout);
  }
  progress->finished = finished;
}

/* Returns how many pixels of the row were rendered. */
static int render_row(const Scene *scene, Carried *carried, Watch *watch, int slow, float *row,
                      double *omega_sum) {
  const Detector *d = &scene->detector;
  int fast, rendered = 0;
  *omega_sum = 0.0;
  for (fast = 0; fast < d->pixels[FAST]; fast++) {
    if (!in_roi(d, slow, fast) || is_masked(d, slow, fast)) continue;
    row[fast] = (float)(0.0 + render_pixel(scene, carried, slow, fast, omega_sum,
                                           watched(watch, slow, fast)));
    rendered++;
  }
  return rendered;
}

/* Rows go one after the other while anything is carried from pixel to pixel that
 * may still change, and in parallel from then on. Solid angles are summed row by
 * row, so that no thread count touches the printed total. */
static void render_rows(const Scene *scene, Image *image, double *row_omega, Watch *watch,
                        int want_progress) {
  const Detector *d = &scene->detector;
  const size_t width = (size_t)d->pixels[FAST];
  const int rows = d->pixels[SLOW];
  Carried carried = carried_at_start(scene);
  Progress progress;
  int slow, settled;
  progress.wanted = want_progress && !watch->printout;
  progress.finished = 0;
  progress.total =
      ((long long)d->roi[1] - d->roi[0] + 1) * ((long long)d->roi[3] - d->roi[2] + 1);
  for (slow = 0; slow < rows && (watches_several(watch) || !is_settled(scene, &carried)); slow++)
    advance_to(&progress, progress.finished +
                              render_row(scene, &carried, watch, slow,
                                         image->pixels + (size_t)slow * width, &row_omega[slow]));
  settled = slow;
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 4) firstprivate(carried)
#endif
  for (slow = settled; slow < rows; slow++) {
    int rendered = render_row(scene, &carried, watch, slow, image->pixels + (size_t)slow * width,
                              &row_omega[slow]);
#ifdef _OPENMP
#pragma omp critical
#endif
    advance_to(&progress, progress.finished + rendered);
  }
}

/* Section 12.1: p * p is rounded to single precision, the sums are double. */
static void find_totals(const Scene *scene, Image *image) {
  const Detector *d = &scene->detector;
  double sum = 0.0, squares = 0.0, last = 0.5 / scene->oversample;
  long long count = 0, not_finite = 0;
  int slow, fast;
  for (slow = 0; slow < d->pixels[SLOW]; slow++)
    for (fast = 0; fast < d->pixels[FAST]; fast++) {
      float p = image->pixels[(size_t)slow * (size_t)d->pixels[FAST] + (size_t)fast];
      if (!in_roi(d, slow, fast) || is_masked(d, slow, fast)) continue;
      if (!isfinite(p)) not_finite++;
      count++;
      sum += p;
      squares += (double)(float)(p * p);
      if (p > image->max) {
        image->max = p;
        image->max_fast = d->pixel * (fast + 1 - last);
        image->max_slow = d->pixel * (slow + 1 - last);
      }
    }
  if (not_finite > 0)
    fail(EXIT_NOT_UNDERSTOOD, "%lld pixels are not finite: these parameters have no image (X-NAN)",
         not_finite);
  image->mean = sum / (double)(count <= 0 ? 1 : count);
  image->rms = sqrt(squares / (double)((count <= 1 ? 2 : count) - 1));
}

/* Over the region of interest, masked pixels included (Q-RMSD). */
static void find_rmsd(const Scene *scene, Image *image) {
  const Detector *d = &scene->detector;
  double squares = 0.0;
  long long count = 0;
  int slow, fast;
  for (slow = 0; slow < d->pixels[SLOW]; slow++)
    for (fast = 0; fast < d->pixels[FAST]; fast++) {
      double away;
      if (!in_roi(d, slow, fast)) continue;
      away = image->pixels[(size_t)slow * (size_t)d->pixels[FAST] + (size_t)fast] - image->mean;
      squares += away * away;
      count++;
    }
  image->rmsd = sqrt(squares / (double)((count <= 1 ? 2 : count) - 1));
}

/* The float image, and the counts, the preview or the noise: one at a time, two bytes at most. */
enum { BYTES_A_PIXEL = 6 };

static void demand_memory(const Scene *scene) {
  const int *pixels = scene->detector.pixels;
  double need = (double)pixels[FAST] * pixels[SLOW] * BYTES_A_PIXEL, have = available_bytes();
  if (have >= 0.0 && need > have)
    fail(EXIT_MEMORY,
         "an image of %d x %d pixels needs %.1f GB of memory, %.1f GB are available; "
         "fix: fewer pixels (-detpixels), or a machine with more memory",
         pixels[FAST], pixels[SLOW], need / 1e9, have / 1e9);
}

Image render(const Scene *scene, Watch *watch, int progress) {
  const Detector *d = &scene->detector;
  Image image = {0};
  double *row_omega = allocate((size_t)d->pixels[SLOW], sizeof *row_omega, "the solid angles");
  double omega = 0.0;
  int slow;
  demand_memory(scene);
  image.pixels = allocate((size_t)d->pixels[FAST] * (size_t)d->pixels[SLOW], sizeof(float),
                          "the image");
  render_rows(scene, &image, row_omega, watch, progress);
  for (slow = 0; slow < d->pixels[SLOW]; slow++) omega += row_omega[slow];
  free(row_omega);
  image.solid_angle = omega / scene->steps;
  find_totals(scene, &image);
  find_rmsd(scene, &image);
  return image;
}
