#!/usr/bin/env bash
# Only contexts that call a payment provider or a carrier contain an HTTP client for it. Reads Cargo.lock only; builds nothing.
# infra/package.sh looks at the binaries.
set -euo pipefail
cd "$(dirname "$0")/../.."

callers=" fulfilment payments platform pricing "
failed=0
for manifest in functions/*/Cargo.toml; do
    package=$(basename "$(dirname "$manifest")")
    # The registry holds every function and is in no binary.
    [ "$package" = all ] && continue
    tree=$(cargo tree --locked --edges normal --package "$package" --prefix none)
    has=no
    grep -qE '^oms-(payments|carriers|outbound) ' <<<"$tree" && has=yes
    grep -q '^reqwest ' <<<"$tree" && has=yes
    expected=no
    case "$callers" in *" $package "*) expected=yes ;; esac
    if [ "$has" != "$expected" ]; then
        echo "functions/$package: contains a client of providers or carriers: $has, expected: $expected" >&2
        failed=1
    fi
done
exit "$failed"
