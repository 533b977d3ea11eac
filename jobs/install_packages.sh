#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes sure that everything twinbed stands on is installed.
#
#   jobs/install_packages.sh            what building and running needs
#   jobs/install_packages.sh --tests    also what the tests need
#   jobs/install_packages.sh --record   also what recording on this machine needs (jobs/record)
#   jobs/install_packages.sh --cluster  also what a Slurm cluster on this machine needs (tests/slurm)
#   jobs/install_packages.sh --package  also what making packages of twinbed needs (jobs/packaging)
#   jobs/install_packages.sh --list ...   prints the Debian packages and stops
#
# On Debian and Ubuntu missing packages are installed (as root, or through sudo).
# Elsewhere the libraries are looked for and the missing ones are named: exit
# status 0 when all are there, 2 when not. Does nothing when nothing is missing.
set -euo pipefail

build_packages=(
    build-essential cmake ninja-build pkg-config
    openmpi-bin libopenmpi-dev libhdf5-openmpi-dev
    libpcap-dev libfyaml-dev libjansson-dev libgsl-dev
    libisal-dev libzstd-dev libxxhash-dev
    libgraphviz-dev gnuplot-nox librsvg2-bin
    libcmocka-dev hdf5-tools
)
# Peers that results are compared with, readers that must open them, and checkers.
test_packages=(
    clang clang-format-14 clang-tidy-14 libclang-rt-dev libomp-dev shellcheck
    sysdig tcptrace tshark libxml2-utils chromium nodejs
    python3-h5py python3-h5netcdf python3-netcdf4 python3-xarray python3-pandas python3-scipy
    netcdf-bin octave octave-netcdf r-bioc-rhdf5
)
# What jobs/record records with.
record_packages=(apache2-utils ethtool iproute2 nginx-light strace tcpdump)
# Load generators whose output the tests read when they have made it.
workload_packages=(fio hey iperf3 iputils-ping nghttp2-client nghttp2-server openssl wrk)
cluster_packages=(slurm-wlm munge)
package_packages=(dpkg-dev file)

# What pkg-config calls the libraries, and what they are for.
libraries=(
    "libpcap:packet captures" "libfyaml:campaign files" "jansson:JSON" "gsl:statistics"
    "libisal:gzip" "libzstd:zstd" "libxxhash:checksums" "libgvc:chain drawings (Graphviz)"
)
programs=(
    "cmake:CMake 3.25 or later" "ninja:Ninja" "cc:a C17 compiler with OpenMP" "mpicc:an MPI library"
    "gnuplot:plots in reports" "rsvg-convert:PDF of figures"
)

say() { echo "install_packages: $*" >&2; }

# The packages of the list that are not fully installed.
missing_packages() {
    local installed
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true)
    comm -23 <(printf '%s\n' "$@" | sort) <(sort <<<"$installed")
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "not root and no sudo here; as root, run: apt-get install --no-install-recommends ${missing[*]}"
        exit 2
    fi
}

install_on_debian() {
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} -eq 0 ]; then
        return 0
    fi
    say "installing ${missing[*]}"
    as_root apt-get update -q
    # Recommended packages would bring kernel modules for sysdig, which nobody needs to read a trace.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "${missing[@]}"
}

# What tests/browser drives chromium with; without it those tests are skipped. No scripts of packages are run.
install_browser_packages() {
    local root
    root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..
    if [ "$root/build/browser/node_modules/.package-lock.json" -nt "$root/tests/browser/package-lock.json" ]; then
        return 0
    fi
    say "installing axe-core and playwright-core in build/browser"
    mkdir -p "$root/build/browser"
    cp "$root/tests/browser/package.json" "$root/tests/browser/package-lock.json" "$root/build/browser"
    npm ci --prefix "$root/build/browser" --ignore-scripts --no-audit --no-fund >&2 ||
        say "npm could not install them: the tests in a browser will be skipped"
}

check_elsewhere() {
    local absent=() entry
    for entry in "${programs[@]}"; do
        command -v "${entry%%:*}" >/dev/null || absent+=("${entry#*:} (${entry%%:*})")
    done
    for entry in "${libraries[@]}" "$@"; do
        pkg-config --exists "${entry%%:*}" 2>/dev/null || absent+=("${entry%%:*}, for ${entry#*:}")
    done
    # Not every site has it in pkg-config, and not every build brings h5pcc.
    if ! command -v h5pcc >/dev/null && ! pkg-config --exists hdf5 2>/dev/null; then
        absent+=("HDF5 built for MPI (h5pcc)")
    fi
    if [ ${#absent[@]} -eq 0 ]; then
        return 0
    fi
    say "this is no Debian or Ubuntu; install or load (module load, spack load) these, then start again:"
    printf '    %s\n' "${absent[@]}" >&2
    exit 2
}

packages=("${build_packages[@]}")
list_only=false
with_tests=false
for argument in "$@"; do
    case $argument in
    --tests)
        with_tests=true
        packages+=("${test_packages[@]}" "${record_packages[@]}" "${workload_packages[@]}")
        # Debian has it in a package of its own; elsewhere it comes with node.
        command -v npm >/dev/null || packages+=(npm)
        ;;
    --record) packages+=("${record_packages[@]}") ;;
    --cluster) packages+=("${cluster_packages[@]}") ;;
    --package) packages+=("${package_packages[@]}") ;;
    --list) list_only=true ;;
    *)
        say "unknown argument $argument; known are --tests, --record, --cluster, --package and --list"
        exit 2
        ;;
    esac
done

if $list_only; then
    printf '%s\n' "${packages[@]}"
elif command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
    install_on_debian "${packages[@]}"
else
    # The build tests by default, so cmocka is looked for in any case.
    check_elsewhere "cmocka:tests"
fi
if $with_tests && ! $list_only; then
    install_browser_packages
fi
