# Sourced by checks that need Python packages: they are installed once, exactly as locked, and kept in the user's cache
# for the next run.
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# tools_of NAME LOCK: sets `tools` to a virtual environment with what LOCK lists.
tools_of() {
    local name=$1 locked=$2 lock
    if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "$name checks need Python 3.11 or later, found: $(python3 --version 2>&1)" >&2
        exit 1
    fi
    lock=$(python3 -c '
import hashlib, sys
print(hashlib.sha256(sys.version.encode() + open(sys.argv[1], "rb").read()).hexdigest()[:16])
' "$locked")
    tools="${XDG_CACHE_HOME:-${HOME:-$PWD/target}/.cache}/oms-$name-checks/$lock"
    if [ ! -e "$tools/complete" ]; then
        echo "installing the tools into $tools"
        rm -rf "$tools"
        python3 -m venv "$tools"
        "$tools/bin/pip" install --quiet --require-hashes --requirement "$locked"
        touch "$tools/complete"
    fi
}
