/* Reading the headers of SMV images, and masks (specification 4.7). */
#ifndef NB_SMV_H
#define NB_SMV_H

#include "options.h"

/* Camera defaults and the mask's pixels; the y beam centre is counted from the far edge. */
void read_mask(Options *options, const char *path);

/* Camera defaults only; the original loads the pixels and never uses them. */
void read_image_header(Options *options, const char *path);

#endif
