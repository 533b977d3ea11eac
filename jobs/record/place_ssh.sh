#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A place to record in: two hosts that ssh reaches without asking. See place_namespaces.sh for what a place answers.
# shellcheck disable=SC2034,SC2154 # variables are shared with the core

far=/tmp/twinbed-record.$$

place_help() {
    cat <<'TEXT'
ssh: client and server are hosts that ssh reaches without a password; users and ports stand in ssh's own configuration.
tcpdump, sysdig and ethtool take root there.
  keys of testbeds:
    client=HOST server=HOST   both required
    address=ADDRESS   of the server, as the client sees it (the server's HOST)
    interface=NAME    that carries the workload, at both ends (eth0)
  keys of testbeds and factors:
    offload=on|off    TCP segmentation, generic segmentation and generic receive offload, by ethtool, at both ends
TEXT
}

place_option() { return 1; }
place_keys() { echo "client server address interface offload"; }

place_set_up() { command -v ssh >/dev/null || fail "there is no ssh"; }

place_tear_down() {
    for end in client server; do
        [ -z "$(host_of "$end")" ] || on_host "$end" "rm -rf '$far'" </dev/null
    done
}

host_of() { [ -z "${testbed_keys-}" ] || level_of "$1" ""; }
on_host() { ssh -o BatchMode=yes -- "$(host_of "$1")" "$2"; }

place_configure() {
    for end in client server; do
        if [ -z "$(host_of "$end")" ]; then
            echo "the testbed says no $end" >&2
            return 1
        fi
        on_host "$end" "rm -rf '$far'" </dev/null || return 1
    done
    address=$(level_of address "$(host_of server)")
    interface=$(level_of interface eth0)
    state=$(level_of offload "")
    if [ -n "$state" ]; then
        for end in client server; do
            on_host "$end" "ethtool -K '$interface' tso $state gso $state gro $state" </dev/null || return 1
        done
    fi
}

place_run() { # ROLE
    on_host "$1" "mkdir -p '$far/$1' && cd '$far/$1' && sh -s"
}

place_fetch() { # ROLE
    on_host "$1" "cd '$far/$1' && tar cf - ." </dev/null >"$work/$1.tar" && tar xf "$work/$1.tar" -C "$work/$1" &&
        rm -f "$work/$1.tar" && on_host "$1" "rm -rf '$far/$1'" </dev/null
}
