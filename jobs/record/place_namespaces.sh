#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A place to record in: two network namespaces of this machine, joined by veth, or by a bridge between two veth.
# What a place answers: place_help, place_option, place_keys, place_set_up, place_tear_down, place_configure, place_run, place_fetch.
# shellcheck disable=SC2034,SC2154 # variables are shared with the core

# Names of this recording alone, so that several may run at once.
client_space=tbc$$
server_space=tbs$$
bridge_space=tbb$$

place_help() {
    cat <<'TEXT'
namespaces: client and server are network namespaces of this machine, joined by a veth pair. Takes root.
  keys of testbeds and factors, set at both ends:
    offload=on|off    TCP segmentation, generic segmentation and generic receive offload
    rate=100Mbit      by tc tbf, or netem where there is a delay or loss
    delay=MS loss=PERCENT   by tc netem
    mtu=BYTES         of the link
    bridge=on|off     a bridge between the ends
TEXT
}

place_option() { return 1; }
place_keys() { echo "offload rate delay loss mtu bridge"; }

place_set_up() {
    [ "$(id -u)" -eq 0 ] || fail "namespaces takes root"
    command -v ip >/dev/null || fail "namespaces needs ip (Debian: iproute2)"
    ip netns add "$client_space" || fail "this machine lets nobody make a network namespace"
    address=10.203.0.2
    interface=eth0
    one_machine=true
}

place_tear_down() {
    for space in "$client_space" "$server_space" "$bridge_space"; do
        ip netns del "$space" 2>/dev/null || true
    done
}

# A pair of links between two namespaces, called eth0 in the first and NAME in the second.
join() { # SPACE OTHER_SPACE NAME
    ip -n "$1" link add eth0 type veth peer name "$3" netns "$2"
}

# Everything is made anew for each run: no queue, neighbour or counter is left from the run before.
place_configure() {
    place_tear_down
    ip netns add "$client_space" && ip netns add "$server_space" || return 1
    if [ "$(level_of bridge off)" = on ]; then
        ip netns add "$bridge_space" && ip -n "$bridge_space" link add bridge type bridge &&
            join "$client_space" "$bridge_space" port1 && join "$server_space" "$bridge_space" port2 || return 1
        for bridge_port in port1 port2; do
            ip -n "$bridge_space" link set "$bridge_port" master bridge mtu "$(level_of mtu 1500)" up || return 1
        done
        ip -n "$bridge_space" link set bridge up || return 1
    else
        join "$client_space" "$server_space" eth0 || return 1
    fi
    configure_end "$client_space" 10.203.0.1 && configure_end "$server_space" "$address" || return 1
}

configure_end() { # SPACE ADDRESS
    # Router solicitations of IPv6 would come at any time into captures.
    ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' 2>/dev/null || true
    ip -n "$1" addr add "$2/24" dev eth0 && ip -n "$1" link set eth0 mtu "$(level_of mtu 1500)" up &&
        ip -n "$1" link set lo up || return 1
    state=$(level_of offload "")
    if [ -n "$state" ]; then
        ip netns exec "$1" ethtool -K eth0 tso "$state" gso "$state" gro "$state" || return 1
    fi
    configure_queue "$1"
}

configure_queue() { # SPACE
    rate=$(level_of rate "")
    delay=$(level_of delay "")
    loss=$(level_of loss "")
    if [ -n "$delay$loss" ]; then
        # shellcheck disable=SC2086 # words that are there or not
        tc -n "$1" qdisc add dev eth0 root netem limit 100000 ${delay:+delay ${delay}ms} ${loss:+loss ${loss}%} \
            ${rate:+rate $rate} || return 1
    elif [ -n "$rate" ]; then
        tc -n "$1" qdisc add dev eth0 root tbf rate "$rate" burst 128kb latency 50ms || return 1
    fi
}

# A shell at one end, which reads its commands from standard input.
place_run() { # ROLE
    [ -d "$work/$1" ] || mkdir -p "$work/$1"
    case $1 in
    client) space=$client_space ;;
    *) space=$server_space ;;
    esac
    (cd "$work/$1" && ip netns exec "$space" sh -s)
}

place_fetch() { :; } # they are written where they belong
