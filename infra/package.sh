#!/usr/bin/env bash
# Builds every function and lays it out as template.yaml expects it: target/lambda/<function>/bootstrap.
#
#     infra/package.sh [release|light] [directory, instead of target/lambda]
#
# The binaries are for the machine that builds them: run it on arm64 for the template's default Architecture, on x86_64
# with --parameter-overrides Architecture=x86_64. `light` is for tests: much quicker to build, larger and slower.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-release}
to=${2:-target/lambda}
# What the runtime provided.al2023 has.
glibc=2.34
# Functions that call a payment provider. No other binary knows a provider's address.
callers=" forget-methods open-page pay-order payment-callback refund sweep "

packages=()
for manifest in functions/*/Cargo.toml; do
    package=$(basename "$(dirname "$manifest")")
    # The registry of all functions has no binary.
    [ "$package" = all ] || packages+=(--package "$package")
done
# One call: what the functions share is built once.
cargo build --locked --profile "$profile" --bins "${packages[@]}"

count=0
for source in functions/*/src/bin/*.rs; do
    function=$(basename "$source" .rs)
    binary="${CARGO_TARGET_DIR:-target}/$profile/$function"
    needs=$( (LC_ALL=C grep -aoE 'GLIBC_2\.[0-9]+' "$binary" || true) | sort -uV | tail -n 1)
    if [ "$(printf '%s\n' "GLIBC_$glibc" "$needs" | sort -V | tail -n 1)" != "GLIBC_$glibc" ]; then
        echo "$function needs $needs, and Lambda has GLIBC_$glibc: build on an older system, such as Amazon Linux 2023" >&2
        exit 1
    fi
    calls=no expected=no
    LC_ALL=C grep -aqF api-m.sandbox.paypal.com "$binary" && calls=yes
    case "$callers" in *" $function "*) expected=yes ;; esac
    if [ "$calls" != "$expected" ]; then
        echo "$function contains a client of payment providers: $calls, expected: $expected" >&2
        exit 1
    fi
    mkdir -p "$to/$function"
    # A link where it can be one: the light binaries are large.
    ln -f "$binary" "$to/$function/bootstrap" 2>/dev/null || cp -f "$binary" "$to/$function/bootstrap"
    count=$((count + 1))
done
echo "$count functions are in $to"
