#include "flags.h"

#include <stddef.h>

#include "constants.h"

#define AT(field) ((long)offsetof(Options, field))

/* One line a flag: keyword, how it matches, what it stores. */
#define ENTRY(k, m, kind, ops, target, copies, unit, value, also, pivot, conv, stops, fn) \
  {k, m, kind, ops, target, copies, unit, value, also, pivot, conv, stops, fn}
#define NUMBER(k, m, f, u) ENTRY(k, m, REAL, 1, AT(f), 1, u, 0, -1, -1, -1, 0, NULL)
#define NUMBERS(k, m, f, n, u) ENTRY(k, m, REAL, 1, AT(f), n, u, 0, -1, -1, -1, 0, NULL)
#define NUMBER_ALSO(k, f, u, a) ENTRY(k, CONTAINS, REAL, 1, AT(f), 1, u, 0, AT(a), -1, -1, 0, NULL)
#define PIVOTING(k, f, u, p) ENTRY(k, CONTAINS, REAL, 1, AT(f), 1, u, 0, -1, p, -1, 0, NULL)
#define PLACED(k, f, u, p) \
  ENTRY(k, CONTAINS, REAL, 1, AT(f.value), 1, u, 0, AT(f.given), p, -1, 0, NULL)
#define COUNT(k, m, f) ENTRY(k, m, INTEGER, 1, AT(f), 1, AS_GIVEN, 0, -1, -1, -1, 0, NULL)
#define COUNTS(k, m, f, n, stop) \
  ENTRY(k, m, INTEGER, 1, AT(f), n, AS_GIVEN, 0, -1, -1, -1, stop, NULL)
#define COUNT_STOP(k, m, f) COUNTS(k, m, f, 1, 1)
#define STREAM(k, f) ENTRY(k, CONTAINS, SEED, 1, AT(f), 1, AS_GIVEN, 0, -1, -1, -1, 0, NULL)
#define WORD(k, m, f) ENTRY(k, m, PATH, 1, AT(f), 1, AS_GIVEN, 0, -1, -1, -1, 0, NULL)
#define WORD_ALSO(k, f, a) ENTRY(k, CONTAINS, PATH, 1, AT(f), 1, AS_GIVEN, 0, AT(a), -1, -1, 0, NULL)
#define SET(k, f, v) ENTRY(k, CONTAINS, SWITCH, 0, AT(f), 1, AS_GIVEN, v, -1, -1, -1, 0, NULL)
#define SET_STOP(k, f) ENTRY(k, CONTAINS, SWITCH, 0, AT(f), 1, AS_GIVEN, 1, -1, -1, -1, 1, NULL)
#define FRAME(k, c, p) \
  ENTRY(k, CONTAINS, SWITCH, 0, AT(convention), 1, AS_GIVEN, c, -1, p, c, 0, NULL)
#define AXIS(k, f) ENTRY(k, CONTAINS, VECTOR, 3, AT(f), 1, AS_GIVEN, 0, -1, -1, CUSTOM, 0, NULL)
#define CUSTOM_HANDLER(k, m, ops, fn) ENTRY(k, m, SPECIAL, ops, 0, 1, AS_GIVEN, 0, -1, -1, -1, 0, fn)
#define IGNORED(k, m, ops) ENTRY(k, m, NO_EFFECT, ops, 0, 1, AS_GIVEN, 0, -1, -1, -1, 0, NULL)
#define HEADER(k) ENTRY(k, CONTAINS, READ_BEFORE, 1, 0, 1, AS_GIVEN, 0, -1, -1, -1, 0, NULL)

const Flag FLAGS[] = {
    /* not the original's; first, for --exact-cell contains -cell */
    CUSTOM_HANDLER("--trace", EXACT, 3, flag_trace),
    CUSTOM_HANDLER("-trace_pixel", EXACT, 2, flag_trace_pixel),
    ENTRY("-corrected", EXACT, SWITCH, 0, AT(corrected), 1, AS_GIVEN, 1, -1, -1, -1, 1, NULL),
    ENTRY("--exact-cell", EXACT, SWITCH, 0, AT(exact_cell), 1, AS_GIVEN, 1, -1, -1, -1, 1, NULL),
    ENTRY("--strict-args", EXACT, SWITCH, 0, AT(strict), 1, AS_GIVEN, 1, -1, -1, -1, 1, NULL),
    /* crystal */
    COUNTS("-N", EXACT, N[0], 3, 1),
    COUNT_STOP("-Na", CONTAINS, N[0]),
    COUNT_STOP("-Nb", CONTAINS, N[1]),
    COUNT_STOP("-Nc", CONTAINS, N[2]),
    CUSTOM_HANDLER("-cell", CONTAINS, 1, flag_cell),
    WORD("-mat", CONTAINS, matrix),
    CUSTOM_HANDLER("-misset", CONTAINS, 1, flag_misset),
    NUMBERS("-samplesize", CONTAINS, size[0], 3, FROM_MM),
    NUMBERS("-sample_size", CONTAINS, size[0], 3, FROM_MM),
    NUMBERS("-xtalsize", CONTAINS, size[0], 3, FROM_MM),
    NUMBERS("-xtal_size", CONTAINS, size[0], 3, FROM_MM),
    NUMBER("-sample_thick", CONTAINS, size[0], FROM_MM),
    NUMBER("-sample_x", CONTAINS, size[0], FROM_MM),
    NUMBER("-xtal_thick", CONTAINS, size[0], FROM_MM),
    NUMBER("-xtal_x", CONTAINS, size[0], FROM_MM),
    NUMBER("-sample_width", CONTAINS, size[1], FROM_MM),
    NUMBER("-sample_y", CONTAINS, size[1], FROM_MM),
    NUMBER("-xtal_width", CONTAINS, size[1], FROM_MM),
    NUMBER("-xtal_y", CONTAINS, size[1], FROM_MM),
    NUMBER("-width", CONTAINS, size[1], FROM_MM),
    NUMBER("-sample_heigh", CONTAINS, size[2], FROM_MM),
    NUMBER("-sample_z", CONTAINS, size[2], FROM_MM),
    NUMBER("-xtal_heigh", CONTAINS, size[2], FROM_MM),
    NUMBER("-xtal_z", CONTAINS, size[2], FROM_MM),
    NUMBER("-heigh", CONTAINS, size[2], FROM_MM),
    IGNORED("-density", CONTAINS, 1),
    IGNORED("-sample_den", CONTAINS, 1),
    IGNORED("-MW", EXACT, 1),
    IGNORED("-molec", CONTAINS, 1),
    SET("-square_xtal", shape, SQUARE),
    SET("-round_xtal", shape, ROUND),
    SET("-gauss_xtal", shape, GAUSS),
    SET("-binary_spots", shape, TOPHAT),
    SET("-tophat_spots", shape, TOPHAT),
    NUMBER("-fudge", CONTAINS, fudge, AS_GIVEN),
    NUMBER("-mosaic", EXACT, mosaic_spread, FROM_DEGREES),
    NUMBER("-mosaici", CONTAINS, mosaic_spread, FROM_DEGREES),
    NUMBER("-mosaic_spr", CONTAINS, mosaic_spread, FROM_DEGREES),
    COUNT("-mosaic_dom", CONTAINS, mosaic_domains),
    NUMBER("-phi", EXACT, phi, FROM_DEGREES),
    NUMBER("-osc", CONTAINS, osc, FROM_DEGREES),
    NUMBER("-phistep", EXACT, phistep, FROM_DEGREES),
    COUNT("-phisteps", CONTAINS, phisteps),
    /* structure factors */
    WORD("-hkl", CONTAINS, hkl),
    NUMBER("-default_F", CONTAINS, default_F, AS_GIVEN),
    WORD_ALSO("-dump", dump, dump_given),
    SET("-interpolate", interpolate, 1),
    SET("-nointerpolate", interpolate, 0),
    WORD("-stol", EXACT, stol),
    WORD("-4stol", EXACT, stol),
    WORD("-Q", EXACT, stol),
    IGNORED("-stolout", CONTAINS, 1),
    NUMBER("-dmin", CONTAINS, dmin, FROM_ANGSTROM_TIMES),
    /* beam */
    NUMBER("-lambda", CONTAINS, lambda, FROM_ANGSTROM),
    NUMBER("-wave", CONTAINS, lambda, FROM_ANGSTROM),
    CUSTOM_HANDLER("-energy", CONTAINS, 1, flag_energy),
    NUMBER("-dispersion", CONTAINS, dispersion, FROM_PERCENT),
    COUNT("-dispsteps", CONTAINS, dispsteps),
    NUMBERS("-divergence", CONTAINS, divrange[0], 2, FROM_MRAD),
    NUMBER("-hdivrange", CONTAINS, divrange[HORIZONTAL], FROM_MRAD),
    NUMBER("-vdivrange", CONTAINS, divrange[VERTICAL], FROM_MRAD),
    NUMBER("-hdivstep", EXACT, divstep[HORIZONTAL], FROM_MRAD),
    NUMBER("-vdivstep", EXACT, divstep[VERTICAL], FROM_MRAD),
    COUNT("-hdivsteps", CONTAINS, divsteps[HORIZONTAL]),
    COUNT("-vdivsteps", CONTAINS, divsteps[VERTICAL]),
    COUNTS("-divsteps", CONTAINS, divsteps[0], 2, 0),
    SET("-round_div", round_div, 1),
    SET("-square_div", round_div, 0),
    WORD("-sourcefile", CONTAINS, sourcefile),
    NUMBER("-fluence", CONTAINS, fluence, AS_GIVEN),
    NUMBER("-flux", CONTAINS, flux, AS_GIVEN),
    NUMBER("-exposure", CONTAINS, exposure, AS_GIVEN),
    NUMBER("-beamsize", CONTAINS, beamsize, FROM_MM),
    CUSTOM_HANDLER("-polar", EXACT, 1, flag_polar),
    SET("-nopolar", nopolar, 1),
    NUMBER("-water", CONTAINS, water, FROM_MICRON),
    /* detector */
    NUMBER("-pixel", CONTAINS, pixel, FROM_MM),
    COUNTS("-detpixels", EXACT, detpixels[0], 2, 0),
    COUNT("-detpixels_f", CONTAINS, detpixels[FAST]),
    COUNT("-detpixels_x", CONTAINS, detpixels[FAST]),
    COUNT("-detpixels_s", CONTAINS, detpixels[SLOW]),
    COUNT("-detpixels_y", CONTAINS, detpixels[SLOW]),
    NUMBERS("-detsize", EXACT, detsize[0], 2, FROM_MM),
    NUMBER("-detsize_f", CONTAINS, detsize[FAST], FROM_MM),
    NUMBER("-detsize_s", CONTAINS, detsize[SLOW], FROM_MM),
    PIVOTING("-distance", distance, FROM_MM, PIVOT_BEAM),
    PLACED("-close_distance", close_distance, FROM_MM, PIVOT_SAMPLE),
    PLACED("-Xbeam", Xbeam, FROM_MM, PIVOT_BEAM),
    PLACED("-Ybeam", Ybeam, FROM_MM, PIVOT_BEAM),
    PLACED("-Xclose", Xclose, FROM_MM, PIVOT_SAMPLE),
    PLACED("-Yclose", Yclose, FROM_MM, PIVOT_SAMPLE),
    PLACED("-ORGX", ORGX, AS_GIVEN, PIVOT_SAMPLE),
    PLACED("-ORGY", ORGY, AS_GIVEN, PIVOT_SAMPLE),
    CUSTOM_HANDLER("-pivot", CONTAINS, 1, flag_pivot),
    FRAME("-adxv", ADXV, PIVOT_BEAM),
    FRAME("-mosflm", MOSFLM, PIVOT_BEAM),
    FRAME("-denzo", DENZO, PIVOT_BEAM),
    FRAME("-xds", XDS, PIVOT_SAMPLE),
    FRAME("-dials", DIALS, PIVOT_BEAM),
    AXIS("-fdet_vector", fast),
    AXIS("-sdet_vector", slow),
    AXIS("-odet_vector", normal),
    AXIS("-beam_vector", beam),
    AXIS("-polar_vector", polar),
    AXIS("-spindle_axis", spindle),
    AXIS("-twotheta_axis", twotheta_axis),
    ENTRY("-pix0_vector", CONTAINS, NO_EFFECT, 3, 0, 1, AS_GIVEN, 0, -1, -1, CUSTOM, 0, NULL),
    CUSTOM_HANDLER("-twotheta", CONTAINS, 1, flag_twotheta),
    NUMBER("-detector_rotx", CONTAINS, rotation[0], FROM_DEGREES),
    NUMBER("-detector_roty", CONTAINS, rotation[1], FROM_DEGREES),
    NUMBER("-detector_rotz", CONTAINS, rotation[2], FROM_DEGREES),
    CUSTOM_HANDLER("-curved_det", CONTAINS, 0, flag_curved),
    SET("-point_pixel", point_pixel, 1),
    CUSTOM_HANDLER("-detector_abs", CONTAINS, 1, flag_absorption),
    NUMBER("-detector_thick", EXACT, thickness, FROM_MICRON_TIMES),
    COUNT("-detector_thicksteps", CONTAINS, layers),
    COUNT("-thicksteps", CONTAINS, layers),
    SET_STOP("-oversample_thick", oversample_thick),
    SET_STOP("-oversample_polar", oversample_polar),
    SET_STOP("-oversample_omega", oversample_omega),
    COUNT("-oversample", CONTAINS, oversample),
    ENTRY("-roi", CONTAINS, INTEGER, 4, AT(roi), 1, AS_GIVEN, 0, -1, -1, -1, 0, NULL),
    HEADER("-img"),
    HEADER("-mask"),
    /* outputs and control */
    WORD("-floatfile", CONTAINS, floatfile),
    WORD("-floatimage", CONTAINS, floatfile),
    WORD("-intfile", CONTAINS, intfile),
    WORD("-intimage", CONTAINS, intfile),
    WORD_ALSO("-pgmfile", pgmfile, write_pgm),
    WORD_ALSO("-pgmimage", pgmfile, write_pgm),
    WORD_ALSO("-noisefile", noisefile, write_noise),
    WORD_ALSO("-noiseimage", noisefile, write_noise),
    SET("-nonoise", write_noise, 0),
    SET("-nopgm", write_pgm, 0),
    NUMBER("-scale", CONTAINS, scale, AS_GIVEN),
    NUMBER_ALSO("-pgmscale", pgmscale, AS_GIVEN, write_pgm),
    NUMBER("-adc", CONTAINS, adc, AS_GIVEN),
    STREAM("-seed", seed),
    STREAM("-mosaic_seed", mosaic_seed),
    STREAM("-misset_seed", misset_seed),
    SET("-printout", printout, 1),
    ENTRY("-printout_pixel", CONTAINS, INTEGER, 2, AT(printout_pixel), 1, AS_GIVEN, 0, -1, -1, -1,
          0, NULL),
    SET("-progress", progress, 1),
    SET("-noprogress", progress, 0),
    IGNORED("-coherent", CONTAINS, 0),
};

const int FLAG_COUNT = (int)(sizeof FLAGS / sizeof FLAGS[0]);

double in_internal_unit(double value, Unit unit) {
  switch (unit) {
    case FROM_MM:
    case FROM_MRAD:
      return value / 1000.0;
    case FROM_DEGREES:
      return value / NB_DEGREES;
    case FROM_PERCENT:
      return value / 100.0;
    case FROM_ANGSTROM:
      return value / 1e10;
    case FROM_ANGSTROM_TIMES:
      return value * 1e-10;
    case FROM_MICRON:
      return value / 1e6;
    case FROM_MICRON_TIMES:
      return value * 1e-6;
    case AS_GIVEN:
      break;
  }
  return value;
}
