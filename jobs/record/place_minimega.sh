#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A place to record in: two virtual machines of minimega on this host. See place_namespaces.sh for what a place answers.
# Commands are those of minimega's own help texts (vm, cc, capture). Files go to and come from the machines by miniccc,
# their agent, through minimega's directory of files.
# shellcheck disable=SC2034,SC2154 # variables are shared with the core

minimega=minimega
files=/tmp/minimega/files
space=twinbed
machines=
boot_limit=300
prefix=twinbed$$
far=/tmp/twinbed-record.$$
sent_to=/tmp/miniccc/files # where miniccc puts what it is sent
client_machine=twinbed-client
server_machine=twinbed-server

place_help() {
    cat <<'TEXT'
minimega: client and server are KVM machines of a minimega that runs on this host. They are launched for each run, and captured on
the host. Takes who may talk to minimega (root). The image needs miniccc, and what the workload and the server need.
  --machines FILE     lines for minimega before a launch, such as "vm config disk image.qc2" and "vm config memory 1024"
  --minimega COMMAND  the program (minimega)
  --files DIR         minimega's directory of files (/tmp/minimega/files)
  --namespace NAME    of minimega, which is emptied (twinbed)
  --boot SECONDS      that a machine may take until miniccc answers (300)
  keys of testbeds and factors:
    driver=NAME       of the network device, as minimega (qemu) calls it: e1000, virtio-net-pci, ... (e1000)
    vcpus=N           of each machine (1)
    vlan=NAME         that joins them (twinbed)
    interface=NAME    in both machines (eth0)
    offload=on|off    TCP segmentation, generic segmentation and generic receive offload, by ethtool, in both machines
TEXT
}

place_option() { # OPTION VALUE
    case $1 in
    --machines) machines=$2 ;;
    --minimega) minimega=$2 ;;
    --files) files=$2 ;;
    --namespace)
        is_level "$2" || fail "--namespace: a name is made of letters, digits and . _ + -, not '$2'"
        space=$2
        ;;
    --boot) boot_limit=$2 ;;
    *) return 1 ;;
    esac
}
place_keys() { echo "driver vcpus vlan interface offload"; }

# One command for minimega through its socket, in a namespace of its own: whatever else runs there is not touched.
mm() { "$minimega" -e namespace "$space" "$@" </dev/null; }

place_set_up() {
    command -v "$minimega" >/dev/null || fail "there is no $minimega"
    [ -z "$machines" ] || [ -r "$machines" ] || fail "--machines: $machines cannot be read"
    [ -d "$files" ] || fail "--files: there is no directory $files"
    mm vm info >/dev/null || fail "minimega does not answer"
    responses=$files/$space/miniccc_responses
    sent=$files/$prefix
    mkdir -p "$sent" || fail "$sent cannot be made"
    address=10.203.0.2
    captures_on_host=true
}

machine_of() { # ROLE
    case $1 in
    client) echo "$client_machine" ;;
    *) echo "$server_machine" ;;
    esac
}

place_tear_down() {
    machines_end
    rm -rf "${sent:?}"
}

machines_end() {
    mm capture pcap delete vm all >/dev/null 2>&1
    for end in client server; do
        mm vm kill "$(machine_of "$end")" >/dev/null 2>&1
    done
    mm vm flush >/dev/null 2>&1
}

# Machines are launched anew for each run, so that nothing is left of the run before.
place_configure() {
    machines_end
    mm clear vm config >/dev/null || return 1
    if [ -n "$machines" ]; then
        while read -r line; do
            # shellcheck disable=SC2086 # its words
            case $line in '' | '#'*) ;; *) mm $line >/dev/null || return 1 ;; esac
        done <"$machines"
    fi
    mm vm config vcpus "$(level_of vcpus 1)" >/dev/null &&
        mm vm config net "$(level_of vlan twinbed),$(level_of driver e1000)" >/dev/null || return 1
    interface=$(level_of interface eth0)
    for end in client server; do
        mm vm launch kvm "$(machine_of "$end")" >/dev/null && mm vm start "$(machine_of "$end")" >/dev/null || return 1
    done
    machine_configure client 10.203.0.1 && machine_configure server "$address"
}

machine_configure() { # ROLE ADDRESS
    state=$(level_of offload "")
    # The first answer comes when the machine has booted.
    answers_within=$boot_limit
    place_run "$1" <<TEXT || return 1
ip addr add $2/24 dev $interface && ip link set $interface up || exit 1
${state:+ethtool -K $interface tso $state gso $state gro $state || exit 1}
TEXT
    answers_within=$((limit + 60))
}

# What follows is for that machine alone. minimega keeps commands under a prefix, by which they are found again.
machine_choose() { # ROLE
    command_prefix=$prefix-$(date +%s%N)
    mm cc filter "name=$(machine_of "$1")" >/dev/null && mm cc prefix "$command_prefix" >/dev/null
}

# The number of the last command for the machine, under which its answer lies.
command_number() {
    number_of=$(mm .annotate false .headers false .csv true .columns id,prefix cc commands |
        sed -n "s/^\([0-9]*\),$command_prefix\$/\1/p" | sort -n | tail -n 1)
    [ -n "$number_of" ]
}

# Commands stay until they are deleted, and would be given again to a machine that is launched under the same name.
machine_forget() {
    mm cc delete command "$command_prefix" >/dev/null
    mm cc delete response "$command_prefix" >/dev/null
}

# minimega asks machines for what they have each few seconds at most.
machine_wait() { # FILE below the answer, TENTHS
    tenths=$2
    while [ "$tenths" -gt 0 ]; do
        for answer in "$responses/$number_of"/*/; do
            if [ -e "$answer$1" ]; then
                return 0
            fi
        done
        sleep 0.1
        tenths=$((tenths - 1))
    done
    return 1
}

# A shell at one end, which reads its commands from standard input. They are sent as a file: no words need to be quoted for minimega.
place_run() { # ROLE
    script=$1-$(date +%s%N).sh
    { echo "mkdir -p $far/$1 && cd $far/$1 || exit 1" && cat; } >"$sent/$script"
    machine_choose "$1" && mm cc send "$prefix/$script" >/dev/null &&
        mm cc exec sh "$sent_to/$prefix/$script" >/dev/null && command_number || return 1
    status=1
    if machine_wait exitcode $((answers_within * 10)); then
        status=$(cat "${answer}exitcode")
        [ ! -f "${answer}stdout" ] || cat "${answer}stdout"
        [ ! -f "${answer}stderr" ] || cat "${answer}stderr" >&2
    else
        echo "$(machine_of "$1") did not answer: is miniccc there?" >&2
    fi
    machine_forget
    rm -f "$sent/$script"
    return "$status"
}

# The whole has come when it is as long as the machine says.
place_fetch() { # ROLE
    long=$(echo "tar cf '../$1.tar' . && wc -c <'../$1.tar'" | place_run "$1") || return 1
    machine_choose "$1" && mm cc recv "$far/$1.tar" >/dev/null && command_number || return 1
    tries=600
    while machine_wait "$far/$1.tar" 600 && [ "$tries" -gt 0 ]; do
        if [ "$(wc -c <"$answer$far/$1.tar")" -eq "$long" ]; then
            tar xf "$answer$far/$1.tar" -C "$work/$1"
            fetched=$?
            machine_forget
            return "$fetched"
        fi
        sleep 0.1
        tries=$((tries - 1))
    done
    machine_forget
    return 1
}

# Captures are taken by minimega at the machine's side of its switch.
place_capture_start() { # ROLE
    # shellcheck disable=SC2086 # a filter is words
    mm capture pcap snaplen "$snapshot" >/dev/null && { [ -z "$filter" ] || mm capture pcap filter "$filter" >/dev/null; } &&
        mm capture pcap vm "$(machine_of "$1")" 0 "$sent/$1.pcap" >/dev/null
}

# minimega says no numbers of dropped packets.
place_capture_stop() { # ROLE
    capture_settle "$sent/$1.pcap"
    mm capture pcap delete vm "$(machine_of "$1")" >/dev/null
    [ ! -f "$sent/$1.pcap" ] || mv "$sent/$1.pcap" "$work/$1/capture.pcap"
}

# A file that has stood still for half a second.
capture_settle() { # FILE
    last=-1
    still=0
    tries=100
    while [ "$still" -lt 5 ] && [ "$tries" -gt 0 ]; do
        size=$(wc -c <"$1" 2>/dev/null || echo 0)
        [ "$size" -eq "$last" ] && still=$((still + 1)) || still=0
        last=$size
        tries=$((tries - 1))
        sleep 0.1
    done
}
