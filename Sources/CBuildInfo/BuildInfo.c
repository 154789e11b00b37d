#include "CBuildInfo.h"

// The build's task file writes this header when the commit changes; git ignores it. C, because it is the
// one language here whose build follows a file that may be missing.
#if __has_include("BuildCommit.h")
#include "BuildCommit.h"
#else
#define MESHP2P_BUILD_COMMIT ""
#endif

const char *meshp2p_build_commit(void) { return MESHP2P_BUILD_COMMIT; }
