#!/bin/bash
# Installs the rivals and builds their drivers and the C floor into .build-dht/ and .venv-dht/ of the checkout
# (both ignored by git, removed by `make clean`). Debian 12: OpenDHT 2.4, libtorrent 2.0.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=$root/.build-dht
packages=(g++ pkg-config python3-venv libopendht-dev libtorrent-rasterbar-dev libsodium-dev)
missing=()
for package in "${packages[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "installing ${missing[*]}" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
mkdir -p "$out"
cc -O3 -march=native -Wall -Wextra -o "$out/udp_floor" "$here/udp_floor.c" -lsodium
g++ -O2 -std=c++17 -Wall -o "$out/opendht_driver" "$here/opendht_driver.cpp" -lopendht -lgnutls -lpthread
# libtorrent's own flags: other ones name other versions of its classes, which do not link.
# shellcheck disable=SC2046
g++ -O2 -std=c++17 -Wall $(pkg-config --cflags libtorrent-rasterbar) -o "$out/libtorrent_driver" \
    "$here/libtorrent_driver.cpp" $(pkg-config --libs libtorrent-rasterbar) -lpthread
if [[ ! -x $root/.venv-dht/bin/python ]]; then
    python3 -m venv "$root/.venv-dht"
    "$root/.venv-dht/bin/pip" install -q kademlia==2.2.3
fi
echo "ready: $out, $root/.venv-dht" >&2
