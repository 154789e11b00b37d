#!/usr/bin/env bash
# Fuzzes one target, or all, with libFuzzer and the address sanitizer.
#
#   Tests/Fuzz/run.sh TARGET|all SECONDS
#
# Builds the pure modules with coverage into .build-fuzz, runs on a copy of the seeds in Tests/Fuzz/corpus, and leaves
# what it finds in .build-fuzz/found. Exit codes: 0 nothing found, 1 a finding or a failed build, 2 used wrongly.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly OUT="${MESHP2P_FUZZ_BUILD:-.build-fuzz}"
readonly MODULES=(MeshCore MeshCrypto MeshMultiformats MeshConnection MeshDHT MeshDirectory MeshCRDT)
readonly SWIFTC="${SWIFTC:-swiftc}"
# The crash reporter would take minutes for each finding.
export SWIFT_BACKTRACE=enable=no
# A small quarantine of freed memory, so that growth of the process is growth of the program.
export ASAN_OPTIONS="quarantine_size_mb=16:${ASAN_OPTIONS:-}"
# A session's memory must not grow: a finding when the process exceeds this.
readonly MEMORY_MEGABYTES=1024

if [[ $# -ne 2 || ! "$2" =~ ^[0-9]+$ ]]; then
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
targets="$(sed -n 's/.*FuzzTarget(name: "\([a-z0-9-]*\)".*/\1/p' Tests/Fuzz/Targets/FuzzTarget.swift)"
if [[ "$1" != all ]]; then
    if ! grep -qx -- "$1" <<<"$targets"; then
        echo "error: no fuzz target '$1'; there are: ${targets//$'\n'/ }" >&2
        exit 2
    fi
    targets="$1"
fi

mkdir -p "$OUT/found"
# The imports of system libraries by name, with their include paths.
flags=(-I "$OUT" -I Sources/CSodium -I Sources/COpenSSL)
read -ra libraries < <(pkg-config --cflags --libs libsodium libcrypto)
settings=(-O -g -parse-as-library -swift-version 6 -package-name meshp2p -sanitize=fuzzer,address)

# Builds module $1 from the sources below folder $2, unless nothing changed since.
build_module() {
    local module="$1" folder="$2"
    if [[ -f "$OUT/$module.o" && -z "$(find "$folder" -name '*.swift' -newer "$OUT/$module.o" -print -quit)" && ! -f "$OUT/dirty" ]]; then
        return 0
    fi
    echo "building $module"
    touch "$OUT/dirty" # what depends on this module must be built again
    find "$folder" -name '*.swift' | sort >"$OUT/$module.files"
    "$SWIFTC" "${settings[@]}" "${flags[@]}" -wmo -module-name "$module" -emit-module \
        -emit-module-path "$OUT/$module.swiftmodule" -emit-object -o "$OUT/$module.o" "@$OUT/$module.files"
}

for module in "${MODULES[@]}"; do build_module "$module" "Sources/$module"; done
build_module MeshFuzzTargets Tests/Fuzz/Targets
build_module FuzzEntry Tests/Fuzz/Entry
if [[ -f "$OUT/dirty" || ! -x "$OUT/fuzz" ]]; then
    objects=()
    for module in "${MODULES[@]}" MeshFuzzTargets FuzzEntry; do objects+=("$OUT/$module.o"); done
    "$SWIFTC" -sanitize=fuzzer,address "${objects[@]}" "${libraries[@]}" -o "$OUT/fuzz"
fi
rm -f "$OUT/dirty"

status=0
for target in $targets; do
    echo "== fuzzing $target for $2 s"
    mkdir -p "$OUT/corpus/$target"
    MESHP2P_FUZZ_TARGET="$target" "$OUT/fuzz" -max_total_time="$2" -timeout=120 -rss_limit_mb="$MEMORY_MEGABYTES" \
        -max_len=8192 -print_final_stats=1 -artifact_prefix="$OUT/found/$target-" \
        "$OUT/corpus/$target" "Tests/Fuzz/corpus/$target" 2>&1 | grep -vE '^#[0-9]+	(NEW|REDUCE|pulse)' || status=1
done
exit "$status"
