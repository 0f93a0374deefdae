# Shared by the scripts beside it. Source it; it does nothing by itself.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Where SwiftPM builds. A CI machine sets it to a cache folder so that dependencies are built once.
scratch=${BERTH_SCRATCH_PATH:-$root/.build}

say() { printf '%s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# Builds in configuration $1 with the further arguments of `swift build`.
build() {
    local configuration=$1
    shift
    swift build --configuration "$configuration" --scratch-path "$scratch" "$@"
}

# The folder that holds the binaries of configuration $1.
binaries() { swift build --configuration "$1" --scratch-path "$scratch" --show-bin-path; }
