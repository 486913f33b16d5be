/* statfs, which tells the kind of a file system. Swift's Glibc module leaves it out. */
#include <sys/vfs.h>
