/* The four images (specification 10, 11.4). */
#ifndef NB_OUTPUT_H
#define NB_OUTPUT_H

#include "image.h"
#include "random.h"

void write_float_image(const Scene *scene, const Image *image, const char *path);
void write_int_image(const Scene *scene, const Image *image, const Options *options);
void write_pgm(const Scene *scene, const Image *image, const Options *options);

/* Photon counting noise, drawn pixel by pixel in scan order from the noise stream. */
void write_noise_image(const Scene *scene, const Image *image, Options *options,
                       Generator *generator);

#endif
