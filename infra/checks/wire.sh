#!/usr/bin/env bash
# Orders over a bad network between functions and store (tests/e2e/tests/all/wire): one call in five is turned away, one answer in
# ten is lost, some calls never arrive, and afterwards the invariants hold over all orders. `cargo test` runs forty, `.ci/run` 200;
# this runs as many as you like, in a build that is quick enough for them:
#     infra/checks/wire.sh 10000 [SEED]
set -euo pipefail
cd "$(dirname "$0")/../.."
export OMS_WIRE_ORDERS=${1:-10000} OMS_WIRE_SEED=${2:-1} RUST_LOG=${RUST_LOG:-error}
exec cargo test --locked --profile light --package oms-e2e --test all -- --nocapture --exact \
    wire::a_bad_network_loses_doubles_and_invents_nothing
