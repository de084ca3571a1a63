#!/usr/bin/env bash
# Checks template.yaml: as AWS expands it, as linters see it, and against our own promises (check_template.py).
# The tools are installed once, exactly as locked, and kept in the user's cache for the next run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "template checks need Python 3.11 or later, found: $(python3 --version 2>&1)" >&2
    exit 1
fi
lock=$(python3 -c '
import hashlib, sys
print(hashlib.sha256(sys.version.encode() + open(sys.argv[1], "rb").read()).hexdigest()[:16])
' "$here/requirements.txt")
tools="${XDG_CACHE_HOME:-${HOME:-$PWD/target}/.cache}/oms-template-checks/$lock"
if [ ! -e "$tools/complete" ]; then
    echo "installing the tools into $tools"
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --require-hashes --requirement "$here/requirements.txt"
    touch "$tools/complete"
fi

failed=0
check() {
    local name=$1
    shift
    echo "-- $name"
    "$@" || { echo "-- $name: failed"; failed=1; }
}
check "our own checks, each broken once" "$tools/bin/python" -m unittest discover --quiet --start-directory "$here"
check "our own checks"                   "$tools/bin/python" "$here/check_template.py" .
check "transform (aws-sam-translator)"   "$tools/bin/python" "$here/transform.py" template.yaml
check "cfn-lint with serverless rules"   "$tools/bin/cfn-lint" --config-file "$here/cfn-lint.yaml" --template template.yaml
check "checkov"                          "$tools/bin/checkov" --config-file "$here/checkov.yaml" --file template.yaml
exit "$failed"
