/* Reading the command line (specification 2, steps 1 to 3, and 3.1 to 3.4). */
#ifndef NB_ARGS_H
#define NB_ARGS_H

#include "options.h"

/* Fills `options` from the headers named by -mask and -img, then from the flags.
 *
 * What the original ignores or reads as zero in silence - a word that no flag knows, a flag
 * without its operands, an operand that is no number - is a warning, or with --strict-args the
 * end, code 2. What makes it crash is always the end. */
void read_command_line(Options *options, int argc, char **argv);

#endif
