#include "crystal.h"

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "constants.h"
#include "failure.h"

int crystal_is_described(const Options *o) { return o->matrix != NULL || o->cell[0] != 0.0; }

/* A missing length copies the first, a missing angle is a right one (3.4). */
static void complete_cell(Options *o) {
  int i;
  if (!o->cell_given || o->cell[0] <= 0.0) return;
  for (i = 1; i < 3; i++)
    if (o->cell[i] <= 0.0) o->cell[i] = o->cell[0];
  for (i = 3; i < 6; i++)
    if (o->cell[i] <= 0.0) o->cell[i] = 90.0 / NB_DEGREES;
}

static double clamped(double value, double limit, double replacement, int *suspicious) {
  if (!(value * value <= limit)) {
    if (fabs(value) > 1.0000001) *suspicious = 1;
    return replacement;
  }
  return value;
}

static double cell_volume(const double *length, const double *angle) {
  double half = (angle[0] + angle[1] + angle[2]) / 2.0;
  double skew = sin(half) * sin(half - angle[0]) * sin(half - angle[1]) * sin(half - angle[2]);
  double volume = 2.0 * length[0] * length[1] * length[2] * sqrt(fabs(skew));
  if (volume <= 0.0) {
    warn("impossible unit cell: its volume is zero");
    return DBL_MIN;
  }
  return volume;
}

/* Section 6.1. The last component of c* is the original's, which for cells with two
 * oblique angles is not the crystallographer's (Q-CELL). */
static Axes reciprocal_from_cell(const double *cell, Cell *given, int exact) {
  const double a = cell[0], b = cell[1], c = cell[2];
  const double *angle = cell + 3;
  double V = cell_volume(cell, angle), Vstar = 1.0 / V;
  double as = b * c * sin(angle[0]) * Vstar;
  double bs = c * a * sin(angle[1]) * Vstar;
  double cs = a * b * sin(angle[2]) * Vstar;
  double sin_gs = c * Vstar / as / bs;
  double cos_as = (cos(angle[1]) * cos(angle[2]) - cos(angle[0])) / (sin(angle[1]) * sin(angle[2]));
  double cos_bs = (cos(angle[2]) * cos(angle[0]) - cos(angle[1])) / (sin(angle[2]) * sin(angle[0]));
  double cos_gs = (cos(angle[0]) * cos(angle[1]) - cos(angle[2])) / (sin(angle[0]) * sin(angle[1]));
  int suspicious = 0, i;
  Axes star;
  sin_gs = clamped(sin_gs, 1.0, sin_gs < 0.0 ? -1.0 : 1.0, &suspicious);
  cos_as = clamped(cos_as, 1.0, 1.0, &suspicious);
  cos_bs = clamped(cos_bs, 1.0, 1.0, &suspicious);
  cos_gs = clamped(cos_gs, 1.0, 1.0, &suspicious);
  if (suspicious) warn("oddball reciprocal cell angles: the unit cell may be impossible");
  star.a = vec(as, 0.0, 0.0);
  star.b = vec(bs * cos_gs, bs * sin_gs, 0.0);
  star.c = vec(cs * cos_bs, cs * (cos_as - cos_bs * cos_gs) / sin_gs,
               cs * V / (a * b * c * sin_gs));
  /* The height of the reciprocal cell above a*, b*: its volume by the area of that face. */
  if (exact) star.c.z = Vstar / (as * bs * sin_gs);
  for (i = 0; i < 3; i++) given->length[i] = cell[i];
  given->volume = V;
  return star;
}

static Vec3 matrix_column(const double number[9], int column, double per_angstrom) {
  return vec(number[column] * per_angstrom, number[3 + column] * per_angstrom,
             number[6 + column] * per_angstrom);
}

/* Section 4.3: dimensionless A = lambda a*; columns are the reciprocal vectors. */
static int read_matrix(const char *path, double lambda, int corrected, Axes *star) {
  double number[9], per_angstrom = 1e-10 / lambda;
  int i;
  FILE *file = fopen(path, "r");
  if (file == NULL && corrected) fail(EXIT_INPUT, "cannot open %s: %s", path, strerror(errno));
  if (file == NULL) {
    warn("matrix %s cannot be opened and is ignored, as in the original (Q-FILES): %s", path,
         strerror(errno));
    return 0;
  }
  for (i = 0; i < 9; i++)
    if (fscanf(file, "%lf", &number[i]) != 1)
      fail(EXIT_INPUT, "%s: a matrix has nine numbers, this one %d", path, i);
  fclose(file);
  star->a = matrix_column(number, 0, per_angstrom);
  star->b = matrix_column(number, 1, per_angstrom);
  star->c = matrix_column(number, 2, per_angstrom);
  return 1;
}

/* The X, Y, Z angles of a rotation matrix (6.4). */
static void angles_of(const Matrix3 *m, double angle[3]) {
  Vec3 x = unit(m->row[0]), y = unit(m->row[1]), z = unit(m->row[2]);
  if (z.x * z.x < 1.0) {
    angle[0] = atan2(z.y, z.z);
    angle[1] = atan2(-z.x, sqrt(z.y * z.y + z.z * z.z));
    angle[2] = atan2(y.x, x.x);
  } else {
    angle[0] = NB_PI;
    angle[1] = NB_PI / 2.0;
    angle[2] = atan2(x.y, -y.y);
  }
}

static void misset(Crystal *crystal, Axes *star, Options *o, Generator *generator) {
  int i;
  for (i = 0; i < 3; i++) crystal->misset[i] = o->misset[i];
  if (o->misset_mode == MISSET_RANDOM) {
    Matrix3 any = mosaic_rotation(90.0F, generator, &o->misset_seed);
    angles_of(&any, crystal->misset);
    printf("random orientation misset angles: %f %f %f deg\n", crystal->misset[0] * NB_DEGREES,
           crystal->misset[1] * NB_DEGREES, crystal->misset[2] * NB_DEGREES);
  }
  if (o->misset_mode == MISSET_NONE) return;
  star->a = rotate_xyz(star->a, crystal->misset);
  star->b = rotate_xyz(star->b, crystal->misset);
  star->c = rotate_xyz(star->c, crystal->misset);
}

/* `v` along its own direction, `length` long. One factor for all components: dividing
 * first changes the last bit of traces 13.3. */
static Vec3 rescaled(Vec3 v, double length) { return scaled(length / norm(v), v); }

static Cell cell_of(const Axes *axes, double volume) {
  Cell cell;
  cell.length[0] = norm(axes->a);
  cell.length[1] = norm(axes->b);
  cell.length[2] = norm(axes->c);
  cell.angle[0] = atan2(norm(cross(axes->b, axes->c)), dot(axes->b, axes->c));
  cell.angle[1] = atan2(norm(cross(axes->c, axes->a)), dot(axes->c, axes->a));
  cell.angle[2] = atan2(norm(cross(axes->a, axes->b)), dot(axes->a, axes->b));
  cell.volume = volume;
  return cell;
}

static Axes metres(const Axes *angstrom) {
  Axes m;
  m.a = scaled(1e-10, angstrom->a);
  m.b = scaled(1e-10, angstrom->b);
  m.c = scaled(1e-10, angstrom->c);
  return m;
}

/* Section 6.5. Lengths and volume of a given cell are forced upon the directions. */
static void real_space(Crystal *crystal, const Axes *star, const Cell *given) {
  Vec3 ab = cross(star->a, star->b), bc = cross(star->b, star->c), ca = cross(star->c, star->a);
  double Vstar = dot(star->a, bc), V;
  Axes axes;
  if (crystal->has_cell) {
    bc = rescaled(bc, given->length[0] / given->volume);
    ca = rescaled(ca, given->length[1] / given->volume);
    ab = rescaled(ab, given->length[2] / given->volume);
    Vstar = 1.0 / given->volume;
  }
  V = 1.0 / Vstar;
  axes.a = scaled(V, bc);
  axes.b = scaled(V, ca);
  axes.c = scaled(V, ab);
  crystal->reciprocal.a = scaled(Vstar, cross(axes.b, axes.c));
  crystal->reciprocal.b = scaled(Vstar, cross(axes.c, axes.a));
  crystal->reciprocal.c = scaled(Vstar, cross(axes.a, axes.b));
  crystal->cell = cell_of(&axes, V);
  crystal->reciprocal_cell = cell_of(&crystal->reciprocal, Vstar);
  crystal->real = metres(&axes);
  if (!isfinite(V) || !finite_vec(axes.a) || !finite_vec(axes.b) || !finite_vec(axes.c))
    fail(EXIT_NOT_UNDERSTOOD, "the unit cell has no volume, the image would be NaN (X-NAN)");
}

/* Section 5.8: a size in metres replaces the number of cells. */
static void count_cells(Crystal *crystal, const Options *o) {
  const double edge[3] = {norm(crystal->real.a), norm(crystal->real.b), norm(crystal->real.c)};
  int i;
  for (i = 0; i < 3; i++) {
    crystal->N[i] = o->size[i] > 0.0 ? ceil(o->size[i] / edge[i]) : (double)o->N[i];
    if (crystal->N[i] <= 1.0) crystal->N[i] = 1.0;
  }
}

double spindle_angle(const Crystal *crystal, int index) {
  return crystal->phi + crystal->spindle.step * index;
}

/* Beyond this the original would run for years, if it found the memory. */
static void check_count(const Sampling *sampling, const char *what) {
  const int most = 10000000;
  if (sampling->count > most)
    fail(EXIT_NOT_UNDERSTOOD, "%d %s are more than this program takes, %d", sampling->count, what,
         most);
}

/* A position at exactly zero has no vectors of its own: it keeps those in force (Q-PHI). */
static void turn_spindle(Crystal *crystal, Vec3 spindle, int corrected) {
  int j;
  crystal->zero_turns = corrected;
  crystal->at_phi =
      allocate((size_t)crystal->spindle.count, sizeof(Axes), "the spindle positions");
  crystal->last_nonzero_phi = -1;
  for (j = 0; j < crystal->spindle.count; j++) {
    double phi = spindle_angle(crystal, j);
    if (phi == 0.0 && !corrected) continue;
    crystal->at_phi[j].a = rotate_about(crystal->real.a, spindle, phi);
    crystal->at_phi[j].b = rotate_about(crystal->real.b, spindle, phi);
    crystal->at_phi[j].c = rotate_about(crystal->real.c, spindle, phi);
    crystal->last_nonzero_phi = j;
  }
}

Crystal crystal_from(Options *o, Generator *generator, Vec3 spindle) {
  Crystal crystal = {0};
  Cell given = {{0}, {0}, 0};
  Axes star = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  complete_cell(o);
  crystal.has_cell = o->cell_given && o->cell[0] > 0.0;
  if (crystal.has_cell) star = reciprocal_from_cell(o->cell, &given, o->exact_cell);
  if (o->matrix != NULL) read_matrix(o->matrix, o->lambda, o->corrected, &star);
  misset(&crystal, &star, o, generator);
  real_space(&crystal, &star, &given);
  crystal.shape = (Shape)o->shape;
  crystal.fudge = o->fudge;
  count_cells(&crystal, o);
  crystal.phi = o->phi;
  crystal.spindle = spindle_sampling(o->phisteps, o->osc, o->phistep);
  crystal.mosaic = mosaic_sampling(o->mosaic_domains, o->mosaic_spread);
  check_count(&crystal.spindle, "phi steps");
  check_count(&crystal.mosaic, "mosaic domains");
  turn_spindle(&crystal, spindle, o->corrected);
  return crystal;
}

/* Section 6.6: the angle is a single-precision product, the axis a double one. */
Matrix3 mosaic_rotation(float spread, Generator *generator, long long *seed) {
  double r1 = 2.0 * uniform(generator, seed) - 1.0;
  double r2 = 2.0 * uniform(generator, seed) - 1.0;
  double r3 = 2.0 * uniform(generator, seed) - 1.0;
  double rho = sqrt(1.0 - r2 * r2);
  Vec3 n = vec(rho * sin(NB_PI * r1), rho * cos(NB_PI * r1), r2);
  float angle = spread * powf((float)(1.0 - r3 * r3), (float)(1.0 / 3.0));
  double c = cos(angle), s = sin(angle), t = 1.0 - c;
  Matrix3 m;
  m.row[0] = vec(c + n.x * n.x * t, n.x * n.y * t - n.z * s, n.x * n.z * t + n.y * s);
  m.row[1] = vec(n.y * n.x * t + n.z * s, c + n.y * n.y * t, n.y * n.z * t - n.x * s);
  m.row[2] = vec(n.z * n.x * t - n.y * s, n.z * n.y * t + n.x * s, c + n.z * n.z * t);
  return m;
}

void draw_mosaic_domains(Crystal *crystal, Generator *generator, long long *seed) {
  static const Matrix3 identity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  int m;
  crystal->domains =
      allocate((size_t)crystal->mosaic.count, sizeof(Matrix3), "the mosaic domains");
  for (m = 0; m < crystal->mosaic.count; m++)
    crystal->domains[m] = mosaic_rotation((float)crystal->mosaic.range, generator, seed);
  /* The first domain is the nominal crystal; its deviates are drawn all the same. */
  crystal->domains[0] = identity;
}
