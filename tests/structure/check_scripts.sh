#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shell script passes shellcheck.
#
#   check_scripts.sh ROOT
set -euo pipefail
source "$(dirname "$0")/find_checker.sh"
find_checker shellcheck
cd "$1"
mapfile -t scripts < <(
    find jobs tests bench -name '*.sh' -o -name '*.sbatch' | LC_ALL=C sort
    printf '%s\n' .ci/run jobs/record/twinbed-record tests/structure/hooks/*
)
"$checker" -x --source-path=SCRIPTDIR "${scripts[@]}"
echo "${#scripts[@]} scripts pass"
