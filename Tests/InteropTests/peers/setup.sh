#!/usr/bin/env bash
# Installs the foreign peers of the interop tests, libp2p's and yrs, from PyPI, pinned, once.
# They go to .venv-interop in the checkout, or to $MESHP2P_INTEROP_PEERS. Needs CPython 3.11 (Debian 12's python3).
set -euo pipefail

readonly HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly ROOT="$(cd "$HERE/../../.." && pwd)"
readonly PEERS="${MESHP2P_INTEROP_PEERS:-$ROOT/.venv-interop}"
readonly PYTHON="${PYTHON:-python3}"
readonly PACKAGES="hivemind==1.1.12 libp2p-go==0.1.4 libp2p==0.8.1 pycrdt==0.14.13"

# What is installed is right when this stamp holds the pins and both environments still start.
readonly STAMP="$PEERS/installed"
stamp_text() { echo "$PACKAGES"; cat "$HERE/constraints-py.txt" "$HERE/constraints-go.txt"; }

is_installed() {
    [[ -f "$STAMP" ]] && [[ "$(cat "$STAMP")" == "$(stamp_text)" ]] &&
        "$PEERS/py/bin/python" -c '' 2>/dev/null && "$PEERS/go/bin/python" -c '' 2>/dev/null && [[ -x "$PEERS/bin/p2pd" ]]
}

if is_installed; then
    echo "foreign peers: $PACKAGES are installed"
    exit 0
fi
version="$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" || version="none"
if [[ "$version" != 3.11 ]]; then
    echo "error: the foreign peers need CPython 3.11 (libp2p-go's wheel is made for it), found: $version" >&2
    echo "next:  PYTHON=/path/to/python3.11 make interop-peers" >&2
    exit 1
fi

echo "installing the foreign peers from PyPI into $PEERS: $PACKAGES"
rm -rf "$PEERS"
mkdir -p "$PEERS/bin" "$PEERS/wheels"
"$PYTHON" -m venv "$PEERS/py"
"$PYTHON" -m venv "$PEERS/go"
pip() { local environment="$1"; shift; "$PEERS/$environment/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

# py-libp2p, yrs as pycrdt, and the primitives of noise_datagram.
pip py install --constraint "$HERE/constraints-py.txt" libp2p==0.8.1 pycrdt==0.14.13 cryptography
# go-libp2p 0.24 as a library; it wants an old multiaddr, which wants setuptools' pkg_resources.
pip go install --constraint "$HERE/constraints-go.txt" libp2p-go==0.1.4 multiaddr cryptography setuptools
# go-libp2p 0.32 as the daemon p2pd, taken out of the hivemind wheel; hivemind itself is not installed.
pip py download --no-deps --dest "$PEERS/wheels" hivemind==1.1.12
"$PYTHON" - "$PEERS" <<'P'
import glob, os, sys, zipfile
peers = sys.argv[1]
wheel = glob.glob(os.path.join(peers, "wheels", "hivemind-*.whl"))[0]
daemon = os.path.join(peers, "bin", "p2pd")
with open(daemon, "wb") as file:
    file.write(zipfile.ZipFile(wheel).read("hivemind/hivemind_cli/p2pd"))
os.chmod(daemon, 0o755)
P
rm -rf "$PEERS/wheels"
stamp_text >"$STAMP"
echo "foreign peers: installed"
