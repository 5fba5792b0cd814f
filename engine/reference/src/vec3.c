#include "vec3.h"

/* A rotation by exactly zero is skipped, so it cannot touch a bit (6.3). */
Vec3 rotate_xyz(Vec3 v, const double angle[3]) {
  if (angle[0] != 0.0) {
    double c = cos(angle[0]), s = sin(angle[0]);
    v = vec(v.x, v.y * c - v.z * s, v.y * s + v.z * c);
  }
  if (angle[1] != 0.0) {
    double c = cos(angle[1]), s = sin(angle[1]);
    v = vec(v.x * c + v.z * s, v.y, v.z * c - v.x * s);
  }
  if (angle[2] != 0.0) {
    double c = cos(angle[2]), s = sin(angle[2]);
    v = vec(v.x * c - v.y * s, v.x * s + v.y * c, v.z);
  }
  return v;
}

Vec3 rotate_about(Vec3 v, Vec3 axis, double angle) {
  double c = cos(angle), s = sin(angle);
  double along = dot(axis, v) * (1.0 - c);
  Vec3 side = cross(axis, v);
  return vec(axis.x * along + v.x * c + side.x * s, axis.y * along + v.y * c + side.y * s,
             axis.z * along + v.z * c + side.z * s);
}
