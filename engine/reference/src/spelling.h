/* The nearest flag to a word that is none. */
#ifndef NB_SPELLING_H
#define NB_SPELLING_H

/* A keyword of the flag table, or NULL when none is near. */
const char *nearest_flag(const char *word);

#endif
