#!/usr/bin/env bash
# Do we agree with the payment providers' own libraries? What Stripe's library signs we must believe, what our fake signs
# it must believe, what it refuses we must refuse; and every parameter and field that we use must be one that it knows.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. "$here/tools.sh"
tools_of signature "$here/signatures.txt"

cargo build --locked --quiet --package oms-payments --example stripe_signatures --example paypal_signatures
ours="${CARGO_TARGET_DIR:-target}/debug/examples"
"$tools/bin/python" "$here/signatures_stripe.py" "$ours/stripe_signatures"
# For PayPal, OpenSSL makes an authority, certificates and signatures anew.
if command -v openssl >/dev/null; then
    python3 "$here/signatures_paypal.py" "$ours/paypal_signatures"
else
    echo "PayPal's signatures were not compared: there is no openssl command here" >&2
fi
