# Shared by the scripts beside it. Source it; it does nothing by itself.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Where SwiftPM builds. A CI machine sets it to a cache folder so that dependencies are built once.
scratch=${BERTH_SCRATCH_PATH:-$root/.build}

say() { printf '%s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# Builds in configuration $1 with the further arguments of `swift build`. A release carries Swift's libraries in itself: it
# takes a quarter less memory, and runs where no toolchain is.
build() {
    local configuration=$1 flags=()
    shift
    [ "$configuration" = debug ] || flags+=(--static-swift-stdlib)
    swift build --configuration "$configuration" --scratch-path "$scratch" ${flags[@]+"${flags[@]}"} "$@"
}

# A folder from which Terraform may take its AWS provider without a network: one of those that it looks into itself, or one of
# an add-on package. Nothing when the machine has none.
terraform_mirror() {
    local folder
    for folder in ~/.terraform.d/plugins "${XDG_DATA_HOME:-$HOME/.local/share}/terraform/plugins" \
        /usr/local/share/terraform/plugins /usr/share/terraform/plugins /opt/*; do
        if [ -d "$folder/registry.terraform.io/hashicorp/aws" ]; then
            echo "$folder"
            return
        fi
    done
}

# The folder that holds the binaries of configuration $1.
binaries() { swift build --configuration "$1" --scratch-path "$scratch" --show-bin-path; }
