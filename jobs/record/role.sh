#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is done at one end of the workload, client or server. twinbed-record sends this text to a shell there, with a
# call of one of the functions behind it, so nothing needs to be installed at that end. The working directory is that of the run
# at this end.

# Starts a tool of a shell command in the background: NAME.pid, and when it ends NAME.status.
tool_start() { # NAME COMMAND OUTPUT ERRORS
    rm -f "$1.pid" "$1.status"
    # The command keeps the number of the shell that it replaces, so a signal reaches the tool and not a shell around it.
    (
        tool_status=0
        sh -c "echo \$\$ >'$1.pid'; exec $2" >"$3" 2>"$4" </dev/null || tool_status=$?
        echo "$tool_status" >"$1.status"
    ) >/dev/null 2>&1 &
}

# True as soon as the command is true; 1 when it is not within so many tenths of a second.
wait_until() { # TENTHS COMMAND [ARGUMENT...]
    tenths=$1
    shift
    while [ "$tenths" -gt 0 ]; do
        if "$@" 2>/dev/null; then
            return 0
        fi
        sleep 0.1
        tenths=$((tenths - 1))
    done
    return 1
}

has_text() { grep -q "$1" "$2"; }
is_file() { [ -s "$1" ]; }
is_listening() { ss -Hltn "sport = :$1" | grep -q .; }

# Ends a tool and waits for its status: what it still has to write is written then.
tool_stop() { # NAME SIGNAL
    [ -s "$1.pid" ] || return 0
    if [ ! -s "$1.status" ]; then
        kill -s "$2" "$(cat "$1.pid")" 2>/dev/null
        wait_until 100 is_file "$1.status" || kill -s KILL "$(cat "$1.pid")" 2>/dev/null
        wait_until 20 is_file "$1.status" || echo unknown >"$1.status"
    fi
}

# Whether tcpdump has written, or the kernel dropped, all that reached it: a signal makes it say so in a line of its log.
capture_is_written() {
    kill -s USR1 "$(cat tcpdump.pid)" 2>/dev/null || return 0
    sleep 0.1
    tail -n 1 tcpdump.log | awk '/^tcpdump: .* received by filter/ { written = $2 + $10 >= $5 } END { exit !written }'
}

# Packets pass the kernel's buffers some time after they passed the link: the file must stand still for some tenths of a second,
# and nothing may wait for a tcpdump that was not given the processor.
capture_drain() {
    [ -f capture.pcap ] || return 0
    last=-1
    still=0
    tries=100
    while [ "$tries" -gt 0 ]; do
        size=$(wc -c <capture.pcap)
        if [ "$size" -eq "$last" ]; then
            still=$((still + 1))
        else
            still=0
        fi
        last=$size
        tries=$((tries - 1))
        # What the kernel shows twice and tcpdump once, as on lo, is never written.
        if [ "$still" -ge 20 ] || { [ "$still" -ge 4 ] && capture_is_written; }; then
            return 0
        fi
        sleep 0.1
    done
}

# The interface of that name; without a name, the one that has the server's address or leads to it.
interface_of() { # NAME
    if [ -n "$1" ]; then
        echo "$1"
        return 0
    fi
    # shellcheck disable=SC2154 # exported before the call
    far=$(getent ahosts "$server" | head -n 1 | cut -d ' ' -f 1)
    near=$(ip -o addr show to "${far:-$server}" | awk '{ print $2; exit }')
    [ -n "$near" ] || near=$(ip -o route get "${far:-$server}" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
    echo "$near"
}

offload_set() { # INTERFACE on|off
    ethtool -K "$(interface_of "$1")" tso "$2" gso "$2" gro "$2"
}

capture_start() { # INTERFACE SNAPSHOT_LENGTH FILTER
    filter=$(printf '%s' "$3" | sed "s/'/'\\\\''/g")
    # -U: each packet is written as it comes, so that the size tells when all are there. -Z: the file stays root's.
    tool_start tcpdump "tcpdump -i '$(interface_of "$1")' -s '$2' -B 16384 -U -n -Z '$(id -un)' -w capture.pcap '$filter'" /dev/null tcpdump.log
    wait_until 50 has_text 'listening on' tcpdump.log
}

capture_stop() {
    capture_drain
    tool_stop tcpdump INT
    # What it said between is no part of what it says at its end.
    sed -i '/^tcpdump: [0-9]* packets\{0,1\} captured,/d' tcpdump.log
}

# What perf records: calls, who begins and ends, and who leaves its processor.
perf_events=raw_syscalls:sys_enter,raw_syscalls:sys_exit,sched:sched_process_fork,sched:sched_process_exec
perf_events=$perf_events,sched:sched_process_exit,sched:sched_switch

# The tracer of everything here. strace traces what it starts instead: see traced.
trace_start() { # TRACER
    case $1 in
    sysdig)
        tool_start sysdig "sysdig -w trace.scap" /dev/null sysdig.log
        wait_until 100 is_file trace.scap
        ;;
    perf)
        tool_start perf "perf record -q -m 32M -a -o trace.data -e $perf_events" /dev/null perf.log
        wait_until 100 is_file trace.data && sleep 1 # the file is there before its events are asked for
        ;;
    esac
}

trace_stop() { # TRACER
    case $1 in
    sysdig)
        sleep 1 # events wait in the driver's buffers
        tool_stop sysdig INT
        ;;
    perf)
        tool_stop perf INT
        perf_print
        ;;
    esac
}

# The text that twinbed reads, and how often the kernel lost events.
perf_print() {
    [ -s trace.data ] || return 0
    perf script --header --ns --show-lost-events -F comm,pid,tid,cpu,time,event,trace -i trace.data 2>>perf.log |
        gzip -1 >trace.perf.gz
    rm -f trace.data
    gzip -dc trace.perf.gz | grep -c PERF_RECORD_LOST >perf.losses || true
}

# What stands before a command that is traced. -y tells the kinds of descriptors that were open before, such as standard output.
traced() { # TRACER
    if [ "$1" = strace ]; then
        echo "strace -f -ttt -T -y -o trace.strace --"
    fi
}

# The process that serves: below strace, it is strace's child.
server_start() { # COMMAND PORT TRACER
    command=$(printf '%s' "$1" | sed "s/'/'\\\\''/g")
    # shellcheck disable=SC2016 # the inner shell's own number is meant
    tool_start server "$(traced "$3") sh -c 'echo \$\$ >serving.pid; exec $command'" server.out server.log
    if ! wait_until 100 is_listening "$2"; then
        echo "nothing listens on port $2 after 10 s" >&2
        tail -n 3 server.log >&2
        return 1
    fi
}

# Signals to strace end the tracing, not the server: the server is told, and strace ends with it.
server_stop() {
    if [ -s serving.pid ]; then
        kill -s TERM "$(cat serving.pid)" 2>/dev/null
    fi
    [ -s server.pid ] && wait_until 50 is_file server.status
    tool_stop server TERM
}

counters_take() { # before or after, INTERFACE
    mkdir -p counters
    for name in stat diskstats vmstat interrupts; do
        cat "/proc/$name" >"counters/$1.$name" 2>/dev/null
    done
    softnet_take >"counters/$1.softnet"
    ethtool -S "$(interface_of "$2")" >"counters/$1.ethtool" 2>/dev/null
    # Counters of all guests of a host; directories beside them are of single guests.
    grep -s . /sys/kernel/debug/kvm/* >"counters/$1.kvm"
    find counters -name "$1.*" -size 0 -exec rm {} +
    date +%s.%N >"clock.$1"
}

# Of each processor a line of hexadecimal numbers: packets processed, packets dropped, times that the budget was used up.
softnet_take() {
    processed=0
    dropped=0
    squeezed=0
    [ -r /proc/net/softnet_stat ] || return 0
    while read -r first second third rest; do
        processed=$((processed + 0x$first))
        dropped=$((dropped + 0x$second))
        squeezed=$((squeezed + 0x$third))
    done </proc/net/softnet_stat
    printf 'processed: %d\ndropped: %d\ntime_squeeze: %d\n' "$processed" "$dropped" "$squeezed"
}

# What is asked each second while the workload runs.
series_start() {
    mkdir -p counters
    if command -v vmstat >/dev/null; then
        tool_start vmstat 'vmstat -n 1' counters/vmstat.txt vmstat.log
    fi
    if command -v sar >/dev/null; then
        tool_start sar 'env LC_ALL=C sar -u 1' counters/sar.txt sar.log
    fi
}

# sar says its averages at an interrupt; vmstat, which was started in the background, does not hear one.
series_stop() {
    tool_stop vmstat TERM
    tool_stop sar INT
    # A run of less than a second has no series.
    [ "$(wc -l <counters/vmstat.txt 2>/dev/null || echo 0)" -gt 3 ] || rm -f counters/vmstat.txt
    grep -qs '^Average' counters/sar.txt || rm -f counters/sar.txt
}

# Lines of the kernel since the run began. Its buffer is a ring: when the last line before the run is gone, all are new.
# Who may not read it may perhaps read the journal.
kernel_log_before() {
    date +%s >kernel.begin
    dmesg 2>/dev/null | tail -n 1 >kernel.last
}
kernel_log_after() {
    # The first line says that the log was read, though the kernel may have said nothing.
    if dmesg >kernel.all 2>/dev/null; then
        echo "# kernel log of the run" >kernel.log
        last=$(cat kernel.last) awk '{ line[n++] = $0; if ($0 == ENVIRON["last"]) from = n }
            END { for (i = from + 0; i < n; i++) print line[i] }' kernel.all >>kernel.log
    elif journalctl -q -k --since "@$(cat kernel.begin)" >kernel.all 2>/dev/null; then
        { echo "# kernel log of the run" && cat kernel.all; } >kernel.log
    fi
    rm -f kernel.begin kernel.last kernel.all
}

notes_after() {
    rm -rf documents temporary # of the server
    kernel_log_after
}

# What this end is: kernel, processor, clock, the interface and its offloads.
machine_note() { # INTERFACE
    {
        uname -a
        cat /proc/cmdline
        LC_ALL=C lscpu || grep -m 1 'model name' /proc/cpuinfo
        echo "processors: $(nproc)"
        echo "governor: $(cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor 2>/dev/null)"
        echo "clocksource: $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2>/dev/null)"
        chronyc -n tracking 2>/dev/null
    } >machine.txt 2>/dev/null
    if command -v ethtool >/dev/null; then
        for about in -i -k -g -c -l; do
            ethtool "$about" "$(interface_of "$1")"
        done >offload.txt 2>&1
    fi
}

notes_before() { # INTERFACE
    machine_note "$1"
    kernel_log_before
}

version_of() { # TOOL
    case $1 in
    owping) echo installed ;;
    nginx) nginx -v 2>&1 ;;
    ab) ab -V 2>&1 | head -n 1 ;;
    sar) sar -V 2>&1 | head -n 1 ;;
    *) "$1" --version 2>&1 </dev/null | head -n 1 ;;
    esac
}

# The tools that are here, a line each: name, tab, version.
tools_list() {
    for tool in tcpdump strace perf sysdig owping ethtool vmstat sar ab nginx; do
        if command -v "$tool" >/dev/null; then
            printf '%s\t%s\n' "$tool" "$(version_of "$tool")"
        fi
    done
}

# sysdig needs its driver.
has_sysdig_driver() { [ -e /dev/sysdig0 ] || [ -e /dev/scap0 ]; }

# perf needs the kernel's leave to see the calls of all.
may_perf_record() { perf record -q -a -o /dev/null -e "$perf_events" true >/dev/null 2>&1; }

workload_run() { # COMMAND TRACER LIMIT INTERFACE
    cat >workload.sh <<TEXT
$1
TEXT
    status=0
    counters_take before "$4"
    # A run is broken by the first of several commands that fails, not by the last alone.
    # shellcheck disable=SC2046 # the words before the command are words
    timeout "$3" $(traced "$2") sh -e workload.sh >workload.txt 2>workload.log </dev/null &
    echo $! >workload.pid
    wait $! || status=$?
    counters_take after "$4"
    echo "$status" >workload.status
}

# After a stop: nothing that was started stays.
all_stop() {
    if [ -s workload.pid ] && [ ! -s workload.status ]; then
        kill -s TERM "$(cat workload.pid)" 2>/dev/null
    fi
    for name in owping sysdig perf sar; do
        tool_stop "$name" INT
    done
    tool_stop vmstat TERM
    tool_stop tcpdump INT
    server_stop
}
