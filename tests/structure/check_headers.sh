#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every public header compiles alone, and twice, under the strictest flags.
#
#   check_headers.sh INCLUDE_DIRECTORY COMPILER [MPI_INCLUDE_DIRECTORY...]
set -euo pipefail
include=$1
compiler=$2
shift 2
flags=(-std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wundef -Wstrict-prototypes -Werror -fsyntax-only -I "$include")
for directory in "$@"; do
    flags+=(-isystem "$directory")
done

count=0
bad=0
while read -r header; do
    count=$((count + 1))
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        "$compiler" "${flags[@]}" -x c - || { echo "$header does not compile alone"; bad=$((bad + 1)); }
done < <(cd "$include" && find twinbed -name '*.h' | LC_ALL=C sort)

echo "$count headers, $bad that do not compile alone"
[ "$count" -gt 0 ] && [ "$bad" -eq 0 ]
