#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian packages twinbed (program, documents) and twinbed-dev (rooms and headers for other programs).
#
#   make_deb.sh SOURCE DESTINATION
#
# What building needs must be there: jobs/install_packages.sh --package.
set -euo pipefail
source_directory=$(cd "$1" && pwd)
mkdir -p "$2"
destination=$(cd "$2" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cmake -G Ninja -S "$source_directory" -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr \
    -DTWINBED_BUILD_TESTS=OFF >/dev/null
cmake --build "$build" >/dev/null
(cd "$build" && cpack -G DEB >/dev/null)
cp "$build"/twinbed*.deb "$destination"
