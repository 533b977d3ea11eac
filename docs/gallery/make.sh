#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the pictures of docs/gallery.md, and the first screen that README.md shows, from the sample once more.
#
#   docs/gallery/make.sh TWINBED
#
# Needs gnuplot, rsvg-convert and chromium; with ImageMagick the files are smaller.
set -euo pipefail
twinbed=$1
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

make_smaller() {
    if command -v convert >/dev/null; then convert "$1" -strip -colors 48 "PNG8:$1"; fi
}

# draw NAME WIDTH
draw() {
    rsvg-convert -w "$2" -b white "$place/figures/$1.svg" -o "$here/$1.png"
    make_smaller "$here/$1.png"
}

"$twinbed" analyze "$here/../../tests/campaigns/sample/campaign.yaml" -o "$place/sample.h5" --quiet
"$twinbed" report "$place/sample.h5" -o "$place/sample.html" --figures "$place/figures"
for name in requests-per-second request-times-2 packets-per-request server-segments-1 server-rtt-1 sensitivity; do
    draw "$name" 480
done
draw walk-map-2 640
draw run-places-1 420
draw chain-client-2-1 360
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$place/browser" --window-size=1400,800 \
    --screenshot="$here/../report.png" "file://$place/sample.html" >/dev/null 2>&1
make_smaller "$here/../report.png"
