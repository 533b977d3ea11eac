#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# valgrind finds no invalid access, no use of undefined bytes and no lost block in a job on one rank, nor in the report of what
# came out; what libraries do is in valgrind.txt, with the reasons.
#
#   memcheck.sh TWINBED ROOT     the sample campaign; MEMCHECK_ONLY may name options of analyze that make it shorter
#
# Status 77 without valgrind.
set -euo pipefail
twinbed=$(realpath "$1")
root=$(realpath "$2")
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{ echo "root: $root/tests/campaigns/sample"; echo "flows: all"; cat "$root/tests/campaigns/sample/campaign.yaml"; } >campaign.yaml

# The libraries of MPI and HDF5 keep blocks until the end that nothing points to; ours must not.
run() {
    local name=$1 status=0
    shift
    OMP_NUM_THREADS=1 valgrind --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        --suppressions="$root/tests/analysers/valgrind.txt" --gen-suppressions=all --log-file="$name.log" "$twinbed" "$@" || status=$?
    grep -h "ERROR SUMMARY" "$name.log" | sed "s/^/$name: /"
    if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
        cat "$name.log"
        echo "$name: status $status"
        exit 1
    fi
}
# shellcheck disable=SC2086 # several words
run analyze analyze campaign.yaml -o x.h5 --quiet --threads 1 ${MEMCHECK_ONLY:-}
run check check campaign.yaml
run report report x.h5 -o x.html
run compare compare x.h5 x.h5
run export export x.h5 --table runs -o runs.csv
