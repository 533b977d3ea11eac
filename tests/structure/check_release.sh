#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check_release.sh SOURCES PROGRAM: two releases of one commit are the same bytes, hold the sources and nothing else, and name
# the libraries. Status 77 without git, or where the sources are no repository.
set -eu
sources=$(cd "$1" && pwd) program=$(realpath "$2")
git -C "$sources" rev-parse --verify --quiet HEAD >/dev/null 2>&1 || { echo "skipped: no repository"; exit 77; }
for tool in ldd readelf; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
"$sources/jobs/release.sh" "$directory/one" "$program" >/dev/null 2>&1
sleep 1
(umask 077; TZ=Asia/Tokyo "$sources/jobs/release.sh" "$directory/two" "$program" >/dev/null 2>&1)
diff -r "$directory/one" "$directory/two"
cd "$directory/one"
[ "$(wc -l <SHA256SUMS)" -eq 2 ] && sha256sum --quiet -c SHA256SUMS
tar -tzf twinbed-*.tar.gz | sed 's,^[^/]*/,,' | grep -v '/$' | grep . | sort >../held
git -C "$sources" ls-tree -r --name-only HEAD | sort >../committed
diff ../held ../committed
python3 - twinbed-*.spdx.json <<'EOF'
import json, sys
told = json.load(open(sys.argv[1], encoding="utf-8"))
linked = {item["relatedSpdxElement"] for item in told["relationships"] if item["relationshipType"] == "DYNAMIC_LINK"}
for word in ("hdf5", "mpi", "pcap", "fyaml", "zstd"):
    assert any(word in name for name in linked), f"{word} is not among {linked}"
for item in told["packages"]:
    assert len(item["checksums"][0]["checksumValue"]) == 64, item
EOF
