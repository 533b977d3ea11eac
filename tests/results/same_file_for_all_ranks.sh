#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# same_file_for_all_ranks.sh WRITE_SAMPLE MPIRUN H5DIFF H5DUMP
# Without a launcher and on 1, 2, 3 and 7 ranks: same objects, attributes, types, chunks and values.
set -eu
write_sample=$1 mpirun=$2 h5diff=$3 h5dump=$4
for tool in "$h5diff" "$h5dump"; do
    [ -x "$tool" ] || { echo "skipped: no h5diff or h5dump"; exit 77; }
done
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# Where in the file something lies may differ, and so may the object numbers that name it.
layout() {
    "$h5dump" -H -p -A "$1" | sed -e 1d -e '/OFFSET/d' -e 's/DATASET [0-9]* /DATASET /' 
}

"$write_sample" "$directory/alone.h5"
layout "$directory/alone.h5" >"$directory/alone.layout"
grep -q CHUNKED "$directory/alone.layout"
grep -q CONTIGUOUS "$directory/alone.layout"
for ranks in 1 2 3 7; do
    "$mpirun" --oversubscribe --bind-to none -n "$ranks" "$write_sample" "$directory/$ranks.h5"
    "$h5diff" -q "$directory/alone.h5" "$directory/$ranks.h5"
    layout "$directory/$ranks.h5" >"$directory/$ranks.layout"
    cmp "$directory/alone.layout" "$directory/$ranks.layout"
done
# The comparison must be able to fail.
if "$h5diff" -q "$directory/1.h5" "$directory/7.h5" /net/flow_start /net/flow_duration; then
    echo "h5diff sees no difference where there is one"
    exit 1
fi
