#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# jobs/analyze.sbatch and jobs/array.sbatch on a real Slurm cluster of two nodes, all on this machine.
#
#   two_nodes.sh TWINBED SOURCE_DIRECTORY WORK_DIRECTORY
#
# Two slurmd run in namespaces of their own, with private /tmp, /dev/shm and host
# names: without these, Open MPI and PMIx take the two nodes for one. Everything
# lies in WORK_DIRECTORY (not under /tmp, which each node has for itself), and
# every daemon is ended at exit. Needs root, slurm-wlm and munge; skipped (77)
# when they are absent.
set -euo pipefail

skip() {
    echo "skipped: $*"
    exit 77
}

[ "$(id -u)" -eq 0 ] || skip "a Slurm cluster in namespaces needs root"
for program in munged mungekey slurmctld slurmd sbatch srun unshare h5diff; do
    command -v "$program" >/dev/null || skip "$program is not installed (Debian: slurm-wlm munge hdf5-tools)"
done
unshare -m -u true 2>/dev/null || skip "this system allows no mount namespaces"

twinbed=$(realpath "$1")
source=$(realpath "$2")
work=$(realpath -m "$3")
case $work in
/tmp/* | /dev/shm/*) skip "$work is private to each node; use a directory outside /tmp" ;;
esac
rm -rf "$work"
mkdir -p "$work"/{state,log,run,spool-n1,spool-n2}
host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
daemons=()

finish() {
    local status=$?
    trap - EXIT
    scancel --user root 2>/dev/null || true
    for daemon in ${daemons[@]+"${daemons[@]}"}; do
        kill "$daemon" 2>/dev/null || true
    done
    for daemon in ${daemons[@]+"${daemons[@]}"}; do
        wait "$daemon" 2>/dev/null || true
    done
    if [ "$status" -ne 0 ]; then
        tail -n 20 "$work"/log/* "$work"/*.out 2>/dev/null || true
    fi
    exit "$status"
}
trap finish EXIT

# A port that nobody listens on, from a start value upward.
free_port() {
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        port=$((port + 1))
    done
    echo "$port"
}

start_munge() {
    # munged insists on directories that nobody else can write to; / may be one that others can.
    mungekey --create --keyfile="$work/munge.key"
    chmod 400 "$work/munge.key"
    munged --foreground --force --key-file="$work/munge.key" --socket="$work/run/munge.socket" \
        --pid-file="$work/run/munged.pid" --seed-file="$work/run/munge.seed" >>"$work/log/munged.log" 2>&1 &
    daemons+=($!)
}

write_configuration() {
    local first
    first=$(free_port 17001)
    cat >"$SLURM_CONF" <<CONFIGURATION
ClusterName=twinbed
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port 16817)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/run/munge.socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
MpiDefault=pmix
KillWait=20
ReturnToService=2
StateSaveLocation=$work/state
SlurmctldPidFile=$work/run/slurmctld.pid
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdSpoolDir=$work/spool-%n
SlurmdPidFile=$work/run/slurmd-%n.pid
SlurmdLogFile=$work/log/slurmd-%n.log
SlurmctldParameters=idle_on_node_suspend
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$first-$((first + 1))] CPUs=2 RealMemory=4096 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONFIGURATION
}

start_node() {
    local node=$1
    # shellcheck disable=SC2016 # expanded by the inner shell
    unshare -m -u --propagation private bash -c '
        mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs /dev/shm && hostname "$1" && exec slurmd -D -N "$1"
    ' node "$node" >>"$work/log/start-$node.log" 2>&1 &
    daemons+=($!)
}

wait_for_nodes() {
    for _ in $(seq 100); do
        [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" -eq 2 ] && return 0
        sleep 0.2
    done
    echo "the two nodes did not become idle"
    sinfo -N -l || true
    return 1
}

# Submits jobs/analyze.sbatch for the sample campaign: submit RESULTS [options of sbatch]. What is in more_options
# goes to twinbed analyze.
more_options=()
submit() {
    local results=$1
    shift
    TWINBED=$twinbed sbatch --parsable --export=ALL --nodes=2 --ntasks-per-node=2 --cpus-per-task=1 \
        --mem-per-cpu=512M --time=00:10:00 --output="${results%.h5}.out" "$@" \
        "$source/jobs/analyze.sbatch" "$campaign" "$results" ${more_options[@]+"${more_options[@]}"}
}

# The exit status of a job, once it has ended.
job_status() {
    local record
    while record=$(scontrol show job "$1") && ! grep -Eq 'JobState=(COMPLETED|FAILED|CANCELLED|TIMEOUT)' <<<"$record"; do
        sleep 0.2
    done
    sed -n 's/.*ExitCode=\([0-9]*\):.*/\1/p' <<<"$record" | head -n 1
}

# Asks a job to stop as soon as it works, as Slurm does before the time limit.
stop_early() {
    local job=$1 results=$2
    for _ in $(seq 200); do
        if [ -n "$(ls -A "$results.parts" 2>/dev/null)" ] || [ -e "$results" ]; then
            break
        fi
        sleep 0.05
    done
    scancel --batch --signal=USR1 "$job" 2>/dev/null || true
}

same_results() {
    h5diff --quiet --exclude-path /provenance "$1" "$2" || {
        echo "$1 and $2 differ"
        h5diff --exclude-path /provenance "$1" "$2" | head -n 40
        return 1
    }
}

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
# Both nodes are this machine, so ranks share CPUs without knowing it: waiting ones must give way.
export OMPI_MCA_mpi_yield_when_idle=1
unset OMP_NUM_THREADS
campaign=$source/tests/campaigns/sample/campaign.yaml
cd "$work"

start_munge
write_configuration
slurmctld -D -i >>"$work/log/start-slurmctld.log" 2>&1 &
daemons+=($!)
start_node n1
start_node n2
wait_for_nodes
echo "cluster: $(sinfo -h -o '%D nodes %t')"

expected=0
OMP_NUM_THREADS=1 mpirun -n 3 --oversubscribe --bind-to none "$twinbed" analyze "$campaign" -o "$work/mpirun.h5" --quiet || expected=$?
echo "mpirun, 3 ranks: status $expected"

check() {
    local what=$1 status=$2 results=$3
    echo "$what: status $status"
    [ "$status" -eq "$expected" ]
    [ -s "${results%.h5}.html" ]
    same_results "$work/mpirun.h5" "$results"
}

use_launcher() {
    export TWINBED_LAUNCHER=
    if [ "$1" = mpirun ]; then
        # One CPU a rank; binding would need the kernel's control groups.
        TWINBED_LAUNCHER="mpirun --map-by slot --bind-to none"
    fi
}

for launcher in srun mpirun; do
    use_launcher "$launcher"
    results=$work/whole-$launcher.h5
    check "two nodes, $launcher" "$(job_status "$(submit "$results")")" "$results"

    # A job that is stopped ends with 4, unless it was done before; the same job again ends as if nothing happened.
    results=$work/stopped-$launcher.h5
    job=$(submit "$results")
    stop_early "$job" "$results"
    status=$(job_status "$job")
    echo "two nodes, $launcher, stopped early: status $status"
    if [ "$status" -eq 4 ]; then
        [ ! -e "$results" ]
        check "two nodes, $launcher, again" "$(job_status "$(submit "$results")")" "$results"
    else
        [ "$status" -eq "$expected" ]
    fi
done
# A job array decodes, one of its tasks is killed, and a job that waits for all of them finishes the work.
use_launcher srun
array=$(TWINBED=$twinbed sbatch --parsable --export=ALL --array=1-5 --cpus-per-task=1 --mem-per-cpu=512M \
    --time=00:10:00 --output="$work/array-%a.out" "$source/jobs/array.sbatch" "$campaign" "$work/parts" 5)
scancel "${array}_3" 2>/dev/null || true
more_options=(--parts "$work/parts")
results=$work/array.h5
check "an array of five tasks, one killed" "$(job_status "$(submit "$results" --dependency="afterany:$array")")" "$results"
grep -h "artifacts decoded" "$work"/array-*.out
grep -h "artifacts used" "$work/array.out"
echo "all results are the same"
