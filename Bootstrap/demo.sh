#!/usr/bin/env bash
# Starts a registry peer and two meshes on loopback, shows them finding and dialling each other, keeps running.
#
#   Bootstrap/demo.sh          until Ctrl-C
#   Bootstrap/demo.sh --once   stops by itself after the show (for tests)
#
# Data: ./.demo, or $MESHP2P_DEMO. Binary: .build/release/meshp2p, or $MESHP2P_BINARY.
# Exit codes: 0 stopped cleanly, 1 something of the show failed, 2 used wrongly.
set -uo pipefail

readonly ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly DEMO="${MESHP2P_DEMO:-$ROOT/.demo}"
readonly BINARY="${MESHP2P_BINARY:-$ROOT/.build/release/meshp2p}"
readonly NODES=(registry harbour lighthouse)
readonly READY_SECONDS=20    # from start to the ready line
readonly PUBLISH_SECONDS=20  # from the ready line until the directory knows the mesh
readonly STOP_SECONDS=5      # a node promises to stop within this

once=no
failed=no

bold() { if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi; }

# Prints a path as a person would type it here.
short() { [[ "$1" == "$PWD"/* ]] && echo "${1#"$PWD"/}" || echo "$1"; }

# Whether process $1 is a node on home $2, and not a stranger that got the number later.
is_node() {
    [[ -n "$1" && -r "/proc/$1/cmdline" ]] && tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | grep -qxF -- "$2"
}

# Stops whatever runs on the homes of the demo, also what an earlier, killed demo left.
stop_nodes() {
    local node pid deadline=$((SECONDS + STOP_SECONDS + 2)) left
    for node in "${NODES[@]}"; do
        pid="$(cat "$DEMO/$node.pid" 2>/dev/null)"
        is_node "$pid" "$DEMO/$node" && kill -TERM "$pid" 2>/dev/null
    done
    while :; do
        left=()
        for node in "${NODES[@]}"; do
            pid="$(cat "$DEMO/$node.pid" 2>/dev/null)"
            if is_node "$pid" "$DEMO/$node"; then left+=("$node:$pid"); else rm -f "$DEMO/$node.pid"; fi
        done
        [[ ${#left[@]} -eq 0 ]] && return 0
        if ((SECONDS >= deadline)); then
            for node in "${left[@]}"; do
                echo "${node%%:*} did not stop within $STOP_SECONDS s and was killed; its log: $(short "$DEMO/${node%%:*}.log")" >&2
                kill -KILL "${node##*:}" 2>/dev/null
                wait "${node##*:}" 2>/dev/null
                failed=yes
            done
            deadline=$((SECONDS + 2))
        fi
        sleep 0.1
    done
}

# Prints the first string of field $2 (a string or an array of strings) in the JSON line of file $1.
ready_field() {
    sed -n "/\"event\":\"ready\"/s/.*\"$2\":\[\{0,1\}\"\([^\"]*\)\".*/\1/p" "$1" | head -n 1 | sed 's#\\/#/#g'
}

give_up() {
    echo "error: $1" >&2
    local node="${2:-}"
    if [[ -n "$node" && -s "$DEMO/$node.log" ]]; then
        echo "last lines of $(short "$DEMO/$node.log"):" >&2
        tail -n 15 "$DEMO/$node.log" | sed 's/^/  /' >&2
    fi
    exit 1
}

# Starts node $1 with the subcommand and flags that follow and waits for its ready line.
start_node() {
    local node="$1" pid deadline
    shift
    "$BINARY" "$@" --json --home "$DEMO/$node" --listen /ip4/127.0.0.1/tcp/0 --api 127.0.0.1:0 \
        >"$DEMO/$node.ready" 2>"$DEMO/$node.log" </dev/null &
    pid=$!
    echo "$pid" >"$DEMO/$node.pid"
    deadline=$((SECONDS + READY_SECONDS))
    until grep -q '"event":"ready"' "$DEMO/$node.ready"; do
        kill -0 "$pid" 2>/dev/null || give_up "the $node node ended before it was ready" "$node"
        ((SECONDS < deadline)) || give_up "the $node node was not ready within $READY_SECONDS s" "$node"
        sleep 0.05
    done
    printf '  %-11s %s\n' "$node" "$(ready_field "$DEMO/$node.ready" addresses)"
    printf '  %-11s %s   %s\n' "" "$(ready_field "$DEMO/$node.ready" did)" "$(ready_field "$DEMO/$node.ready" api)"
}

# Echoes a meshp2p command, then runs it.
show() {
    echo
    bold "\$ meshp2p $*"
    "$BINARY" "$@" || {
        echo "error: that command ended with exit code $?" >&2
        failed=yes
    }
}

# Waits until $1 finds the mesh named $2 in the directory.
await_mesh() {
    local deadline=$((SECONDS + PUBLISH_SECONDS))
    until "$BINARY" find mesh "$2" --json --home "$(short "$DEMO/$1")" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || give_up "$1 does not find the mesh \"$2\" within $PUBLISH_SECONDS s" "$1"
        sleep 0.2
    done
}

what_next() {
    local harbour lighthouse api
    harbour="$(short "$DEMO/harbour")"
    lighthouse="$(short "$DEMO/lighthouse")"
    api="$(ready_field "$DEMO/registry.ready" api)"
    echo
    bold "All three keep running; data and logs are in $(short "$DEMO"). Try next, in another terminal:"
    cat <<END
  export PATH="$(dirname "$BINARY"):\$PATH"
  cd $PWD
  meshp2p status --home $harbour
  meshp2p dial harbour --count 20 --home $lighthouse
  meshp2p find mesh harbour --trace --home $lighthouse
  echo "high tide" | meshp2p put tide - --home $harbour && meshp2p find value tide --home $lighthouse
  curl $api/api/meshes/public
END
    bold "Ctrl-C stops them."
}

finish() {
    trap - EXIT INT TERM HUP
    stop_nodes
    [[ $failed == no ]] || exit 1
    exit "${1:-0}"
}

main() {
    case "${1:-}" in
    "") ;;
    --once) once=yes ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
    *) echo "error: unknown argument '$1'; only --once is known" >&2 && exit 2 ;;
    esac
    [[ -x "$BINARY" ]] || give_up "no binary at $BINARY; \`make run\` builds it"
    mkdir -p "$DEMO" || give_up "cannot make the folder $DEMO"
    stop_nodes
    trap 'finish $?' EXIT
    trap 'echo; echo "stopping"; finish 0' INT TERM HUP

    bold "A registry peer and two meshes, data in $(short "$DEMO")"
    start_node registry registry --name registry
    local registry
    registry="$(ready_field "$DEMO/registry.ready" addresses)"
    start_node harbour run --name harbour --bootstrap "$registry" --registry "$registry"
    start_node lighthouse run --name lighthouse --bootstrap "$registry" --registry "$registry"
    await_mesh harbour lighthouse
    await_mesh lighthouse harbour

    local home
    home="$(short "$DEMO/harbour")"
    show find mesh lighthouse --home "$home"
    show dial lighthouse --count 5 --home "$home"
    show find peer "$(ready_field "$DEMO/lighthouse.ready" peer)" --trace --home "$home"
    show meshes --registry "$registry" --home "$home"
    [[ $failed == no ]] || give_up "not every command of the show succeeded"
    [[ $once == no ]] || return 0
    what_next

    local pids=() node
    for node in "${NODES[@]}"; do pids+=("$(cat "$DEMO/$node.pid")"); done
    wait -n "${pids[@]}"
    for node in "${NODES[@]}"; do
        is_node "$(cat "$DEMO/$node.pid")" "$DEMO/$node" || give_up "the $node node ended by itself" "$node"
    done
}

main "$@"
