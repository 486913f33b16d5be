/* The kind of a file system, which the module of the C library leaves out. */
#include <sys/vfs.h>
