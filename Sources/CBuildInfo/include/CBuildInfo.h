#ifndef CBUILDINFO_H
#define CBUILDINFO_H

/// The commit that the binary was built from, or an empty string when the build did not record it.
const char *_Nonnull meshp2p_build_commit(void);

#endif
