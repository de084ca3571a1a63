#!/usr/bin/env bash
# Do we agree with the payment providers' own libraries? What Stripe's library signs we must believe, what our fake signs
# it must believe, what it refuses we must refuse; and every parameter and field that we use must be one that it knows.
# The libraries are installed once, exactly as locked, and kept in the user's cache for the next run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "signature checks need Python 3.11 or later, found: $(python3 --version 2>&1)" >&2
    exit 1
fi
lock=$(python3 -c '
import hashlib, sys
print(hashlib.sha256(sys.version.encode() + open(sys.argv[1], "rb").read()).hexdigest()[:16])
' "$here/signatures.txt")
tools="${XDG_CACHE_HOME:-${HOME:-$PWD/target}/.cache}/oms-signature-checks/$lock"
if [ ! -e "$tools/complete" ]; then
    echo "installing the libraries into $tools"
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --require-hashes --requirement "$here/signatures.txt"
    touch "$tools/complete"
fi

cargo build --locked --quiet --package oms-payments --example stripe_signatures --example paypal_signatures
ours="${CARGO_TARGET_DIR:-target}/debug/examples"
"$tools/bin/python" "$here/signatures_stripe.py" "$ours/stripe_signatures"
# For PayPal, OpenSSL makes an authority, certificates and signatures anew.
if command -v openssl >/dev/null; then
    python3 "$here/signatures_paypal.py" "$ours/paypal_signatures"
else
    echo "PayPal's signatures were not compared: there is no openssl command here" >&2
fi
