#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Measures twinbed against other programs on generated files and prints one table.
set -euo pipefail

usage()
{
    cat <<'HELP'
usage: bench/run.sh BUILD [OPTION]...

BUILD is a build directory configured with -DTWINBED_BUILD_BENCH=ON (preset release or ci).

  --data DIRECTORY     where the files are made and kept (default: ${TMPDIR:-/tmp}/twinbed-bench)
  --repeats N          rounds; the table shows medians (default: 5)
  --campaign FILE      campaign file of a recorded campaign, for the last row
  --long               also 5 million short flows, a 4 GB trace and a 4 GB capture: memory and exactness

In each round every program has its turn, so that a busy machine slows all of them.
Peers that are not installed (sysdig, tcptrace, nfpcapd of nfdump) are named and left out.
HELP
}

build="" data=${TMPDIR:-/tmp}/twinbed-bench repeats=5 campaign="" long=""
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage; exit 0 ;;
    --data) data=$2; shift ;;
    --repeats) repeats=$2; shift ;;
    --campaign) campaign=$(realpath "$2"); shift ;;
    --long) long=yes ;;
    --*) usage >&2; exit 2 ;;
    *) build=$(realpath "$1") ;;
    esac
    shift
done
twinbed=$build/src/cli/twinbed generate=$build/bench/generate decode=$build/bench/decode
for program in "$twinbed" "$generate" "$decode"; do
    [ -x "$program" ] || { usage >&2; echo "run.sh: $program is missing" >&2; exit 2; }
done
mkdir -p "$data"
data=$(realpath "$data")
times=$data/times
rm -rf "$times"
mkdir -p "$times"
export LC_ALL=C OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

has() { command -v "$1" >/dev/null; }

# number FIELD FILE: the first number of that name in a JSON file.
number() { grep -o "\"$1\": *[0-9.e+-]*" "$2" | head -n 1 | sed 's/.*: *//'; }

note() { echo "$2" >>"$times/$1"; }

median()
{
    [ -s "$times/$1" ] || return 0
    sort -g "$times/$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# timed NAME COMMAND...: notes the seconds of a whole process.
timed()
{
    local name=$1 start end status=0
    shift
    start=$EPOCHREALTIME
    "$@" >"$data/output" 2>&1 || status=$?
    end=$EPOCHREALTIME
    if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then # 3: finished, but some inputs are damaged
        echo "run.sh: $1 failed:" >&2
        tail -n 5 "$data/output" >&2
        return 0
    fi
    note "$name" "$(awk "BEGIN { print $end - $start }")"
}

# prepare KIND FILE OPTION...: makes a file and a campaign of that file alone.
prepare()
{
    local kind=$1 directory=$data/$2
    shift 2
    mkdir -p "$directory/bed/rep-1"
    local file=$directory/bed/rep-1/artifact
    if [ "$(cat "$directory/options" 2>/dev/null)" != "$kind $*" ] || [ "$generate" -nt "$file" ]; then
        echo "making $file" >&2
        "$generate" "$kind" "$file" "$@" >"$directory/truth.json"
        echo "$kind $*" >"$directory/options"
    fi
    if [ "$kind" = trace ]; then
        printf 'campaign: bench\nbaseline: bed\nroot: .\nruns: "{testbed}/rep-{rep}"\n%s\n%s\n' \
            'artifacts: {trace: {client: artifact}}' 'process: {client: ab}' >"$directory/campaign.yaml"
    else
        printf 'campaign: bench\nbaseline: bed\nroot: .\nruns: "{testbed}/rep-{rep}"\n%s\n' \
            'artifacts: {capture: {link: artifact}}' >"$directory/campaign.yaml"
    fi
    cat "$file" >/dev/null
}

# analyze NAME DIRECTORY THREADS: notes the stages that read, decode, merge and walk, and the whole process.
analyze()
{
    local results=$data/results.h5
    rm -rf "$results" "$results.parts"
    timed "$1.process" "$twinbed" analyze "$data/$2/campaign.yaml" -o "$results" --threads "$3" --quiet \
        --timings "$data/timings.json" --force
    note "$1" "$(awk "BEGIN { print $(number decode "$data/timings.json") + $(number windows "$data/timings.json") + \
        $(number walk "$data/timings.json") }")"
}

# side_by_side KIND FILE: what two threads could reach at best on these processors: notes half the seconds of two programs
# of one thread each, at the same time; and the seconds of one program of two threads.
side_by_side()
{
    "$decode" "$1" "$2" 1 >"$data/one.json" &
    "$decode" "$1" "$2" 1 >"$data/other.json"
    wait
    note "$1.apart" "$(awk "BEGIN { print ($(number decode "$data/one.json") + $(number decode "$data/other.json")) / 4 }")"
    "$decode" "$1" "$2" 1 2 >"$data/decode.json"
    note "$1.decode.two" "$(number decode "$data/decode.json")"
}

round_of_trace()
{
    local file=$data/trace/bed/rep-1/artifact
    side_by_side trace "$file"
    "$decode" trace "$file" 1 >"$data/decode.json"
    note trace.bare "$(number bare_read "$data/decode.json")"
    note trace.decode "$(number decode "$data/decode.json")"
    note walk "$(number walk "$data/decode.json")"
    note stepping "$(number stepping "$data/decode.json")"
    analyze trace.one trace 1
    analyze trace.two trace 2
    ! has sysdig || timed sysdig sysdig -r "$file" -p '%evt.type' proc.name=ab
}

round_of_capture()
{
    local file=$data/capture/bed/rep-1/artifact
    side_by_side capture "$file"
    "$decode" capture "$file" 1 >"$data/decode.json"
    note capture.bare "$(number bare_read "$data/decode.json")"
    note capture.decode "$(number decode "$data/decode.json")"
    analyze capture.one capture 1
    analyze capture.two capture 2
    ! has tcptrace || timed tcptrace tcptrace -l -r -n "$file"
    if has nfpcapd; then
        rm -rf "$data/nfdump"
        mkdir -p "$data/nfdump"
        timed nfpcapd nfpcapd -r "$file" -w "$data/nfdump"
    fi
}

# The published way, one file after the other on two processors: print the calls, count the
# transitions of each process by a script, and let tcptrace look at the captures.
# shellcheck disable=SC2016
published_way()
{
    local root=$1
    find -L "$root" -name '*.scap*' -print0 | xargs -0 -P 2 -I{} sh -c \
        'sysdig -r "$1" -p "%thread.tid %proc.name %evt.type" "evt.dir=<" |
            awk "{ steps[\$2 \" \" last[\$1] \" \" \$3]++; last[\$1] = \$3 }
                END { for (step in steps) print steps[step], step }" >/dev/null' sh {}
    # shellcheck disable=SC2016
    find -L "$root" \( -name '*.pcap' -o -name '*.pcap.gz' \) -print0 | xargs -0 -P 2 -I{} sh -c \
        'tcptrace -l -r -n "$1" >/dev/null' sh {}
}

round_of_campaign()
{
    local results=$data/results.h5 root
    root=$(sed -n 's/^root: *//p' "$campaign")
    case $root in /*) ;; *) root=$(dirname "$campaign")/$root ;; esac
    rm -rf "$results" "$results.parts"
    timed campaign "$twinbed" analyze "$campaign" -o "$results" --threads 2 --quiet
    if has sysdig && has tcptrace; then
        timed published published_way "$root"
    fi
}

# row WORK PEER OURS THEIRS WANTED: theirs / ours should be at least WANTED; with "most", ours / theirs at most.
row()
{
    local ours theirs
    ours=$(median "$3") theirs=$(median "$4")
    if [ -z "$ours" ] || [ -z "$theirs" ]; then
        printf '| %s | %s | %s | %s | | %s | not measured |\n' "$1" "$2" "${ours:-}" "${theirs:-}" "$5"
        return
    fi
    awk -v work="$1" -v peer="$2" -v ours="$ours" -v theirs="$theirs" -v wanted="$5" 'BEGIN {
        most = wanted ~ /most/; split(wanted, words, " "); limit = words[most ? 3 : 1]
        ratio = most ? ours / theirs : theirs / ours
        verdict = limit == "" ? "shown" : (most ? ratio <= limit : ratio >= limit) ? "reached" : "missed"
        printf "| %s | %s | %.4g | %.4g | %.3g | %s | %s |\n", work, peer, ours, theirs, ratio, wanted, verdict }'
}

print_table()
{
    local kind
    echo "| work | peer | twinbed (s) | peer (s) | ratio | wanted | |"
    echo "| --- | --- | --- | --- | --- | --- | --- |"
    row "trace, one thread" sysdig trace.one sysdig 12
    row "trace, two threads" sysdig trace.two sysdig 20
    row "trace, two threads" "twinbed, one thread" trace.two trace.one 1.8
    row "capture, one thread" tcptrace capture.one tcptrace 40
    row "capture, one thread" nfpcapd capture.one nfpcapd 4
    row "trace, two threads" "bare read" trace.two trace.bare "at most 3"
    row "capture, two threads" "bare read" capture.two capture.bare "at most 6"
    for kind in trace capture; do
        row "$kind, library alone, two threads" "one thread" $kind.decode.two $kind.decode ""
        row "$kind, library alone, two threads" "two programs side by side, half their time" $kind.decode.two $kind.apart ""
    done
    row "one walk from counts" "from call to call" walk stepping ""
    row "trace, library alone, one thread" sysdig trace.decode sysdig ""
    row "capture, library alone, one thread" tcptrace capture.decode tcptrace ""
    row "trace, whole process, one thread" sysdig trace.one.process sysdig ""
    row "capture, whole process, one thread" tcptrace capture.one.process tcptrace ""
    [ -z "$campaign" ] || row "recorded campaign, whole process" "published way" campaign published 10
}

# check_large KIND NAME OPTION...: counts of the file against the truth, seconds, memory.
check_large()
{
    local kind=$1 name=$2 field
    prepare "$@"
    "$decode" "$kind" "$data/$name/bed/rep-1/artifact" 1 >"$data/decode.json"
    for field in $([ "$kind" = trace ] && echo events calls || echo packets flows); do
        [ "$(number "$field" "$data/decode.json")" = "$(number "$field" "$data/$name/truth.json")" ] ||
            { echo "run.sh: $name: $field differ from what was generated" >&2; exit 1; }
    done
    echo "$name: counts as generated; bare read $(number bare_read "$data/decode.json") s," \
        "decode $(number decode "$data/decode.json") s, resident $(number resident_kilobytes "$data/decode.json") kB"
}

for peer in sysdig tcptrace nfpcapd; do
    has $peer || echo "run.sh: $peer is not installed: its rows stay empty" >&2
done
prepare trace trace
prepare capture capture
for ((i = 0; i < repeats; i++)); do
    round_of_trace
    round_of_capture
    [ -z "$campaign" ] || round_of_campaign
done
echo "medians of $repeats rounds; $(nproc) processors; load $(cut -d ' ' -f 1 /proc/loadavg)"
print_table
if [ -n "$long" ]; then
    check_large capture short-flows --flows 5000000 --segments 1 --brief --snaplen 74 --clients 100
    check_large trace large-trace --events 65000000
    check_large capture large-capture --flows 3600000 --clients 64
fi
