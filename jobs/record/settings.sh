#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is to be recorded: options, their limits, the order of runs. Read by twinbed-record.
# shellcheck disable=SC2034,SC2154 # variables are shared with the core

out=
testbeds= # a line each: name, space, KEY=LEVEL with commas between
factors=  # a line each: KEY=LEVEL,LEVEL,...
repetitions=5
warm_up=1
seed=1
# shellcheck disable=SC2016 # variables of the shell that runs it
workload='ab -l -q -n 200 -c "$clients" -e ab.csv -g ab.tsv "http://$server:$port/$size"'
server_command=
port=8080
processes=
tracer=none
capture_at=client
snapshot=256
filter=
limit=300
append=
newline='
'

settings_read() {
    while [ $# -gt 0 ]; do
        option=$1
        case $option in
        -h | --help)
            place_help
            echo "twinbed-record --help has the options of all places."
            exit 0
            ;;
        --*) [ $# -ge 2 ] || fail "$option takes a value" ;;
        *) fail "unexpected '$option'; --help has the options" ;;
        esac
        case $option in
        --out) out=$2 ;;
        --testbed) testbed_add "$2" ;;
        --factor) factor_add "$2" ;;
        --repetitions) repetitions=$2 ;;
        --warm-up) warm_up=$2 ;;
        --seed) seed=$2 ;;
        --workload) workload=$2 ;;
        --server) server_command=$2 ;;
        --port) port=$2 ;;
        --process) processes=$2 ;;
        --trace) tracer=$2 ;;
        --capture) capture_at=$2 ;;
        --snapshot) snapshot=$2 ;;
        --filter) filter=$2 ;;
        --limit) limit=$2 ;;
        --append) append=$2 ;;
        *) place_option "$option" "$2" || fail "unknown option $option; --help has the options" ;;
        esac
        shift 2
    done
}

testbed_add() {
    name=${1%%:*}
    keys=
    [ "$name" = "$1" ] || keys=${1#*:}
    is_level "$name" || fail "--testbed: a name is made of letters, digits and . _ + -, not '$name'"
    old_ifs=$IFS
    IFS=,
    for pair in $keys; do
        if ! is_name "${pair%%=*}" || ! is_level "${pair#*=}" || [ "$pair" = "${pair%%=*}" ]; then
            fail "--testbed $name: expected KEY=LEVEL, not '$pair'"
        fi
    done
    IFS=$old_ifs
    testbeds="$testbeds$name $keys$newline"
}

factor_add() {
    key=${1%%=*}
    if ! is_name "$key" || [ "$key" = "$1" ]; then
        fail "--factor: expected KEY=LEVEL,LEVEL,..., not '$1'"
    fi
    case $key in
    testbed | rep | pair | server | port) fail "--factor: $key is no name for a factor" ;;
    esac
    old_ifs=$IFS
    IFS=,
    for level in ${1#*=}; do
        is_level "$level" || fail "--factor $key: a level is made of letters, digits and . _ + -, not '$level'"
    done
    IFS=$old_ifs
    [ -n "${1#*=}" ] || fail "--factor $key: no level"
    factors="$factors$1$newline"
}

is_place_key() {
    case " $(place_keys) " in
    *" $1 "*) return 0 ;;
    esac
    return 1
}

settings_check() {
    [ -n "$out" ] || fail "--out DIR says where to record"
    case $out in
    /*) ;;
    *) out=$PWD/$out ;;
    esac
    [ -n "$testbeds" ] || fail "--testbed NAME says what to record"
    if ! is_count "$repetitions" || [ "$repetitions" -eq 0 ]; then
        fail "--repetitions takes a number of at least 1"
    fi
    for number in "$warm_up" "$seed" "$snapshot" "$limit"; do
        is_count "$number" || fail "expected a whole number, not '$number'"
    done
    if ! is_count "$port" || [ "$port" -eq 0 ] || [ "$port" -gt 65535 ]; then
        fail "--port takes 1 to 65535"
    fi
    case $tracer in
    none | strace | perf | sysdig) ;;
    *) fail "--trace takes perf, strace, sysdig or none" ;;
    esac
    case $capture_at in
    client | server | client,server | none) ;;
    *) fail "--capture takes client, server, client,server or none" ;;
    esac
    [ -z "$append" ] || [ -r "$append" ] || fail "--append: $append cannot be read"
    keys_check
}

keys_check() {
    twice=$(printf '%s' "$testbeds" | cut -d ' ' -f 1 | sort | uniq -d)
    [ -z "$twice" ] || fail "--testbed: $twice stands twice"
    twice=$(printf '%s' "$factors" | cut -d = -f 1 | sort | uniq -d)
    [ -z "$twice" ] || fail "--factor: $twice stands twice"
    for pair in $(printf '%s' "$testbeds" | cut -d ' ' -f 2 | tr ',' ' '); do
        is_place_key "${pair%%=*}" || fail "--testbed: '$place_name' knows no key ${pair%%=*}, only $(place_keys)"
        if has_factor "${pair%%=*}"; then
            fail "${pair%%=*} is a factor and a key of a testbed"
        fi
    done
    # What the usual workload needs.
    # shellcheck disable=SC2016 # the text is looked for
    has_factor clients || case $workload in *'$clients'*) factors="${factors}clients=4$newline" ;; esac
    # shellcheck disable=SC2016
    has_factor size || case $workload in *'$size'*) factors="${factors}size=100KB$newline" ;; esac
    for size in $(levels_of size | tr ',' ' '); do
        size_bytes "$size" >/dev/null || fail "--factor size: expected 500B, 100KB, 1MiB, not '$size'"
    done
    for state in $(levels_of instrumented | tr ',' ' '); do
        case $state in true | false) ;; *) fail "--factor instrumented takes true and false" ;; esac
    done
}

has_factor() { printf '%s' "$factors" | grep -q "^$1="; }
levels_of() { printf '%s' "$factors" | sed -n "s/^$1=//p"; }

size_bytes() {
    digits=${1%%[!0-9]*}
    is_count "$digits" || return 1
    case ${1#"$digits"} in
    B | '') echo "$digits" ;;
    KB) echo $((digits * 1000)) ;;
    MB) echo $((digits * 1000000)) ;;
    KiB) echo $((digits * 1024)) ;;
    MiB) echo $((digits * 1048576)) ;;
    *) return 1 ;;
    esac
}

# A campaign that is started again must be the same one; more repetitions are no other campaign.
settings_keep() {
    mkdir -p "$out" || fail "$out cannot be made"
    text="place $place_name$newline$testbeds$factors$seed $port $tracer $capture_at $snapshot $filter$newline$workload$newline$server_command$newline."
    if [ -f "$out/.settings" ]; then
        [ "$text" = "$(cat "$out/.settings")" ] || fail "$out was recorded with other options; take another --out"
    else
        printf '%s\n' "$text" >"$out/.settings"
    fi
}

# All combinations of levels, a line each: key=level,key=level; one line '-' where there is no factor.
scenarios() {
    printf '%s' "$factors" | awk -F= '
        { key[NR] = $1; count[NR] = split($2, list, ","); for (i = 1; i <= count[NR]; i++) level[NR, i] = list[i] }
        function emit(k, text,    i) {
            if (k > NR) { print text == "" ? "-" : text; return }
            for (i = 1; i <= count[k]; i++) emit(k + 1, text (text == "" ? "" : ",") key[k] "=" level[k, i])
        }
        END { emit(1, "") }'
}

# Each repetition of everything comes before the next, so that what drifts touches all alike; within it chance decides,
# by a generator of our own: those of awk differ.
order_write() {
    combinations=$(printf '%s' "$testbeds" | cut -d ' ' -f 1 | while read -r testbed; do scenarios | sed "s/^/$testbed /"; done)
    printf '%s\n' "$combinations" | awk -v seed="$seed" -v repetitions="$repetitions" '
        function below(n) { x = (x * 16807) % 2147483647; return int(x / 2147483647 * n) }
        { line[NR] = $0 }
        END {
            x = seed % 2147483646 + 1
            for (i = 0; i < 10; i++) below(2)
            for (r = 1; r <= repetitions; r++) {
                for (i = NR; i > 1; i--) { j = below(i) + 1; t = line[i]; line[i] = line[j]; line[j] = t }
                for (i = 1; i <= NR; i++) print line[i], r
            }
        }' >"$out/order.txt"
}
