#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# cppcheck 2.10 and gcc -fanalyzer find nothing in the sources of the rooms but what cppcheck.txt and gcc.txt say, with the
# reasons. clang-tidy is tests/structure/check_tidy.sh.
#
#   check.sh ROOT BUILD_DIRECTORY     a directory that was configured with gcc; status 77 without cppcheck or gcc 12
set -euo pipefail
root=$(realpath "$1")
build=$(realpath "$2")
here=$root/tests/analysers
commands=$build/compile_commands.json
found=$(mktemp)
trap 'rm -f "$found"' EXIT

command -v cppcheck >/dev/null || { echo "skipped: cppcheck is not installed"; exit 77; }
command -v gcc-12 >/dev/null || { echo "skipped: gcc 12 is not installed"; exit 77; }
cd "$root"
grep -v '^#\|^$' "$here/cppcheck.txt" | sed 's|:src/|:*/src/|' >"$found.list"
cppcheck --project="$commands" --file-filter="$root/src/*" --enable=warning,performance,portability --quiet \
    --suppressions-list="$found.list" --template='{file}:{line}: {id}: {message}' 2>>"$found" >/dev/null
rm -f "$found.list"
python3 -B "$here/run_gcc.py" "$root" "$commands" >>"$found"
if [ -s "$found" ]; then
    cat "$found"
    echo "mend these, or write them down in tests/analysers with the reason"
    exit 1
fi
echo "nothing found"
