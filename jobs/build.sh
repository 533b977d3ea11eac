#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing (its options are those of install_packages.sh), and builds the program as
# build/release/src/cli/twinbed. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

jobs/install_packages.sh "$@"
if [ ! -f build/release/build.ninja ]; then
    cmake --preset release
fi
cmake --build --preset release --target twinbed_command
