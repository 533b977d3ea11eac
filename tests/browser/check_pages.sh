#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes pages of a part of the sample and of outputs of ab alone, and looks at them in a browser (check_pages.js).
#
#   check_pages.sh TWINBED SAMPLE FOLDER
#
# FOLDER keeps the pages, and pictures of them. Exit status 77 when something is missing that
# jobs/install_packages.sh --tests installs.
set -euo pipefail
twinbed=$1 sample=$2 folder=$3
here=$(dirname "$(readlink -f "$0")")
export NODE_PATH=$here/../../build/browser/node_modules

lacks() {
    echo "skipped: there is no $1; jobs/install_packages.sh --tests installs it"
    exit 77
}

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || lacks "chromium"
command -v node >/dev/null || lacks "node"
for package in axe-core playwright-core; do
    [ -d "$NODE_PATH/$package" ] || lacks "$package in build/browser"
done

# make_page NAME MANIFEST-LINES [OPTION...]
make_page() {
    local name=$1 lines=$2
    shift 2
    cat >"$folder/$name.yaml" <<END
campaign: $name
baseline: veth
root: $sample
runs: "{testbed}/{size}-c{clients}/rep-{rep}"
factors: {size: {type: bytes}, clients: {type: number, unit: clients}}
$lines
END
    "$twinbed" analyze "$folder/$name.yaml" -o "$folder/$name.h5" --force --quiet "$@"
    "$twinbed" report "$folder/$name.h5" -o "$folder/$name.html" --force
}

mkdir -p "$folder"
make_page sample "artifacts:
  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}
  latency: owping.txt
  capture: {link: [link.pcap, link.pcap.gz]}
  trace: {client: client.scap, server: [server.scap, client.scap]}
  counters: counters
process: {client: ab, server: gohttp}
chain: {prune: 0.02}
walks: {profile: 20}" --only rep=01,02 --only size=500B,1MB --only testbed=veth,e1000
make_page ab "artifacts: {ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}}" --only rep=01,02,03
node "$here/check_pages.js" "$browser" "$folder" "$folder/sample.html" "$folder/ab.html"
