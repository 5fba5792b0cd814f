/* Vectors in laboratory coordinates.
 *
 * Every sum goes left to right, as specification 16 asks: the order decides the
 * last bit of the image. */
#ifndef NB_VEC3_H
#define NB_VEC3_H

#include <math.h>

typedef struct {
  double x, y, z;
} Vec3;

static inline Vec3 vec(double x, double y, double z) {
  Vec3 v;
  v.x = x;
  v.y = y;
  v.z = z;
  return v;
}

static inline double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

static inline Vec3 cross(Vec3 a, Vec3 b) {
  return vec(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}

static inline double norm(Vec3 v) { return sqrt(dot(v, v)); }

static inline Vec3 scaled(double factor, Vec3 v) {
  return vec(factor * v.x, factor * v.y, factor * v.z);
}

static inline Vec3 sum(Vec3 a, Vec3 b) { return vec(a.x + b.x, a.y + b.y, a.z + b.z); }

static inline Vec3 difference(Vec3 a, Vec3 b) { return vec(a.x - b.x, a.y - b.y, a.z - b.z); }

/* A zero vector stays zero (specification 7.1). */
static inline Vec3 unit(Vec3 v) {
  double length = norm(v);
  if (length == 0.0) return vec(0.0, 0.0, 0.0);
  return vec(v.x / length, v.y / length, v.z / length);
}

static inline int same(Vec3 a, Vec3 b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

static inline int finite_vec(Vec3 v) { return isfinite(v.x) && isfinite(v.y) && isfinite(v.z); }

/* The three rows of a rotation matrix. */
typedef struct {
  Vec3 row[3];
} Matrix3;

static inline Vec3 transform(const Matrix3 *m, Vec3 v) {
  return vec(dot(m->row[0], v), dot(m->row[1], v), dot(m->row[2], v));
}

/* Active rotation about X, then Y, then Z; angles in radians (6.3). */
Vec3 rotate_xyz(Vec3 v, const double angle[3]);

/* Active rotation about `axis`, which is used as it is, unnormalised (6.3). */
Vec3 rotate_about(Vec3 v, Vec3 axis, double angle);

#endif
