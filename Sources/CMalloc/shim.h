/* What Swift's Glibc leaves out: malloc_trim and mallopt. */
#include <malloc.h>
