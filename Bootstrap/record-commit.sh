#!/usr/bin/env bash
# Records the commit for `meshp2p --version`. Run before a build; writes only when something changed, so that
# an unchanged tree stays built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
header=Sources/CBuildInfo/BuildCommit.h
commit=$(git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null || true)
line="#define MESHP2P_BUILD_COMMIT \"$commit\""
[ -f "$header" ] && [ "$(cat "$header")" = "$line" ] && exit 0
# A compiler that has not seen the header before does not know that it should look for it.
[ -f "$header" ] || touch Sources/CBuildInfo/BuildInfo.c
printf '%s\n' "$line" >"$header"
