#!/usr/bin/env bash
# Checks template.yaml and the stack inside it: as AWS expands them, as linters see them, and against our own promises
# (check_template.py). That they are what the sheets give is a test: cargo test -p oms-template.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
. "$here/tools.sh"
tools_of template "$here/requirements.txt"

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
check "cfn-lint with serverless rules"   "$tools/bin/cfn-lint" --config-file "$here/cfn-lint.yaml" --template template.yaml observability.yaml
check "cfn-lint as sam validate --lint"   "$tools/bin/cfn-lint" --config-file "$here/bare.yaml" --template template.yaml
check "costs"                            python3 "$here/costs.py"
check "checkov"                          "$tools/bin/checkov" --config-file "$here/checkov.yaml" --file template.yaml observability.yaml
exit "$failed"
