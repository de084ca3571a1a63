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

packages=()
for function in functions/*/; do
    packages+=(--package "$(basename "$function")")
done
# One call: what the functions share is built once.
cargo build --locked --profile "$profile" "${packages[@]}"

for function in functions/*/; do
    function=$(basename "$function")
    binary="${CARGO_TARGET_DIR:-target}/$profile/$function"
    needs=$( (LC_ALL=C grep -aoE 'GLIBC_2\.[0-9]+' "$binary" || true) | sort -uV | tail -n 1)
    if [ "$(printf '%s\n' "GLIBC_$glibc" "$needs" | sort -V | tail -n 1)" != "GLIBC_$glibc" ]; then
        echo "$function needs $needs, and Lambda has GLIBC_$glibc: build on an older system, such as Amazon Linux 2023" >&2
        exit 1
    fi
    mkdir -p "$to/$function"
    # A link where it can be one: the light binaries are large.
    ln -f "$binary" "$to/$function/bootstrap" 2>/dev/null || cp -f "$binary" "$to/$function/bootstrap"
done
echo "$(find functions -mindepth 1 -maxdepth 1 | wc -l) functions are in $to"
