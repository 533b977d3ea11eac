#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a fresh checkout to a report of two testbeds recorded on this machine: veth with and without offloads.
# Takes root, for network namespaces.
#
#   jobs/record/try.sh [OUTPUT_DIRECTORY]     default build/try
set -euo pipefail

output=$(realpath -m "${1:-$(dirname "$0")/../../build/try}")
cd "$(dirname "$0")/../.."

jobs/install_packages.sh --record
source jobs/environment.sh
if [ ! -f build/release/build.ninja ]; then
    cmake --preset release
fi
cmake --build --preset release --target twinbed_command
twinbed=build/release/src/cli/twinbed

mkdir -p "$output"
jobs/record/twinbed-record namespaces --out "$output/campaign" --repetitions 5 \
    --testbed offload:offload=on --testbed plain:offload=off --factor size=500B,100KB
"$twinbed" check "$output/campaign/campaign.yaml"
"$twinbed" analyze "$output/campaign/campaign.yaml" -o "$output/results.h5" --force
"$twinbed" report "$output/results.h5" -o "$output/report.html" --force
echo
echo "report: $output/report.html"
