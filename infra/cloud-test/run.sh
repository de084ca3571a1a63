#!/usr/bin/env bash
# Packages the functions, deploys template.yaml with them onto ministack, and plays the scenarios of tests/e2e/tests/all/deployed.rs
# against it. Needs Rust, Python 3.11 and a C compiler, as building does. See docs/adr/0023.
#
#     infra/cloud-test/run.sh [--template FILE] [-- command to run instead of the scenarios]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. infra/checks/tools.sh
tools_of cloud "$here/requirements.txt"
target="${CARGO_TARGET_DIR:-$PWD/target}"
# Nothing here may reach a real account, whoever runs it.
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_ENDPOINT_URL
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null

started=$SECONDS
infra/package.sh light "$target/light/lambda"
# Of the whole workspace, so that nothing is built anew after `cargo test --workspace`.
cargo build --locked --workspace --example stripe --example ups
echo "-- packaging: $((SECONDS - started)) s"
scenarios=(cargo test --locked --package oms-e2e --test all -- --ignored --test-threads 1 deployed::)
"${scenarios[@]/--ignored/--list}" >/dev/null
echo "-- building the scenarios: $((SECONDS - started)) s in all"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/oms-cloud-test-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
"${CC:-cc}" -std=gnu11 -O1 -Wall -Wextra -Werror -shared -fPIC -o "$scratch/clock.so" "$here/clock.c" -ldl
head -c 8 /dev/zero >"$scratch/clock"

# Another template and another command are for who looks for something; the whole way is rehearsed without them.
more=(--rehearse)
if [ "${1:-}" = --template ]; then
    more=(--template "$2")
    shift 2
fi
if [ "${1:-}" = -- ]; then
    shift
    [ "${more[0]}" = --rehearse ] && more=()
    scenarios=("$@")
fi
# From here on cloud_test.py cleans up.
trap - EXIT
exec env LD_PRELOAD="$scratch/clock.so" CLOUD_TEST_CLOCK="$scratch/clock" "$tools/bin/python" "$here/cloud_test.py" \
    --scratch "$scratch" --packaged "$target/light/lambda" --provider "$target/debug/examples/stripe" --carrier "$target/debug/examples/ups" "${more[@]}" \
    -- "${scenarios[@]}"
