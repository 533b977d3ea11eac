#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy 14 finds nothing in the sources of the rooms; .clang-tidy says what it looks for.
#
#   check_tidy.sh ROOT BUILD_DIRECTORY [FILE...]    all of src without files
set -euo pipefail
source "$(dirname "$0")/find_checker.sh"
root=$1
build=$2
shift 2
find_checker clang-tidy 14
cd "$root"
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
    mapfile -t files < <(find src -name '*.c' | LC_ALL=C sort)
fi
# What the compiler warns of is for the compilers of the presets to say.
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 8 \
    "$checker" --quiet -p "$build" --extra-arg=-Wno-error --extra-arg=-Wno-everything 2> >(grep -v 'warnings\? generated' >&2) || {
    echo "clang-tidy found something (see above); .clang-tidy says what it looks for"
    exit 1
}
echo "${#files[@]} sources, nothing found"
