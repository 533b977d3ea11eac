#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An installed twinbed can be used from elsewhere: a small program is built with
# find_package and with pkg-config, after the installed tree was moved.
#
#   check_install.sh BUILD_DIRECTORY CONSUMER_DIRECTORY C_COMPILER
set -euo pipefail
build=$1
consumer=$2
compiler=$3
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

cmake --install "$build" --prefix "$place/first" >/dev/null
mv "$place/first" "$place/moved"
prefix=$place/moved

expect() {
    if [ "$1" != "$2" ]; then
        echo "expected: $2"
        echo "found:    $1"
        exit 1
    fi
}
chain='open>read 1
read>close 0.25
read>read 0.75'

echo "== find_package"
cmake -S "$consumer" -B "$place/build" -G Ninja -DCMAKE_C_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" >"$place/log" ||
    { cat "$place/log"; exit 1; }
cmake --build "$place/build"
expect "$("$place/build/one_room")" "$chain"
expect "$("$place/build/all_rooms")" "$chain"

echo "== pkg-config"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name twinbed.pc)")${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # the flags are words
"$compiler" $(pkg-config --cflags twinbed) "$consumer/main.c" -o "$place/by_pkg_config" $(pkg-config --libs twinbed)
expect "$("$place/by_pkg_config")" "$chain"

echo "== the rest"
for file in share/man/man1/twinbed.1 share/man/man1/twinbed-analyze.1 \
    share/man/man5/twinbed-campaign.5 share/bash-completion/completions/twinbed share/zsh/site-functions/_twinbed \
    share/doc/twinbed/README.md share/twinbed/jobs/analyze.sbatch; do
    [ -s "$prefix/$file" ] || { echo "$file was not installed"; exit 1; }
done
if [ -x "$prefix/bin/twinbed" ]; then
    "$prefix/bin/twinbed" --version
fi
