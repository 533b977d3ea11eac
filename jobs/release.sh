#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# release.sh DIRECTORY [PROGRAM]: makes there what a release consists of, from the commit that is checked out:
#
#   twinbed-VERSION.tar.gz     the sources
#   twinbed-VERSION.spdx.json  the libraries that PROGRAM is linked with, their versions and digests (where one is given)
#   SHA256SUMS                 of both; sha256sum -c looks
#
# The same commit and program give the same bytes: times are those of the commit, and what is not committed is left out.
set -eu
[ $# -ge 1 ] || { echo "usage: release.sh DIRECTORY [PROGRAM]" >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)
program=${2:-}
[ -z "$program" ] || program=$(realpath "$program")
version=$(git -C "$here" show HEAD:CMakeLists.txt | sed -n 's/^ *VERSION \([0-9.]*\)$/\1/p')
[ -n "$version" ] || { echo "release.sh: CMakeLists.txt tells no version" >&2; exit 1; }
[ -z "$(git -C "$here" status --porcelain)" ] || echo "release.sh: what is not committed is left out" >&2
name=twinbed-$version

git -C "$here" archive --format=tar --prefix="$name/" HEAD >"$directory/$name.tar"
gzip -9 -n -f "$directory/$name.tar"
rm -f "$directory/$name.spdx.json"
if [ -n "$program" ]; then
    made=$(git -C "$here" log -1 --format=%ct)
    "$here/jobs/packaging/linked.py" "$program" twinbed "$version" "$made" >"$directory/$name.spdx.json"
fi
(cd "$directory" && sha256sum "$name".* >SHA256SUMS)
ls -l "$directory"
