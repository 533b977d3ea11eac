#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every C file is as clang-format 14 would write it.
#
#   check_format.sh ROOT          names the files that are not; exit status 1 if there are any
#   check_format.sh ROOT --fix    rewrites them
#
# Other versions format differently.
set -euo pipefail
source "$(dirname "$0")/find_checker.sh"
root=$1
find_checker clang-format 14
cd "$root"
mapfile -t files < <(find include src tests bench -name '*.[ch]' -not -path '*/build/*' | LC_ALL=C sort)
if [ "${2:-}" = --fix ]; then
    exec "$checker" -i "${files[@]}"
fi
mapfile -t bad < <("$checker" --dry-run "${files[@]}" 2>&1 | sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: warning: .*/\1/p' | sort -u)
if [ ${#bad[@]} -gt 0 ]; then
    printf 'not formatted: %s\n' "${bad[@]}"
fi
echo "${#files[@]} files, ${#bad[@]} not formatted (tests/structure/check_format.sh . --fix formats them)"
[ ${#bad[@]} -eq 0 ]
