#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The campaign file of what was recorded. Read by twinbed-record.
# shellcheck disable=SC2154 # variables are shared with the core

campaign_mark='# Written by twinbed-record, and again by each start; delete this line to keep a file of your own.'

# Whether some run has the file.
recorded() { find "$out" -path "*/rep-*/$1" -size +0 | grep -q .; }

factor_type() { # KEY LEVELS
    case $1 in
    size) echo '{type: bytes}' ;;
    rate) echo '{type: rate}' ;;
    offload | bridge | instrumented) echo '{type: boolean}' ;;
    delay) echo '{type: number, unit: ms}' ;;
    loss) echo '{type: number, unit: "%"}' ;;
    mtu) echo '{type: number, unit: bytes}' ;;
    *)
        case $2 in
        *[!0-9,]*) echo '{type: text}' ;;
        *) echo '{type: number}' ;;
        esac
        ;;
    esac
}

# "TOOL" of both ends, as a map of those that have the file.
ends_with() { # FILE
    ends=
    for role in client server; do
        if recorded "$role/$1"; then
            ends="$ends${ends:+, }$role: $role/$1"
        fi
    done
    echo "$ends"
}

# Standard output of a program that twinbed reads; which it is, twinbed tells by its content.
workload_write() {
    recorded client/workload.txt || return 0
    if grep -q '^This is ApacheBench' "$(find "$out" -path '*/rep-*/client/workload.txt' | head -n 1)"; then
        echo "  ab: {text: client/workload.txt, csv: client/ab.csv, tsv: client/ab.tsv}"
        return 0
    fi
    case ${workload%% *} in
    wrk | wrk2 | h2load | hey | vegeta | iperf3 | fio | sockperf | ping) echo "  workload: client/workload.txt" ;;
    esac
}

artifacts_write() {
    workload_write
    if recorded client/owping.txt; then
        echo "  latency: client/owping.txt"
    fi
    captures=$(ends_with capture.pcap)
    if [ -n "$captures" ]; then
        echo "  capture: {$captures}"
        capture_logs=$(ends_with tcpdump.log)
        [ -z "$capture_logs" ] || echo "  capture_log: {$capture_logs}"
    fi
    case $tracer in
    sysdig) echo "  trace: {client: client/trace.scap, server: [server/trace.scap, client/trace.scap]}" ;;
    perf) echo "  trace: {client: client/trace.perf.gz, server: [server/trace.perf.gz, client/trace.perf.gz]}" ;;
    strace) echo "  trace: {client: client/trace.strace, server: server/trace.strace}" ;;
    esac
    kernel_logs=$(ends_with kernel.log)
    if [ -n "$kernel_logs" ]; then
        echo "  kernel_log: {$kernel_logs}"
    fi
    echo "  counters: client/counters"
    if recorded 'server/counters/*'; then
        echo "  # counters: server/counters    # those of the server's machine, instead"
    fi
}

campaign_file_write() { # after a run, of this start or another: it tells what serves
    file=$out/campaign.yaml
    if [ -f "$file" ] && [ "$(head -n 1 "$file")" != "$campaign_mark" ]; then
        return 0
    fi
    {
        echo "$campaign_mark"
        echo "campaign: $(yaml_text "$(basename "$out")")"
        echo "baseline: $(printf '%s' "$testbeds" | head -n 1 | cut -d ' ' -f 1)"
        path=$(printf '%s' "$factors" | cut -d = -f 1 | sed 's/.*/&={&}/' | paste -s -d , -)
        echo "runs: \"{testbed}/${path}${path:+/}rep-{rep}\""
        if [ -n "$factors" ]; then
            echo "factors:"
            printf '%s' "$factors" | while IFS='=' read -r key levels; do
                echo "  $key: $(factor_type "$key" "$levels")"
            done
        fi
        echo "server_port: $port"
        echo "artifacts:"
        artifacts_write
        if [ "$tracer" != none ]; then
            clients_process=${processes%%,*}
            servers_process=${processes#*,}
            echo "process: {client: $(yaml_text "${clients_process:-${workload%% *}}"), server: $(yaml_text "${servers_process:-$(cut -d ' ' -f 1 "$out/.served")}")}"
        fi
        [ -z "$append" ] || cat "$append"
    } >"$file.new" && mv "$file.new" "$file"
}
