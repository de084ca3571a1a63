#!/usr/bin/env bash
# Builds every function and lays it out as template.yaml expects it: target/lambda/<function>/bootstrap.
#
#     infra/package.sh [--architecture arm64|x86_64] [release|light] [directory, instead of target/lambda]
#
# Without --architecture the binaries are for the machine that builds them. For another machine, or on a system whose C library
# is newer than Lambda's, cargo-zigbuild links them, on Linux, macOS and Windows alike and without a container:
#
#     python3 -m pip install cargo-zigbuild ziglang
#     rustup target add aarch64-unknown-linux-gnu
#
# `light` is for tests: much quicker to build, larger and slower.
set -euo pipefail
cd "$(dirname "$0")/.."
# What the runtime provided.al2023 has.
glibc=2.34
# Functions that call a payment provider, and those that ask a carrier. No other binary knows an address of theirs.
callers=" change-order forget-methods open-page pay-order payment-callback refund sweep "
hearers=" carrier-callback fulfil-order handle-labels poll-parcels quote-order settle-labels "

machine=$(uname -m)
[ "$machine" = aarch64 ] && machine=arm64
architecture=$machine
if [ "${1:-}" = --architecture ]; then
    architecture=$2
    shift 2
fi
profile=${1:-release}
to=${2:-target/lambda}
case "$architecture" in
    arm64) target=aarch64-unknown-linux-gnu elf=b700 ;;
    x86_64) target=x86_64-unknown-linux-gnu elf=3e00 ;;
    *) echo "Lambda has no machines of architecture $architecture: arm64 or x86_64" >&2; exit 1 ;;
esac

packages=()
for manifest in functions/*/Cargo.toml; do
    package=$(basename "$(dirname "$manifest")")
    # The registry of all functions has no binary.
    [ "$package" = all ] || packages+=(--package "$package")
done
# One call: what the functions share is built once.
if [ "$(uname -s)" = Linux ] && [ "$architecture" = "$machine" ] && [ -z "${OMS_ZIGBUILD:-}" ]; then
    build=(cargo build)
    built="${CARGO_TARGET_DIR:-target}/$profile"
elif command -v cargo-zigbuild >/dev/null; then
    build=(cargo zigbuild --target "$target.$glibc")
    built="${CARGO_TARGET_DIR:-target}/$target/$profile"
else
    echo "building for $architecture on this machine needs cargo-zigbuild: see the first lines of $0" >&2
    exit 1
fi
"${build[@]}" --locked --profile "$profile" --bins "${packages[@]}"

check_client() { # A binary, whose client, what only that client contains, who is to have it.
    local calls=no expected=no
    LC_ALL=C grep -aqF "$3" "$1" && calls=yes
    case "$4" in *" $(basename "$1") "*) expected=yes ;; esac
    if [ "$calls" != "$expected" ]; then
        echo "$1 contains a client of $2: $calls, expected: $expected" >&2
        exit 1
    fi
}

count=0
for source in functions/*/src/bin/*.rs; do
    function=$(basename "$source" .rs)
    binary="$built/$function"
    # The head of an ELF file: what it is, and at byte 18 the machine that it is for.
    head=$(od -An -v -tx1 -N 20 "$binary" | tr -d ' \n')
    if [ "${head:0:8}" != 7f454c46 ] || [ "${head:36:4}" != "$elf" ]; then
        echo "$function is no Linux program for $architecture" >&2
        exit 1
    fi
    needs=$( (LC_ALL=C grep -aoE 'GLIBC_2\.[0-9]+' "$binary" || true) | sort -uV | tail -n 1)
    if [ "$(printf '%s\n' "GLIBC_$glibc" "$needs" | sort -V | tail -n 1)" != "GLIBC_$glibc" ]; then
        echo "$function needs $needs, and Lambda has GLIBC_$glibc: install cargo-zigbuild and set OMS_ZIGBUILD=1" >&2
        exit 1
    fi
    check_client "$binary" "payment providers" api-m.sandbox.paypal.com "$callers"
    check_client "$binary" carriers apis-sandbox.fedex.com "$hearers"
    mkdir -p "$to/$function"
    # A link where it can be one: the light binaries are large.
    ln -f "$binary" "$to/$function/bootstrap" 2>/dev/null || cp -f "$binary" "$to/$function/bootstrap"
    count=$((count + 1))
done
echo "$count functions for $architecture are in $to"
