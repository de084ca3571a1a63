#!/usr/bin/env bash
# Builds and deploys a shop, and does what an empty one needs; safe to run again. Needs Rust, Python 3.11 and credentials of an
# AWS account (as the AWS CLI finds them); neither the AWS CLI nor SAM. See docs/operations.md.
#
#     infra/deploy.sh prod                             what samconfig.toml says of prod
#     infra/deploy.sh prod --admin ada@example.com     also makes the first administrator
#     infra/deploy.sh prod --back-to 3f9c01d2ab        a release that was deployed before, from what was uploaded then
#     infra/deploy.sh --restore prod 2026-11-26T21:00:00Z    both tables as they were at that second, into new ones
#     infra/deploy.sh --help
set -euo pipefail
cd "$(dirname "$0")/.."
. infra/checks/tools.sh
tools_of deploy infra/deploy/requirements.txt
if [ "${1:-}" = --restore ]; then
    shift
    exec "$tools/bin/python" infra/deploy/restore.py "$@"
fi
exec "$tools/bin/python" infra/deploy/deploy.py "$@"
