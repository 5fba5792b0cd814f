/* Reading the command line (specification 2, steps 1 to 3, and 3.1 to 3.4). */
#ifndef NB_ARGS_H
#define NB_ARGS_H

#include "options.h"

/* Fills `options` from the headers named by -mask and -img, then from the flags.
 *
 * Exits with code 2 on a word that no flag knows, on a flag without its
 * operands, and on an operand that is no number. */
void read_command_line(Options *options, int argc, char **argv);

/* Numbers as the C library reads them: the longest valid prefix, with a warning
 * when something follows it; no valid prefix at all is an error. */
double real_operand(const char *flag, const char *word);
long long integer_operand(const char *flag, const char *word);

#endif
