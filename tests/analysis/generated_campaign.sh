#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# generated_campaign.sh TWINBED MPIEXEC PYTHON DIRECTORY CHECK_RECORDED
# Generates the campaign with every factor, analyses it on one and on three ranks, and holds results and report
# against numbers worked out by hand.
set -euo pipefail
twinbed=$1 mpiexec=$2 python=$3 directory=$4 check_recorded=$5
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
"$python" -c 'import h5py' 2>/dev/null || { echo "skipped: no Python with h5py"; exit 77; }

# Some artifacts of the campaign are damaged or missing by design: 3 is the right exit status.
analyse() {
    local status=0
    "$@" --quiet || status=$?
    [ "$status" -eq 3 ] || { echo "exit status $status instead of 3: $*"; exit 1; }
}

rm -rf "$directory"
mkdir -p "$directory"
cd "$directory"
"$python" "$here/generate_campaign.py" campaign
"$python" "$here/generate_campaign.py" again
diff -r campaign again
analyse "$twinbed" analyze campaign/campaign.yaml -o alone.h5
analyse "$mpiexec" --oversubscribe --bind-to none -n 3 "$twinbed" analyze campaign/campaign.yaml -o three.h5 --threads 2
"$python" "$here/../cli/compare_results.py" alone.h5 three.h5
(cd campaign && analyse "$twinbed" analyze campaign.yaml -o ../inside.h5 --threads 2)
"$python" "$here/../cli/compare_results.py" alone.h5 inside.h5
"$twinbed" report alone.h5 -o alone.html
"$python" "$here/check_generated.py" alone.h5 alone.html
analyse "$twinbed" analyze campaign/settings.yaml -o settings.h5
"$python" "$here/check_settings.py" settings.h5
"$check_recorded" campaign/campaign.yaml three.h5
"$check_recorded" campaign/settings.yaml settings.h5
"$twinbed" analyze campaign/settings.yaml -o only.h5 --only testbed=virtio --only rep=1,2 --quiet || [ $? -eq 3 ]
"$check_recorded" campaign/settings.yaml only.h5 testbed=virtio rep=1,2
rm -rf again
