/* The console report (specification 12.2). */
#ifndef NB_REPORT_H
#define NB_REPORT_H

#include "image.h"

void report_usage(void);
void report_frame(const Detector *detector);
void report_crystal(const Crystal *crystal);
void report_positions(const Scene *scene);
void report_sources(const Scene *scene);
void report_run(const Scene *scene, long long noise_seed);
void report_image(const Image *image);

#endif
