#!/usr/bin/env bash
# Runs the tests in layers and adds up their counts.
#
#   Tests/run.sh all       every layer, on the debug build that exists: machines, then real nodes, then foreign peers
#   Tests/run.sh interop   only the tests against foreign peers
#   Tests/run.sh asan      everything but interop under the address sanitizer, in a build folder of its own
#   Tests/run.sh tsan      the same under the thread sanitizer
#
# The last line is "N passed, N failed". Exit codes: 0 all passed, 1 something failed, 2 used wrongly.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Longest time a layer may take; it is stopped then, and counts as failed.
readonly LAYER_SECONDS="${MESHP2P_TEST_SECONDS:-1500}"
# The tests with sockets, processes and disks of their own.
readonly SYSTEM='^(CommandTests|MeshAPITests|MeshNodeTests)\.'
readonly SWIFT="${SWIFT:-swift}"

passed=0
failed=0

# The tests of report $1, and those of them that have a failure; the report's own sum counts every issue of a test.
count_tests() { awk '/<testcase / { tests++ } END { print tests + 0 }' "$1" 2>/dev/null; }
count_failures() {
    awk '/<testcase / { counted = 0 } /<failure/ && !counted { counted = 1; failures++ } END { print failures + 0 }' \
        "$1" 2>/dev/null
}

# Stops what a layer left running: processes that carry its mark in their environment.
stop_leftovers() {
    local process left=no
    for process in /proc/[0-9]*; do
        if grep -qzxF -- "MESHP2P_TEST_RUN=$1" "$process/environ" 2>/dev/null; then
            left=yes
            kill -KILL "${process#/proc/}" 2>/dev/null
        fi
    done
    [[ $left == no ]] || echo "note: processes that outlived the layer were stopped"
}

# Runs one layer: its name, its build folder, then the arguments of `swift test`.
layer() {
    local name="$1" folder="$2" report status tests failures
    shift 2
    report="$folder/report-$name"
    mkdir -p "$folder"
    rm -f "$report"*.xml
    echo "== $name"
    MESHP2P_TEST_RUN="$$-$name" timeout --kill-after=10 "$LAYER_SECONDS" \
        "$SWIFT" test --disable-xctest --scratch-path "$folder" --xunit-output "$report.xml" "$@" </dev/null
    status=$?
    stop_leftovers "$$-$name"
    report="$(ls "$report"*.xml 2>/dev/null | head -n 1)"
    tests="$(count_tests "${report:-/dev/null}")"
    failures="$(count_failures "${report:-/dev/null}")"
    if [[ $status -eq 124 || $status -eq 137 ]]; then
        echo "error: the layer $name took longer than $LAYER_SECONDS s and was stopped"
    elif [[ $status -ne 0 && $failures -eq 0 ]]; then
        echo "error: the layer $name ended with exit code $status before it could report"
    fi
    # A layer that crashed, hung or ran nothing has failed, whatever it counted.
    if [[ $status -ne 0 && $failures -eq 0 ]] || [[ $tests -eq 0 ]]; then failures=$((failures + 1)) tests=$((tests + 1)); fi
    passed=$((passed + tests - failures))
    failed=$((failed + failures))
}

case "${1:-}" in
all)
    # Nodes, servers and commands have deadlines to keep: they do not share the machine with the rest.
    layer machines .build --skip-build --skip "$SYSTEM" --skip '^InteropTests\.'
    layer system .build --skip-build --filter "$SYSTEM"
    layer interop .build --skip-build --filter '^InteropTests\.'
    ;;
interop) layer interop .build --skip-build --filter '^InteropTests\.' ;;
asan) layer asan .build-asan --sanitize=address --skip '^InteropTests\.' ;;
tsan) layer tsan .build-tsan --sanitize=thread --skip '^InteropTests\.' ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
