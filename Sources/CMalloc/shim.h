/* malloc_trim and mallopt. Swift's Glibc module leaves them out. */
#include <malloc.h>
