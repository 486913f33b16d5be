/* What Swift's Glibc leaves out: malloc_trim. */
#include <malloc.h>
