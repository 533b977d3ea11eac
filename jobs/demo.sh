#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# From a fresh checkout to a report: installs what is missing, builds, analyses
# the sample campaign of tests/campaigns with MPI, and writes an HTML report.
# Safe to run again; the second run builds nothing and decodes nothing.
#
#   jobs/demo.sh [OUTPUT_DIRECTORY]     default build/demo
set -euo pipefail

output=$(realpath -m "${1:-$(dirname "$0")/../build/demo}")
cd "$(dirname "$0")/.."

jobs/build.sh
source jobs/environment.sh

twinbed=build/release/src/cli/twinbed
mkdir -p "$output"
status=0
# Results that are there are written again, from the parts beside them.
mpirun -n "$demo_ranks" --bind-to none --oversubscribe \
    "$twinbed" analyze tests/campaigns/sample/campaign.yaml -o "$output/results.h5" --force || status=$?
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    exit "$status"
fi
"$twinbed" report "$output/results.h5" -o "$output/report.html" --force

echo
echo "results: $output/results.h5"
echo "report:  $output/report.html"
if [ "$status" -eq 3 ]; then
    echo "Some files of the sample campaign are damaged or withdrawn; the report says which."
fi
