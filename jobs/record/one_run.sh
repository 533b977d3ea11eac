#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One run: what is done in which order, and its run.json. Read by twinbed-record.
# shellcheck disable=SC2154 # variables are shared with the core

# A function of role.sh at one end, with the levels of the run as variables.
role_call() { # ROLE FUNCTION [ARGUMENT...]
    role=$1
    shift
    call=
    for argument in "$@"; do
        case $argument in *"'"*) argument=$(quote "$argument") ;; esac
        call="$call '$argument'"
    done
    printf '%s\n' "$role_text" "export server='$address' port='$port'" "$(levels_export)" "$call" | place_run "$role"
}

# Levels have no characters that a shell would take for its own: see is_level.
levels_export() {
    old_ifs=$IFS
    IFS=,
    for pair in ${levels#-}; do
        echo "export $pair"
    done
    IFS=$old_ifs
}

# The level of a factor, or of the testbed's own key, or the default.
level_of() { # KEY DEFAULT
    case ",$levels,$testbed_keys," in
    *",$1="*)
        level=",$levels,$testbed_keys,"
        level=${level#*",$1="}
        echo "${level%%,*}"
        ;;
    *) echo "$2" ;;
    esac
}

run_one() { # TESTBED SCENARIO REPETITION
    parent=$out/$1
    [ "$2" = - ] || parent=$parent/$2
    name=$(printf '%02d' "$3")
    if [ -f "$parent/rep-$name/run.json" ]; then
        return 0
    fi
    levels=$2
    testbed_keys=$(printf '%s' "$testbeds" | sed -n "s/^$1 //p")
    case " ${warm-} " in
    *" $1 "*) ;;
    *)
        warm="${warm-} $1"
        left=$warm_up
        while [ "$left" -gt 0 ]; do
            warm_up_run "$1"
            left=$((left - 1))
        done
        ;;
    esac
    say "run $number of $total: $1 $2 repetition $3"
    work=$parent/.recording-$name
    mkdir -p "$work/client" "$work/server"
    begin=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    instrumented=$(level_of instrumented true)
    if record "$1" && run_is_whole; then
        run_json complete "" "$1" "$3"
        notes_put
        mv "$work" "$parent/rep-$name"
        work=
        # A look at the first run is worth most.
        [ -f "$out/campaign.yaml" ] || campaign_file_write
        return 0
    fi
    run_break "${trouble:-the recorder could not go on}" "$1" "$3"
    return 1
}

# The same as a run but that nothing looks on, and that its directory is hidden.
warm_up_run() { # TESTBED
    work=$out/.warm-up/$1-$left
    say "warming $1 up"
    rm -rf "$work"
    mkdir -p "$work/client" "$work/server"
    begin=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    instrumented=false
    record "$1" || say "the warm-up of $1 failed: ${trouble-}"
    run_json warm-up "${trouble-}" "$1" 0
    work=
}

record() { # TESTBED
    trouble=
    if ! place_configure 2>"$work/configure.log"; then
        trouble="the testbed could not be made: $(head -n 3 "$work/configure.log")"
        return 1
    fi
    [ -s "$work/configure.log" ] || rm -f "$work/configure.log"
    # Asked once for each testbed: programs take their time to say their versions.
    for end in client server; do
        [ -f "$out/.tools/$1.$end" ] || role_call "$end" tools_list >"$out/.tools/$1.$end"
    done
    tools_client=$(cat "$out/.tools/$1.client")
    tools_server=$(cat "$out/.tools/$1.server")
    tools_choose
    for end in client server; do
        role_call "$end" notes_before "$interface"
    done
    start_all && workload_do
    stop_all
    for end in client server; do
        role_call "$end" notes_after
        place_fetch "$end" || trouble="${trouble:-files of the $end could not be fetched}"
    done
    [ -z "$trouble" ]
}

tools_of_end() { # ROLE
    case $1 in
    client) printf '%s' "${tools_client-}" ;;
    *) printf '%s' "${tools_server-}" ;;
    esac
}
has_tool() { printf '%s\n' "$1" | grep -q "^$2	"; }

# What of what was asked for is there. Said once.
tools_choose() {
    capture_roles=
    run_tracer=none
    if [ "$instrumented" = true ]; then
        for end in client server; do
            case $capture_at in
            *$end*)
                if [ -n "$captures_on_host" ] || has_tool "$(tools_of_end "$end")" tcpdump; then
                    capture_roles="$capture_roles $end"
                else
                    say_once "no tcpdump at the $end: no capture"
                fi
                ;;
            esac
        done
        run_tracer=$tracer
        if [ "$tracer" != none ] && ! has_tool "$tools_client" "$tracer"; then
            say_once "no $tracer at the client: no traces"
            run_tracer=none
        elif [ "$tracer" = sysdig ] && ! role_call client has_sysdig_driver; then
            say_once "no driver of sysdig at the client: no traces (--trace perf and --trace strace need none)"
            run_tracer=none
        elif [ "$tracer" = perf ] && ! role_call client may_perf_record; then
            say_once "perf may not record calls at the client: no traces (--trace strace needs no leave)"
            run_tracer=none
        fi
    fi
    for tool in ethtool vmstat sar; do
        [ "$instrumented" != true ] || has_tool "$tools_client" "$tool" || say_once "no $tool at the client: no counters of it"
    done
    if [ -z "$server_command" ]; then
        server_choose
    fi
    served=${server_command:-$served}
    printf '%s\n' "$served" >"$out/.served"
}

say_once() {
    case ${said-} in
    *"[$1]"*) ;;
    *)
        said="${said-}[$1]"
        say "$1"
        ;;
    esac
}

# What serves a directory with a file of each size.
server_choose() {
    served="python3 -m http.server $port --directory documents"
    # shellcheck disable=SC2016 # a variable of the shell at the server
    case $tools_server in
    *nginx*) served='nginx -p "$PWD/" -c nginx.conf' ;;
    esac
    size=$(level_of size 100KB)
    place_run server <<TEXT
mkdir -p documents temporary
head -c $(size_bytes "$size") /dev/zero >'documents/$size'
cat >nginx.conf <<'CONFIGURATION'
daemon off;
master_process off;
pid temporary/pid;
error_log temporary/errors;
events { }
http {
    access_log off;
    client_body_temp_path temporary; proxy_temp_path temporary; fastcgi_temp_path temporary;
    uwsgi_temp_path temporary; scgi_temp_path temporary;
    server { listen $port; root documents; }
}
CONFIGURATION
TEXT
}

start_all() {
    clock_note before
    trace_at trace_start || return 1 # before the server: perf knows sockets from the calls that make them
    if [ "$served" != none ]; then
        # sysdig and perf trace the machine; strace what it starts.
        if ! role_call server server_start "$served" "$port" "$run_tracer" 2>"$work/server/start.log"; then
            trouble="the server does not run: $(head -n 3 "$work/server/start.log")"
            return 1
        fi
        rm -f "$work/server/start.log"
    fi
    for end in $capture_roles; do
        if ! place_capture_start "$end"; then
            trouble="the capture at the $end did not begin: see its log"
            return 1
        fi
    done
    latency_start
    series_at series_start
}

# The counters of each machine; on one machine those of the client are all.
series_at() { # FUNCTION
    [ "$instrumented" = true ] || return 0
    role_call client "$1"
    [ -n "${one_machine-}" ] || role_call server "$1"
}

# The client takes its own as it begins and ends the workload, so those of the server stand around them.
counters_at_server() { # before or after
    [ "$instrumented" != true ] || [ -n "${one_machine-}" ] || role_call server counters_take "$1" "$interface"
}

# At the ends themselves, but for a place that takes them elsewhere.
captures_on_host=
place_capture_start() { role_call "$1" capture_start "$interface" "$snapshot" "$filter"; } # ROLE
place_capture_stop() { role_call "$1" capture_stop; }                                       # ROLE

trace_at() { # FUNCTION
    case $run_tracer in
    sysdig | perf) ;;
    *) return 0 ;;
    esac
    role_call client "$1" "$run_tracer" || trouble="${trouble:-$run_tracer did not begin: see its log}"
    [ -n "${one_machine-}" ] || role_call server "$1" "$run_tracer" || trouble="${trouble:-$run_tracer did not begin: see its log}"
    [ -z "$trouble" ]
}

# owping measures while the workload runs, if owampd listens at the server.
latency_start() {
    if [ "$instrumented" != true ] || ! has_tool "$tools_client" owping || ! role_call server is_listening 861; then
        [ "$instrumented" != true ] || say_once "no owping at the client, or no owampd that listens at the server: no latency"
        return 0
    fi
    : >"$work/latency"
    role_call client tool_start owping "owping -c 100 -i 0.1 $address" owping.txt owping.log
}

workload_do() {
    counters_at_server before
    # A shell hears of signals while it waits, but not while it runs something itself.
    role_call client workload_run "$workload" "$run_tracer" "$limit" "$interface" &
    wait $! || return
    counters_at_server after
}

# Captures are stopped after the workload and before the server: what comes then belongs to no request.
stop_all() {
    series_at series_stop
    trace_at trace_stop
    for end in $capture_roles; do
        place_capture_stop "$end"
    done
    [ ! -f "$work/latency" ] || role_call client tool_stop owping INT
    rm -f "$work/latency"
    [ "$served" = none ] || role_call server server_stop
    clock_note after
}

# How far the clocks of both ends are ahead of this machine's, in seconds, as far as the time that asking takes allows.
clock_note() { # before or after
    [ -z "${one_machine-}" ] || return 0
    for end in client server; do
        first=$(date +%s.%N)
        there=$(echo 'date +%s.%N' | place_run "$end")
        second=$(date +%s.%N)
        echo "$first $there $second" |
            awk '{ printf "%.6f %.6f\n", $2 - ($1 + $3) / 2, ($3 - $1) / 2 }' >"$work/$end/clock_ahead.$1"
    done
}

run_is_whole() {
    status=$(cat "$work/client/workload.status" 2>/dev/null)
    case $status in
    0) ;;
    124) trouble="the workload took longer than $limit s" ;;
    *) trouble="the workload ended with status ${status:-unknown}" ;;
    esac
    for end in $capture_roles; do
        if [ -n "$captures_on_host" ]; then
            [ -s "$work/$end/capture.pcap" ] || trouble="there is no capture of the $end"
        else
            [ "$(cat "$work/$end/tcpdump.status" 2>/dev/null)" = 0 ] || trouble="tcpdump at the $end failed: see its log"
        fi
    done
    [ -z "$trouble" ]
}

# What twinbed reads and what the workload wrote stays in sight; the rest is kept where check does not name it.
notes_put() {
    for end in client server; do
        mkdir -p "$work/.notes/$end"
        rm -f "$work/$end"/*.pid
        for note in "$work/$end"/machine.txt "$work/$end"/offload.txt "$work/$end"/nginx.conf \
            "$work/$end"/clock* "$work/$end"/*.status "$work/$end"/server.* "$work/$end"/workload.sh "$work/$end"/workload.log \
            "$work/$end"/sysdig.log "$work/$end"/perf.log "$work/$end"/perf.losses "$work/$end"/owping.log "$work/$end"/vmstat.log "$work/$end"/sar.log; do
            [ ! -e "$note" ] || mv "$note" "$work/.notes/$end/"
        done
    done
}

run_break() { # REASON [TESTBED REPETITION]
    try=1
    # The numbers of starts, not of repetitions.
    name=${work##*/.recording-}
    while [ -e "${work%/*}/broken-$name-$try" ]; do
        try=$((try + 1))
    done
    run_json broken "$1" "${2-}" "${3-0}"
    mv "$work" "${work%/*}/broken-$name-$try"
    say "broken: $1"
    work=
}

# What a stop of this machine left.
leftovers_break() {
    find "$out" -mindepth 2 -maxdepth 3 -type d -name '.recording-*' >"$out/.leftovers"
    while read -r work; do
        run_break "the recorder was stopped in the middle of it"
    done <"$out/.leftovers"
    rm -f "$out/.leftovers"
}

# Nothing here takes a process of its own but what must: on a busy machine processes are what a run waits for.
json_text_field() { # KEY TEXT
    printf '  "%s": ' "$1"
    json_text "$2"
    echo ,
}
json_line_field() { # KEY FILE: its first line as text, null where there is none
    if [ -s "$2" ]; then
        IFS= read -r line <"$2"
        json_text_field "$1" "$line"
    else
        json_number_field "$1"
    fi
}
json_number_field() { printf '  "%s": %s,\n' "$1" "${2:-null}"; } # KEY [NUMBER]
json_packets_fields() { # END LOG: the numbers of tcpdump's last lines
    captured=
    dropped=
    if [ -s "$2" ]; then
        captured=$(count_before captured "$2")
        dropped=$(count_before 'dropped by kernel' "$2")
    fi
    json_number_field "$1_packets_captured" "$captured"
    json_number_field "$1_packets_dropped" "$dropped"
}
count_before() { sed -n "s/^\([0-9]*\) packets\{0,1\} $1.*/\1/p" "$2" | tail -n 1; } # WORDS LOG

run_json() { # STATE REASON TESTBED REPETITION
    {
        echo "{"
        json_number_field format 1
        json_text_field recorder "twinbed-record $recorder_version"
        json_text_field state "$1"
        json_text_field reason "$2"
        json_text_field place "${place_name-}"
        json_text_field testbed "$3"
        json_text_field testbed_keys "${testbed_keys-}"
        json_text_field levels "${levels-}"
        json_number_field repetition "$4"
        json_number_field order "${number:-0}"
        json_number_field seed "$seed"
        json_text_field begin "${begin-}"
        json_text_field end "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
        json_text_field workload "$workload"
        json_line_field workload_status "$work/client/workload.status"
        json_text_field server "${served-}"
        json_line_field server_status "$work/server/server.status"
        json_text_field tracer "${run_tracer-none}"
        json_end_fields client "${tools_client-}"
        json_end_fields server "${tools_server-}"
        echo "  \"instrumented\": \"${instrumented-}\""
        echo "}"
    } >"$work/run.json"
}

json_end_fields() { # END TOOLS
    json_text_field "$1_tools" "$2"
    json_line_field "$1_kernel" "$work/$1/machine.txt"
    json_line_field "$1_clock_ahead_before" "$work/$1/clock_ahead.before"
    json_line_field "$1_clock_ahead_after" "$work/$1/clock_ahead.after"
    json_line_field "$1_tcpdump_status" "$work/$1/tcpdump.status"
    json_packets_fields "$1" "$work/$1/tcpdump.log"
    json_line_field "$1_sysdig_status" "$work/$1/sysdig.status"
    json_line_field "$1_perf_status" "$work/$1/perf.status"
    json_line_field "$1_perf_losses" "$work/$1/perf.losses"
}

# Packets that the kernel did not give to tcpdump are lost to the results.
drops_tell() {
    lossy=$(find "$out" -path '*/rep-*/run.json' -exec grep -lE '"[a-z]+_packets_dropped": [1-9]' {} + | wc -l)
    [ "$lossy" -eq 0 ] || say "in $lossy runs the kernel dropped packets before tcpdump had them: see *_packets_dropped in run.json"
}
