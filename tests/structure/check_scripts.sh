#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every shell script passes shellcheck; skipped (77) where it is not installed.
#
#   check_scripts.sh ROOT
set -euo pipefail
cd "$1"
if ! command -v shellcheck >/dev/null; then
    echo "skipped: shellcheck is not installed"
    exit 77
fi
mapfile -t scripts < <(
    find jobs tests bench -name '*.sh' -o -name '*.sbatch' | LC_ALL=C sort
    echo .ci/run
)
shellcheck -x "${scripts[@]}"
echo "${#scripts[@]} scripts pass"
