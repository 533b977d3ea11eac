#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds, and runs the tests.
#
#   tests/run.sh                 every test, and the unit tests again under sanitizers
#   tests/run.sh --quick         every test, no sanitizers
#   tests/run.sh --sanitizers    only the unit tests under the address and undefined behaviour sanitizers
#   tests/run.sh --long          also the long checks: thread sanitizer, a minute of each fuzz target
#                                (TWINBED_FUZZ_SECONDS), a two-node Slurm cluster, everything labelled long
#   tests/run.sh --label NAME    only tests with that label, no sanitizers; may be repeated
#
# Labels: unit (one process, one room), mpi (several ranks), command (the program as a user runs it),
# structure (rooms, headers, format, installation), peers (against other tools), readers (programs that
# open results), browser (the report in chromium), slurm, long.
# Builds live in build/ci, build/asan and build/tsan. TWINBED_SHARED may name a directory of recorded
# campaigns; tests that need it say so when it is absent. Exit status 0 when every test passed.
set -euo pipefail
cd "$(dirname "$0")/.."

ordinary=true
sanitizers=(asan)
long=false
labels=()
while [ $# -gt 0 ]; do
    case $1 in
    --quick) sanitizers=() ;;
    --sanitizers) ordinary=false ;;
    --long) long=true sanitizers=(asan tsan) ;;
    --label)
        labels+=("${2:?tests/run.sh: --label needs a name}")
        sanitizers=()
        shift
        ;;
    -h | --help)
        sed -n '3,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
        exit 0
        ;;
    *)
        echo "tests/run.sh: unknown argument $1; see --help" >&2
        exit 2
        ;;
    esac
    shift
done

packages=(--tests)
if $long && [ "$(id -u)" -eq 0 ]; then
    packages+=(--cluster) # the cluster runs as root only
fi
jobs/install_packages.sh "${packages[@]}"
unset OMP_NUM_THREADS # tests that depend on threads set their own
source jobs/environment.sh

closing=()
failed=false

# Builds a preset and runs its tests; keeps the closing lines of ctest. One preset that fails does not hide the others.
run_preset() {
    local preset=$1 log
    shift
    echo "== $preset"
    if ! { configure "$preset" && cmake --build --preset "$preset"; }; then
        closing+=("$preset: did not build")
        failed=true
        return
    fi
    log=$(mktemp)
    ctest --preset "$preset" --output-on-failure --parallel "$cpus" "$@" 2>&1 | tee "$log" || failed=true
    closing+=("$preset: $(grep -E 'tests passed|No tests were found' "$log" | tail -n 1)")
    rm -f "$log"
}

# Quiet when all is well.
configure() {
    cmake --preset "$1" -Wno-dev >/dev/null 2>&1 || cmake --preset "$1"
}

# Each fuzz target goes on from what it found interesting before, and from the corpus that the tests replay.
run_fuzz_targets() {
    local target corpus room count=0
    echo "== fuzz"
    if ! { configure fuzz && cmake --build --preset fuzz; }; then
        closing+=("fuzz: did not build")
        failed=true
        return
    fi
    while read -r target; do
        corpus=build/fuzz/corpus/$(basename "$target")
        room=$(basename "$(dirname "$target")")
        mkdir -p "$corpus"
        "$target" -max_total_time="${TWINBED_FUZZ_SECONDS:-60}" -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/$(basename "$target")-" "$corpus" \
            "tests/$room/corpus/$(basename "$target")" 2>&1 | tail -n 20 || failed=true
        count=$((count + 1))
    done < <(find build/fuzz -type f -name 'fuzz_*' -perm -u+x | LC_ALL=C sort)
    closing+=("fuzz: $count targets")
}

selection=()
if [ ${#labels[@]} -gt 0 ]; then
    selection=(--label-regex "^($(IFS='|'; echo "${labels[*]}"))\$")
elif ! $long; then
    selection=(--label-exclude '^(long|slurm)$')
fi

# The sanitizers go first, so that the last lines are those of the whole suite.
for preset in ${sanitizers[@]+"${sanitizers[@]}"}; do
    run_preset "$preset" ${selection[@]+"${selection[@]}"}
done
if $long; then
    run_fuzz_targets
fi
if $ordinary; then
    run_preset ci ${selection[@]+"${selection[@]}"}
fi

echo
printf '%s\n' "${closing[@]}"
if $failed; then
    echo "tests/run.sh: some tests failed"
    exit 1
fi
