#!/usr/bin/env bash
# Installs the Debian packages that meshp2p builds and tests with, and checks the Swift toolchain.
#
#   Bootstrap/install-dependencies.sh           install what is missing (sudo when not root)
#   Bootstrap/install-dependencies.sh --check   only say what is missing
#
# Exit codes: 0 everything is there, 1 an installation failed or (with --check) something is missing,
#             2 used wrongly, 3 not a system with apt-get, 4 no Swift toolchain of 6.2 or later.
set -euo pipefail

readonly SWIFT_MINIMUM="6.2"  # Span and RawSpan, raw identifiers: newer than the manifest's tools version 6.1
readonly PACKAGES=(
    build-essential  # the linker and C headers that swift build needs
    ca-certificates  # for fetching the Swift packages
    git              # likewise
    libgmp-dev       # py-libp2p's fastecdsa is compiled against it
    libsodium-dev    # X25519, Ed25519, ChaCha20-Poly1305, XSalsa20
    libssl-dev       # libcrypto: SHA-256, bulk AEAD, keys of foreign peers
    libsqlite3-dev   # storage
    make             # make run, make test
    pkg-config       # finds the libraries above
    python3          # drivers of the foreign peers in the interop tests
    python3-dev      # headers for what of them is compiled
    python3-venv     # their environments
    zlib1g-dev       # the editing traces that `meshp2p doc replay` reads
)

usage() {
    sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

# Prints the packages of PACKAGES that dpkg does not report as installed.
missing_packages() {
    local package
    for package in "${PACKAGES[@]}"; do
        if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
            echo "$package"
        fi
    done
}

install_packages() {
    local as_root=()
    if [[ "$(id -u)" -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            echo "error: installing packages needs root and sudo is not here; run as root: apt-get install $*" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "installing with apt-get: $*"
    "${as_root[@]}" apt-get update -q || return 1
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || return 1
}

# Succeeds when version $1 is at least version $2.
at_least() {
    [[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" == "$2" ]]
}

check_swift() {
    local found=""
    if command -v swift >/dev/null; then
        found="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)"
    fi
    if [[ -n "$found" ]] && at_least "$found" "$SWIFT_MINIMUM"; then
        echo "Swift $found: good"
        return 0
    fi
    {
        echo "error: Swift $SWIFT_MINIMUM or later is needed, found: ${found:-none on the PATH}"
        echo "next:  get the toolchain for Debian 12 from https://www.swift.org/install/linux/, for instance by swiftly,"
        echo "       and put its usr/bin on the PATH; then run this script again"
    } >&2
    return 4
}

main() {
    local check_only=no
    case "${1:-}" in
    "") ;;
    --check) check_only=yes ;;
    -h | --help) usage && return 0 ;;
    *)
        echo "error: unknown argument '$1'" >&2
        usage >&2
        return 2
        ;;
    esac
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "error: this script knows apt-get only; install the counterparts of: ${PACKAGES[*]}" >&2
        return 3
    fi

    local missing
    mapfile -t missing < <(missing_packages)
    if [[ ${#missing[@]} -eq 0 ]]; then
        echo "Debian packages: all ${#PACKAGES[@]} are installed"
    elif [[ $check_only == yes ]]; then
        echo "missing Debian packages: ${missing[*]}" >&2
        echo "next: run ${BASH_SOURCE[0]}" >&2
        return 1
    elif ! install_packages "${missing[@]}"; then
        echo "error: apt-get could not install ${missing[*]}; its own words are above" >&2
        return 1
    fi
    check_swift
}

main "$@"
