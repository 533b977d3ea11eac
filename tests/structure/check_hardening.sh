#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_hardening.sh PROGRAM: position-independent, its tables read-only before it starts, stacks and buffers guarded.
# Status 77 without readelf, and for builds that go without (cmake/TwinbedHardening.cmake).
set -eu
program=$1
command -v readelf >/dev/null || { echo "skipped: no readelf"; exit 77; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
readelf --wide --file-header --program-headers --dynamic --notes --dyn-syms "$program" >"$directory/all"

if grep -q '__asan_init\|__tsan_init' "$directory/all"; then
    echo "skipped: built with a sanitizer"
    exit 77
fi
failed=0
want() {
    grep -Eq "$2" "$directory/all" || { echo "$program: $1"; failed=1; }
}
want "not position-independent" 'Type: +DYN'
want "no RELRO" 'GNU_RELRO'
want "not bound at start (BIND_NOW)" 'BIND_NOW|FLAGS_1.* NOW'
want "no stack protector" '__stack_chk_fail'
want "no _FORTIFY_SOURCE" '__(snprintf|memcpy|vsnprintf|fprintf)_chk'
if grep -Eq 'GNU_STACK .* RWE' "$directory/all"; then
    echo "$program: its stack can be executed"
    failed=1
fi
exit $failed
