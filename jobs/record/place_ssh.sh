#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A place to record in: two hosts that ssh reaches without asking. See place_namespaces.sh for what a place answers.
# shellcheck disable=SC2034,SC2154 # variables are shared with the core

far=/tmp/twinbed-record.$$
ssh_config=

place_help() {
    cat <<'TEXT'
ssh: client and server are hosts that ssh reaches without asking: with a key, and with their host keys known (log in once
by hand). Users and ports stand in ssh's own configuration. tcpdump, sysdig and ethtool take root there.
  --ssh-config FILE   another configuration of ssh
  keys of testbeds:
    client=HOST server=HOST   both required
    address=ADDRESS   of the server, as the client sees it (the server's HOST)
    interface=NAME    that carries the workload, at both ends (the one that leads to the server's address)
  keys of testbeds and factors:
    offload=on|off    TCP segmentation, generic segmentation and generic receive offload, by ethtool, at both ends
TEXT
}

place_option() { # OPTION VALUE
    [ "$1" = --ssh-config ] || return 1
    ssh_config=$2
}
place_keys() { echo "client server address interface offload"; }

# One login to each host, which all commands use: logins take time, and work at the hosts while something is measured there.
place_set_up() {
    command -v ssh >/dev/null || fail "there is no ssh"
    [ -z "$ssh_config" ] || [ -r "$ssh_config" ] || fail "--ssh-config: $ssh_config cannot be read"
    login=$(mktemp -d) || fail "no directory for logins"
}

place_tear_down() {
    for end in client server; do
        if [ -n "$(host_of "$end")" ]; then
            on_host "$end" "rm -rf '$far'" </dev/null
        fi
    done
    for socket in "${login:-.}"/*-login; do
        [ ! -S "$socket" ] || ssh -o ControlPath="$socket" -O exit -- any 2>/dev/null
    done
    rm -rf "${login:-}"
}

host_of() { [ -z "${testbed_keys-}" ] || level_of "$1" ""; }
# A socket's name may have some 100 characters, so it says the host by ssh's own short number.
on_host() { # ROLE COMMAND
    ssh ${ssh_config:+-F "$ssh_config"} -o BatchMode=yes -o ControlMaster=auto -o ControlPersist=60 -o ControlPath="$login/%C-login" \
        -- "$(host_of "$1")" "$2"
}

place_configure() {
    for end in client server; do
        if [ -z "$(host_of "$end")" ]; then
            echo "the testbed says no $end" >&2
            return 1
        fi
        on_host "$end" "rm -rf '$far'" </dev/null || return 1
    done
    address=$(level_of address "$(host_of server)")
    interface=$(level_of interface "")
    state=$(level_of offload "")
    if [ -n "$state" ]; then
        for end in client server; do
            role_call "$end" offload_set "$interface" "$state" || return 1
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
