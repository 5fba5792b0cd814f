/* One warning line for each peculiarity of the original that the run meets (15). */
#ifndef NB_QUIRKS_H
#define NB_QUIRKS_H

#include "scene.h"

void warn_of_quirks(const Options *options, const Scene *scene);

#endif
