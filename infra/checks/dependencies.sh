#!/usr/bin/env bash
# Only functions that call a payment provider contain an HTTP client for it. Reads Cargo.lock only; builds nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

callers=" forget-methods open-page pay-order payment-callback refund sweep "
failed=0
for folder in functions/*/; do
    package=$(basename "$folder")
    tree=$(cargo tree --locked --edges normal --package "$package" --prefix none)
    has=no
    grep -q '^oms-payments ' <<<"$tree" && has=yes
    grep -q '^reqwest ' <<<"$tree" && has=yes
    expected=no
    case "$callers" in *" $package "*) expected=yes ;; esac
    if [ "$has" != "$expected" ]; then
        echo "functions/$package: contains a client of payment providers: $has, expected: $expected" >&2
        failed=1
    fi
done
exit "$failed"
