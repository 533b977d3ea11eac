#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How the work of one job grows with its campaign: each row analyzes a small and a large campaign, and prints both and their ratio.
set -euo pipefail

usage()
{
    cat <<'HELP'
usage: bench/scale.sh BUILD ROW... [OPTION]...

BUILD is a build directory. The campaigns hold the runs of tests/campaigns/sample, many times under other names: the files
are links, so they take little room. Printed are the seconds of every stage for each campaign, their sum, the megabytes of the
largest rank, the processor time of the whole job, which other programs disturb less, and the ratio of each.

rows:
  runs                 3,000 runs and 30,000, of which copies of the sample are a factor of 25 and of 250 levels
  repetitions          100 repetitions and 300 of one scenario on three testbeds: distances of runs and their tests
  resume               10,000 runs: the first job, and the same again when its results are removed but its parts are there
  slow                 2 ranks decode 60 traces, and again while one of them is stopped half of the time; what equally fast
                       ones would take of that work is 4/3 of the first

options:
  --data DIRECTORY     where the campaigns and results are made and kept (default: ${TMPDIR:-/tmp}/twinbed-scale)
  --ranks N            ranks of one job (default: 1)
  --threads N          threads of one rank (default: 1)
  --texts              runs: only texts (ab, delays, counters), neither captures nor traces
  --divide N           smaller campaigns: copies divided by N (default: 1)
HELP
}

rows=() build="" data=${TMPDIR:-/tmp}/twinbed-scale ranks=1 threads=1 texts="" divide=1
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit 0 ;;
    --data) data=$2; shift ;;
    --ranks) ranks=$2; shift ;;
    --threads) threads=$2; shift ;;
    --texts) texts=-texts ;;
    --divide) divide=$2; shift ;;
    --*) usage >&2; exit 2 ;;
    runs | repetitions | resume | slow) rows+=("$1") ;;
    *) build=$(realpath "$1") ;;
    esac
    shift
done
if [ -z "$build" ] || [ ${#rows[@]} -eq 0 ]; then
    usage >&2
    exit 2
fi
twinbed=$build/src/cli/twinbed
[ -x "$twinbed" ] || { echo "scale.sh: $twinbed is missing" >&2; exit 2; }
sample=$(realpath "$(dirname "$0")/../tests/campaigns/sample")
mkdir -p "$data"
data=$(realpath "$data")
export LC_ALL=C OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# link FROM TO: the same files under another name, where links cannot be made as copies.
link() { cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$1" "$2"; }; }

# analyze NAME: analyzes that campaign from nothing, and keeps what the clock said, the most memory that a rank took, and the
# processor time of all ranks.
analyze()
{
    rm -rf "$data/$1.h5.parts"
    go_on "$1"
    rm -rf "$data/$1.h5.parts"
}

# go_on NAME: the same with what parts there are, which stay.
go_on()
{
    local results=$data/$1.h5 launcher=() status=0
    [ "$ranks" -eq 1 ] || launcher=(mpirun -n "$ranks" --oversubscribe)
    rm -f "$results"
    command time -f '%M %U %S' -o "$data/$1.memory" "${launcher[@]}" "$twinbed" analyze "$data/$1/campaign.yaml" -o "$results" \
        --threads "$threads" --quiet --timings "$data/$1.json" --force >"$data/$1.log" 2>&1 || status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then # 3: finished, but some inputs are damaged
        tail -n 5 "$data/$1.log" >&2
        exit 1
    fi
}

# seconds NAME: stage and seconds, a line each; their sum; megabytes; processor time of the whole job. Sorted.
seconds()
{
    {
        sed -n '/"seconds"/,$ s/^ *"\([a-z]*\)": *\([0-9.e+-]*\),*$/\1 \2/p' "$data/$1.json" |
            awk '{ print; sum += $2 } END { print "sum", sum }'
        awk 'END { print "megabytes", $1 / 1024; print "processor", $2 + $3 }' "$data/$1.memory"
    } | sort -k1,1
}

# compare SMALL LARGE: the table of both.
compare()
{
    analyze "$1"
    analyze "$2"
    table "$1" "$2"
}

# table ONE OTHER: of what was kept of both.
table()
{
    echo
    echo "$ranks ranks of $threads threads"
    join <(seconds "$1") <(seconds "$2") | sort -k3,3g |
        awk -v small="$1" -v large="$2" 'BEGIN { printf "%-12s %20s %20s %8s\n", "stage", small, large, "ratio" }
            { printf "%-12s %20.3f %20.3f %8s\n", $1, $2, $3, ($2 > 0.001 ? sprintf("%.2f", $3 / $2) : "") }'
}

# make_runs NAME COPIES: the sample so often; the copy is a factor.
make_runs()
{
    [ ! -e "$data/$1/campaign.yaml" ] || return 0
    echo "making $data/$1" >&2
    mkdir -p "$data/$1"
    for copy in $(seq -w "$2"); do
        mkdir "$data/$1/copy$copy"
        for bed in e1000 veth virtio; do
            link "$sample/$bed" "$data/$1/copy$copy/$bed"
        done
    done
    # As the sample's own campaign file, one directory further down.
    sed -e 's|path: "|path: "{copy}/|' "$sample/campaign.yaml" >"$data/$1/all.yaml"
    if [ -n "$texts" ]; then
        awk '/^  (capture|trace):/ { skip = 1; next } skip && /^    / { next } { skip = 0 } /^(process|chain|walks|windows):/ { skip = 1; next }
             /^  - \{skip/ { next } { print }' "$data/$1/all.yaml" >"$data/$1/campaign.yaml"
    else
        mv "$data/$1/all.yaml" "$data/$1/campaign.yaml"
    fi
}

row_runs()
{
    local small=$((25 / divide)) large=$((250 / divide))
    make_runs "runs-$small$texts" "$small"
    make_runs "runs-$large$texts" "$large"
    compare "runs-$small$texts" "runs-$large$texts"
}

# make_repetitions NAME COPIES: the ten repetitions of one scenario so often, under other numbers.
make_repetitions()
{
    [ ! -e "$data/$1/campaign.yaml" ] || return 0
    echo "making $data/$1" >&2
    for bed in e1000 veth virtio; do
        mkdir -p "$data/$1/$bed"
        for copy in $(seq "$2"); do
            for run in "$sample/$bed/500B-c4"/rep-*; do
                link "$run" "$data/$1/$bed/${run##*/}$copy"
            done
        done
    done
    cat >"$data/$1/campaign.yaml" <<'YAML'
campaign: repetitions
baseline: veth
runs: "{testbed}/rep-{rep}"
artifacts: {ab: {text: ab.txt}, trace: {client: client.scap, server: [server.scap, client.scap]}}
process: {client: ab, server: gohttp}
chain: {order: [1, 2], prune: 0.001}
YAML
}

row_repetitions()
{
    local small=$((10 / divide)) large=$((30 / divide))
    make_repetitions "repetitions-$small" "$small"
    make_repetitions "repetitions-$large" "$large"
    compare "repetitions-$small" "repetitions-$large"
}

row_resume()
{
    local name=runs-$((83 / divide))$texts
    make_runs "$name" "$((83 / divide))"
    rm -rf "$data/$name.h5.parts"
    go_on "$name"
    for kept in json memory; do cp "$data/$name.$kept" "$data/first.$kept"; done
    go_on "$name"
    for kept in json memory; do cp "$data/$name.$kept" "$data/again.$kept"; done
    table first again
    echo "files in the directory of parts: $(find "$data/$name.h5.parts" -type f | wc -l)"
}

# decode_by_two NAME: two ranks of one thread.
decode_by_two()
{
    rm -rf "$data/slow.h5" "$data/slow.h5.parts"
    OMP_NUM_THREADS=1 exec mpirun -n 2 --oversubscribe "$twinbed" analyze "$data/slow/campaign.yaml" -o "$data/slow.h5" \
        --quiet --timings "$data/$1.json" --force >"$data/slow.log" 2>&1
}

# Stops one of the two for as long as it lets it go on, in turns of 10 ms.
slow_one()
{
    local victim=""
    while [ -z "$victim" ]; do
        kill -0 "$1" 2>/dev/null || return 0
        victim=$(pgrep -P "$1" | tail -n 1 || true)
    done
    while kill -STOP "$victim" 2>/dev/null; do
        sleep 0.01
        kill -CONT "$victim" 2>/dev/null || return 0
        sleep 0.01
    done
}

row_slow()
{
    local job i
    for i in $(seq $((60 / divide))); do
        [ ! -e "$data/slow/bed/rep-$i/t.scap" ] || continue
        mkdir -p "$data/slow/bed/rep-$i"
        "$build/bench/generate" trace "$data/slow/bed/rep-$i/t.scap" --seed "$i" --events 500000 >/dev/null
    done
    printf 'campaign: slow\nbaseline: bed\nroot: .\nruns: "{testbed}/rep-{rep}"\nprocess: {client: ab}\n%s\n' \
        'artifacts: {trace: {client: t.scap}}' >"$data/slow/campaign.yaml"
    for i in 1 2 3; do
        (decode_by_two even) || true
        decode_by_two slow &
        job=$!
        slow_one "$job"
        wait "$job" || true
        echo "decode: even $(number decode even) s, one at half speed $(number decode slow) s"
    done | awk '{ print; even += $3; slow += $9 } END { printf "sums: %.2f and %.2f s, ratio %.2f; ideal 1.33\n", even, slow, slow / even }'
}

# number NAME FILE
number() { sed -n "s/^ *\"$1\": *\([0-9.e+-]*\),*\$/\1/p" "$data/$2.json"; }

for row in "${rows[@]}"; do
    "row_$row"
done
