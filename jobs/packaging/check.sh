#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds each package that this machine has tools for and tries it on the sample; says what it skips, and why.
#
#   jobs/packaging/check.sh             all of them
#   jobs/packaging/check.sh deb ...     only these: deb, modules, docker, apptainer, spack
#   jobs/packaging/check.sh --install   deb, and installs it with apt-get for the trial (root, and away again)
#
# Ends with "N passed, N failed, N skipped"; exit status 0 when nothing failed.
set -euo pipefail
cd "$(dirname "$0")/../.."
source jobs/environment.sh
root=$PWD
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
passed=0 failed=0 skipped=0
install=false

skip() {
    echo "skipped: $1: $2"
    skipped=$((skipped + 1))
}

# attempt NAME FUNCTION: in a shell of its own, so that the first failure ends it and nothing else.
attempt() {
    echo "== $1"
    local status
    set +e # a shell whose status is looked at does not end at its first failure
    (
        set -e
        "$2"
    )
    status=$?
    set -e
    if [ "$status" -eq 0 ]; then
        echo "passed: $1"
        passed=$((passed + 1))
    else
        echo "FAILED: $1 (status $status)"
        failed=$((failed + 1))
    fi
}

# try PROGRAM...: the version, and one run of the sample from its files to a page; the program gets paths below the source.
try() {
    local work
    work=$(mktemp -d "$place/XXXXXX")
    chmod 777 "$work"
    "$@" --version
    "$@" check "$root/tests/campaigns/sample/campaign.yaml" --only testbed=e1000 >"$work/check" || [ $? -eq 3 ]
    "$@" analyze "$root/tests/campaigns/sample/campaign.yaml" -o "$work/x.h5" --only size=500B --only rep=01,02 --quiet
    "$@" report "$work/x.h5" -o "$work/x.html"
    grep -q '</html>' "$work/x.html"
}

# Builds take minutes; packages that are ready may stand in TWINBED_PACKAGES.
has_debs() {
    if [ -n "${TWINBED_PACKAGES:-}" ]; then
        mkdir -p "$place/debs"
        cp "$TWINBED_PACKAGES"/twinbed*.deb "$place/debs"
    fi
    compgen -G "$place/debs/twinbed_*.deb" >/dev/null || jobs/packaging/make_deb.sh "$root" "$place/debs"
}

check_deb() {
    has_debs
    local tree=$place/tree file
    for file in "$place"/debs/*.deb; do
        dpkg-deb --info "$file" | grep -E '^ (Package|Version|Depends|Installed-Size):'
        dpkg-deb -x "$file" "$tree"
    done
    try "$tree/usr/bin/twinbed"
    for file in share/man/man1/twinbed-check.1 share/man/man5/twinbed-campaign.5 include/twinbed/base/status.h \
        share/bash-completion/completions/twinbed share/doc/twinbed/SECURITY.md; do
        [ -s "$tree/usr/$file" ] || [ -s "$tree/usr/$file.gz" ] || { echo "$file is not in a package"; return 1; }
    done
    # The program alone must not bring what only building needs.
    if dpkg-deb -c "$place"/debs/twinbed_*.deb | grep -E '\.(h|a)$'; then return 1; fi
    if $install; then
        apt-get install -q -y --no-install-recommends "$place"/debs/twinbed_*.deb >/dev/null
        try /usr/bin/twinbed
        apt-get remove -q -y twinbed >/dev/null
        [ ! -e /usr/bin/twinbed ]
    fi
}

# The tree of the package as a module: what loading would do is asked of Tcl itself where no system of modules is.
check_modules() {
    has_debs
    local tree=$place/modules file
    dpkg-deb -x "$(echo "$place"/debs/twinbed_*.deb)" "$tree"
    file=$(echo "$tree"/usr/share/twinbed/modulefiles/twinbed/*)
    if grep @ "$file"; then return 1; fi
    tclsh <<END
proc module-whatis {text} {}
proc conflict {name} {}
proc prepend-path {name value} { puts "\$name \$value" }
source "$file"
END
}

check_docker() {
    docker build -q -t twinbed:check -f jobs/packaging/Dockerfile .
    try docker run --rm -v "$root:$root:ro" -v "$place:$place" twinbed:check
}

# Without Docker: buildah needs no service, and in a chroot no rights of its own.
check_buildah() {
    local container
    buildah build -q --isolation chroot --pull-never -t twinbed:check -f jobs/packaging/Dockerfile .
    container=$(buildah from --pull-never twinbed:check)
    try buildah run --isolation chroot -v "$root:$root:ro" -v "$place:$place" "$container" -- twinbed
    buildah rm "$container" >/dev/null
}

check_apptainer() {
    "$apptainer" build "$place/twinbed.sif" jobs/packaging/twinbed.def
    try "$apptainer" run --bind "$root:$root:ro" --bind "$place:$place" "$place/twinbed.sif"
}

check_spack() {
    mkdir -p "$place/spack/packages/twinbed"
    printf 'repo:\n  namespace: twinbed\n' >"$place/spack/repo.yaml"
    cp jobs/packaging/package.py "$place/spack/packages/twinbed"
    spack -C "$place" repo add --scope site "$place/spack"
    spack spec twinbed@main
    spack repo remove --scope site "$place/spack"
}

names=()
for argument in "$@"; do
    case $argument in
    --install) install=true ;;
    deb | modules | docker | apptainer | spack) names+=("$argument") ;;
    *)
        echo "packaging/check.sh: unknown argument $argument; known are deb, modules, docker, apptainer, spack, --install" >&2
        exit 2
        ;;
    esac
done
if [ ${#names[@]} -eq 0 ]; then
    if $install; then names=(deb); else names=(deb modules docker apptainer spack); fi
fi
apptainer=$(command -v apptainer || command -v singularity || true)

for name in "${names[@]}"; do
    case $name in
    deb)
        if command -v dpkg-deb dpkg-shlibdeps >/dev/null; then attempt deb check_deb; else skip deb "no dpkg here"; fi
        ;;
    modules)
        if ! command -v dpkg-deb >/dev/null; then
            skip modules "no dpkg here"
        elif command -v tclsh >/dev/null; then
            attempt modules check_modules
        else
            skip modules "no tclsh here"
        fi
        ;;
    docker)
        if buildah images debian:12 >/dev/null 2>&1 && ! docker info >/dev/null 2>&1; then
            attempt "docker (by buildah)" check_buildah
        elif ! docker info >/dev/null 2>&1; then
            skip docker "no Docker here that runs, nor buildah with an image debian:12"
        elif ! docker image inspect debian:12 >/dev/null 2>&1 && ! docker pull -q debian:12 >/dev/null 2>&1; then
            skip docker "the image debian:12 cannot be had"
        else
            attempt docker check_docker
        fi
        ;;
    apptainer)
        if [ -n "$apptainer" ]; then attempt apptainer check_apptainer; else skip apptainer "no Apptainer here"; fi
        ;;
    spack)
        if command -v spack >/dev/null; then attempt spack check_spack; else skip spack "no Spack here"; fi
        ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
