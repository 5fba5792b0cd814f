/* Physical and mathematical constants (specification 1.2, 1.3).
 *
 * The values are written out rather than derived: they enter the last bits of
 * the image, and the published images were made with exactly these. */
#ifndef NB_CONSTANTS_H
#define NB_CONSTANTS_H

#define NB_PI 3.14159265358979323846
#define NB_INVERSE_PI 0.31830988618379067154

/* Degrees per radian. Angles are divided by it, never multiplied by its inverse. */
#define NB_DEGREES (180.0 * NB_INVERSE_PI)

/* Thomson cross section of one electron, m^2. */
#define NB_ELECTRON_RADIUS_SQUARED 7.94079248018965e-30

/* Photons per m^2; chosen so that its product with the value above is exactly one. */
#define NB_DEFAULT_FLUENCE 125932015286227086360700780544.0

#define NB_AVOGADRO 6.02214179e23
#define NB_EV_ANGSTROM 12398.42
#define NB_ROUND_AMPLITUDE 0.723601254558268
#define NB_GAUSS_WIDTH 0.63
#define NB_TOPHAT_RADIUS_SQUARED 0.3969
#define NB_WATER_F 2.57
#define NB_WATER_MOLAR_MASS 18.0
#define NB_SOURCE_DISTANCE 10.0
#define NB_DENSITY_FOR_MASS 1.2e6

#endif
