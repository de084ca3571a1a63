#!/usr/bin/env bash
# Whatever is sent to any endpoint of openapi.yaml, in any role: no 5xx, no status, content type or body that openapi.yaml
# does not describe, and no data of another customer. The same requests every time; for others, or more of them:
#     infra/checks/fuzz.sh --seed random --cases 500
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. "$here/tools.sh"
tools_of fuzz "$here/fuzz.txt"

cargo build --locked --quiet
exec "$tools/bin/python" "$here/fuzz.py" "$@" "${CARGO_TARGET_DIR:-target}/debug/oms-local"
