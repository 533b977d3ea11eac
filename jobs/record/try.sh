#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a fresh checkout to a report of two testbeds recorded on this machine: veth with and without offloads.
# Takes root, or sudo, for network namespaces.
#
#   jobs/record/try.sh [OUTPUT_DIRECTORY]     default build/try
set -euo pipefail

output=$(realpath -m "${1:-$(dirname "$0")/../../build/try}")
cd "$(dirname "$0")/../.."

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo

jobs/build.sh --record
source jobs/environment.sh
twinbed=build/release/src/cli/twinbed

mkdir -p "$output"
$as_root jobs/record/twinbed-record namespaces --out "$output/offloads" --repetitions 5 \
    --testbed offload:offload=on --testbed plain:offload=off --factor size=500B,100KB
"$twinbed" check "$output/offloads/campaign.yaml" || [ $? -eq 3 ]
# 3: something in the records counts, such as a withdrawn capture; the report says what.
status=0
"$twinbed" analyze "$output/offloads/campaign.yaml" -o "$output/results.h5" --force || status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    exit "$status"
fi
"$twinbed" report "$output/results.h5" -o "$output/report.html" --force
echo
echo "report: $output/report.html"
