# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by the checks that stand on a program which not everybody has.
#
#   find_checker NAME [VERSION]    sets checker to the program NAME-VERSION, or to NAME of that version
#
# Without the program the check fails, because a check that is skipped tells nobody of what it would have found. Where
# it cannot be had, TWINBED_WITHOUT_CHECKERS=1 skips the check (status 77).

find_checker() {
    local name=$1 version=${2:-} program
    for program in ${version:+"$name-$version"} "$name"; do
        if command -v "$program" >/dev/null && { [ -z "$version" ] || "$program" --version | grep -q "version $version\."; }; then
            # shellcheck disable=SC2034 # for those who source this
            checker=$program
            return
        fi
    done
    if [ "${TWINBED_WITHOUT_CHECKERS:-}" = 1 ]; then
        echo "skipped: $name${version:+ $version} is not installed"
        exit 77
    fi
    echo "$name${version:+ $version} is not installed: jobs/install_packages.sh --tests installs it on Debian and Ubuntu;"
    echo "where it cannot be had, TWINBED_WITHOUT_CHECKERS=1 skips this check"
    exit 1
}
