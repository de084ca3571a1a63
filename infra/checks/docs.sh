#!/usr/bin/env bash
# Do the documents still tell the truth? openapi.yaml against the code, links, references to requirements and decisions,
# the state matrix, and the README's tour, command by command, against a fresh system. Needs what the README needs, and Python 3 to compare.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --quiet
exec python3 infra/checks/docs.py "${CARGO_TARGET_DIR:-target}/debug/oms-local"
