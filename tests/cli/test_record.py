#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""twinbed-record: campaigns that are really recorded between namespaces of this machine, and what becomes of broken runs."""
import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
import unittest.mock

import h5py

from command import BAD_USAGE, MANIFEST, Case, main, read_bytes

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
RECORDER = os.path.join(ROOT, "jobs", "record", "twinbed-record")
WRK = os.path.join(ROOT, "tests", "app", "workloads", "wrk_latency.txt")
NEEDED = ("ip", "ss", "ethtool", "tcpdump", "ab", "strace")
WORKLOAD = 'ab -l -q -n 20 -c 2 -e ab.csv -g ab.tsv "http://$server:$port/$size"'


def why_not():
    """Why nothing can be recorded here, or nothing."""
    if os.geteuid() != 0:
        return "namespaces take root"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    name = f"tbt{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return "this machine lets nobody make network namespaces"
    done = subprocess.run(["ip", "-n", name, "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
                          capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", name], check=False)
    return "" if done.returncode == 0 else "this machine makes no veth"


def start(*arguments, place="namespaces", space=None, **options):
    """A recorder, in a network namespace if one is named."""
    inside = ("ip", "netns", "exec", space) if space else ()
    return subprocess.Popen([*inside, RECORDER, place, "--out", "out", *arguments], text=True, **options)


def spaces_of(recorder):
    """Its namespaces that are there; their names hold the recorder's number."""
    listed = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=False).stdout if shutil.which("ip") else ""
    return [name for name in listed.split() if name in (f"tbc{recorder.pid}", f"tbs{recorder.pid}", f"tbb{recorder.pid}")]


def clean_up(recorder):
    """Ends what a failed test left of a recorder."""
    if recorder.poll() is None:
        recorder.kill()
        recorder.wait()
    for space in spaces_of(recorder):
        inside = subprocess.run(["ip", "netns", "pids", space], capture_output=True, text=True, check=False).stdout
        for process in inside.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        subprocess.run(["ip", "netns", "del", space], check=False)


def record(*arguments, status=0, place="namespaces", space=None):
    """Records, and gives what was said; nothing is left of the namespaces."""
    recorder = start(*arguments, place=place, space=space, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        said = recorder.communicate(timeout=200)[1]
        if recorder.returncode != status:
            raise AssertionError(f"status {recorder.returncode}\n{said[-3000:]}")
        if spaces_of(recorder):
            raise AssertionError(f"{spaces_of(recorder)} are left")
        far = f"/tmp/twinbed-record.{recorder.pid}"
        if place == "minimega":
            shutil.rmtree(far)  # it goes with a real machine
        elif os.path.exists(far):
            raise AssertionError(f"{far} is left")
    finally:
        clean_up(recorder)
    return said


def write_program(name, text):
    """A program in bin/."""
    with open(f"bin/{name}", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(f"bin/{name}", 0o755)


def runs(pattern):
    """{path: run.json} of runs"""
    paths = sorted(glob.glob(f"out/{pattern}/run.json"))
    result = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            result[os.path.dirname(path)] = json.load(file)
    return result


class Usage(Case):
    """What is said of options, before anything is touched."""

    def test_mistakes_are_named(self):
        for arguments, words in ((("--testbed", "a/b"), "letters"), (("--testbed", "a:offload"), "KEY=LEVEL"),
                                 (("--testbed", "a:speed=1"), "no key speed"), (("--testbed", "a", "--testbed", "a"), "twice"),
                                 (("--testbed", "a", "--factor", "size=1M"), "500B"), ((), "--testbed"),
                                 (("--testbed", "a", "--factor", "rep=1"), "no name"),
                                 (("--testbed", "a", "--factor", "x=$(id)"), "letters"),
                                 (("--testbed", "a:offload=on", "--factor", "offload=off"), "is a factor and"),
                                 (("--testbed", "a", "--repetitions", "0"), "--repetitions"),
                                 (("--testbed", "a", "--port", "65536"), "--port"), (("--what", "a"), "--what")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, record(*arguments, status=BAD_USAGE))
                self.assertFalse(os.path.exists("out"))


class Counters(Case):
    """What role.sh makes of a machine, without a place to record in."""

    def role(self, text, **variables):
        subprocess.run(["sh", "-c", f". '{os.path.dirname(RECORDER)}/role.sh'\n{text}"], check=True, timeout=60,
                       env={**os.environ, **variables}, stderr=subprocess.DEVNULL)

    def test_two_looks_become_pairs_that_are_read(self):
        self.role("export server=127.0.0.1; counters_take before ''; sleep 0.2; counters_take after ''")
        names = os.listdir("counters")
        self.assertEqual({name.replace("before.", "after.") for name in names}, {name for name in names if name.startswith("after.")})
        with open("counters/after.softnet", encoding="utf-8") as file:
            processed = [line.split(": ") for line in file]
        self.assertEqual([name for name, _ in processed], ["processed", "dropped", "time_squeeze"])
        with open("/proc/net/softnet_stat", encoding="utf-8") as file:
            now = sum(int(line.split()[0], 16) for line in file)
        self.assertTrue(0 < int(processed[0][1]) <= now)

    @unittest.skipUnless(shutil.which("vmstat") and shutil.which("sar"), "no vmstat or no sar")
    def test_series_last_as_long_as_the_workload(self):
        self.role("series_start; sleep 3.5; series_stop")
        self.assertEqual(sorted(os.listdir("counters")), ["sar.txt", "vmstat.txt"])
        self.assertGreater(read_bytes("counters/vmstat.txt").count(b"\n"), 4)
        self.assertIn(b"\nAverage:", read_bytes("counters/sar.txt"))
        # A series without a row of its own is none.
        self.role("rm -r counters; series_start; series_stop")
        self.assertEqual(os.listdir("counters"), [])


class Power(Case):
    """The table of what repetitions can decide is made from the sample's results."""

    def test_the_page_has_the_table_of_the_sample(self):
        self.twinbed("analyze", MANIFEST, "-o", "sample.h5")
        table = subprocess.run([sys.executable, os.path.join(ROOT, "docs", "examples", "power.py"), "sample.h5"],
                               capture_output=True, text=True, check=True).stdout
        self.assertEqual(len(table.splitlines()), 12)
        with open(os.path.join(ROOT, "docs", "recording.md"), encoding="utf-8") as page:
            self.assertIn(table, page.read())


WHY_NOT = why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Recorded(Case):
    def test_offloads_change_packets_and_not_bytes(self):
        options = ("--repetitions", "1", "--warm-up", "0", "--testbed", "with:offload=on", "--testbed", "plain:offload=off",
                   "--trace", "strace", "--workload", WORKLOAD)
        self.assertIn("2 of 2 runs", record(*options))
        # Of every run it is known what ran, and that nothing was lost.
        recorded = runs("*/*/rep-*")
        self.assertEqual(sorted(run["order"] for run in recorded.values()), [1, 2])
        for path, run in recorded.items():
            self.assertEqual((run["state"], run["workload_status"], run["client_packets_dropped"]), ("complete", "0", 0), path)
            self.assertGreater(run["client_packets_captured"], 100)
            self.assertEqual({f"{when}.{name}" for when in ("before", "after") for name in ("ethtool", "softnet", "stat")} -
                             set(os.listdir(f"{path}/client/counters")), set(), path)
        self.assertEqual(glob.glob("out/*/*/.recording*"), [])
        # Started again, there is nothing to do; with other options, it is another campaign.
        self.assertNotIn("run 1", record(*options))
        self.assertIn("other options", record("--testbed", "with", status=BAD_USAGE))
        self.analyse()

    def analyse(self):
        self.assertIn("0 findings that count", self.twinbed("check", "out/campaign.yaml").stdout)
        self.twinbed("analyze", "out/campaign.yaml", "-o", "results.h5", "--threads", "1")
        with h5py.File("results.h5") as file:
            names = [name.decode() for name in file["metrics/metric_name"][:]]
            ratio = dict(zip(names, file["comparison/ratio"][0]))
        # The server's file is the same, and so are requests; how it is cut is not.
        for name in ("received_per_request", "server_payload_per_request", "client_writes_per_request",
                     "server_writes_per_request"):
            self.assertAlmostEqual(ratio[name], 1, places=2, msg=name)
        for name in ("server_data_packets_per_request", "packets_per_request"):
            self.assertGreater(ratio[name], 1.5, name)
        self.assertLess(ratio["server_segment_mean"], 0.7)

    @unittest.skipIf(subprocess.run(["sh", "-c", f". '{os.path.dirname(RECORDER)}/role.sh'; may_perf_record"],
                                    check=False).returncode, "perf is not here, or may not record")
    def test_perf_traces_both_ends(self):
        self.assertIn("1 of 1 runs", record("--repetitions", "1", "--warm-up", "0", "--testbed", "veth", "--trace", "perf",
                                            "--workload", WORKLOAD))
        run, = runs("*/*/rep-*").values()
        self.assertEqual((run["state"], run["client_perf_losses"]), ("complete", "0"))
        self.twinbed("analyze", "out/campaign.yaml", "-o", "results.h5", "--threads", "1")
        with h5py.File("results.h5") as file:
            names = [name.decode() for name in file["metrics/metric_name"][:]]
            values = dict(zip(names, file["metrics/run_value"][0]))
        # One connection a request, and what it sends; perf tells no ports.
        self.assertGreaterEqual(values["client_writes_per_request"], 1)
        self.assertGreater(values["server_calls_per_request"], 3)
        self.assertGreater(values["client_context_switches_per_request"], 0)
        self.assertNotEqual(values["client_connections_per_request"], values["client_connections_per_request"])

    def test_a_stopped_and_a_broken_run_are_kept_and_recorded_anew(self):
        options = ("--repetitions", "1", "--warm-up", "0", "--testbed", "veth", "--capture", "none", "--workload",
                   'wrk "it\'s"; true')
        os.mkdir("bin")
        path = unittest.mock.patch.dict(os.environ, PATH=f"{self.directory}/bin:{os.environ['PATH']}")
        path.start()
        self.addCleanup(path.stop)
        write_program("wrk", "touch begun; sleep 60")
        recorder = start(*options, stderr=subprocess.DEVNULL)
        self.addCleanup(clean_up, recorder)
        deadline = time.monotonic() + 60
        while not glob.glob("out/veth/.recording-01/client/begun") and time.monotonic() < deadline:
            time.sleep(0.05)
        recorder.terminate()
        self.assertEqual(recorder.wait(timeout=60), 143)
        self.assertEqual(spaces_of(recorder), [])
        write_program("wrk", "exit 7")
        self.assertIn("status 7", record(*options, status=1))
        write_program("wrk", f"cat '{WRK}'")
        self.assertIn("1 of 1 runs", record(*options))
        kept = runs("veth/*")
        self.assertEqual(list(kept), ["out/veth/broken-01-1", "out/veth/broken-01-2", "out/veth/rep-01"])
        self.assertEqual([run["reason"] for run in kept.values()], ["stopped", "the workload ended with status 7", ""])
        self.assertEqual({run["workload"] for run in kept.values()}, {options[-1]})
        # The campaign file names what twinbed reads.
        self.assertIn("0 findings that count", self.twinbed("check", "out/campaign.yaml").stdout)
        self.assertIn("  workload: client/workload.txt\n", read_bytes("out/campaign.yaml").decode())


STUB = """# Every host is this machine, whatever its name.
while [ "$1" != -- ]; do shift; done
host=$2
shift 2
echo "$host" >>"$SSH_LOG"
exec sh -c "$*"
"""


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Remote(Case):
    """Two hosts, of which an ssh that goes nowhere runs all commands here."""

    def test_files_of_both_hosts_are_fetched(self):
        os.mkdir("bin")
        write_program("ssh", STUB)
        with unittest.mock.patch.dict(os.environ, PATH=f"{self.directory}/bin:{os.environ['PATH']}",
                                      SSH_LOG=f"{self.directory}/hosts"):
            record("--repetitions", "1", "--warm-up", "0", "--port", "18099", "--capture", "none", "--testbed",
                   "metal:client=c1,server=s1,address=127.0.0.1,interface=lo", "--workload",
                   'ab -l -q -n 5 -e ab.csv -g ab.tsv "http://$server:$port/$size"', place="ssh")
            self.assertIn("says no server", record(
                "--testbed", "metal:client=c1", "--workload", "true", "--out", "other",
                "--repetitions", "1", "--warm-up", "0", status=1, place="ssh"))
        with open("hosts", encoding="utf-8") as file:
            self.assertEqual(set(file.read().split()), {"c1", "s1"})
        # The server's machine is another one, and counts for itself.
        run, = glob.glob("out/metal/*/rep-01")
        for end in ("client", "server"):
            names = set(os.listdir(f"{run}/{end}/counters"))
            self.assertLessEqual({"before.stat", "after.stat", "before.softnet", "after.softnet"}, names)
        self.assertIn("  # counters: server/counters", read_bytes("out/campaign.yaml").decode())
        with open("out/campaign.yaml", encoding="utf-8") as file:
            manifest = file.read().replace("  counters: client/", "  counters: server/")
        with open("out/server.yaml", "w", encoding="utf-8") as file:
            file.write(manifest)
        self.twinbed("analyze", "out/server.yaml", "-o", "server.h5")
        with h5py.File("server.h5") as file:
            names = [name.decode() for name in file["metrics/metric_name"][:]]
            values = dict(zip(names, file["metrics/run_value"][0]))
        self.assertGreater(values["host_context_switches_per_request"], 0)
        self.assertEqual(len(runs("metal/size=100KB/rep-01")), 1)
        self.assertIn("0 findings that count", self.twinbed("check", "out/campaign.yaml").stdout)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Machines(Case):
    """Two machines of a stand-in for minimega, which refuses commands that minimega's help does not know."""

    def test_the_driver_is_a_factor_and_captures_are_the_hosts(self):
        os.makedirs("bin")
        os.makedirs("standin/files")
        os.symlink(os.path.join(os.path.dirname(os.path.abspath(__file__)), "minimega_standin.py"), "bin/minimega")
        with open("machines", "w", encoding="utf-8") as file:
            file.write("# image of both\nvm config disk web.qc2\nvm config memory 1024\n")
        with unittest.mock.patch.dict(os.environ, PATH=f"{self.directory}/bin:{os.environ['PATH']}",
                                      STANDIN=f"{self.directory}/standin", STANDIN_NUMBER=str(os.getpid())):
            record("--repetitions", "1", "--warm-up", "0", "--testbed",
                   "virtio:driver=virtio-net-pci,vcpus=2", "--machines", "machines", "--files", "standin/files", "--workload",
                   WORKLOAD, place="minimega")
        self.assertEqual([run["client_packets_captured"] for run in runs("virtio/*/rep-01").values()], [None])
        with open("standin/log", encoding="utf-8") as file:
            log = file.read()
        for said in ("vm config net twinbed,virtio-net-pci", "vm config vcpus 2", "vm config disk web.qc2", "vm config memory 1024"):
            self.assertIn(f"-e namespace twinbed {said}\n", log)
        # Commands that stay would be given again to machines of the same name.
        with open("standin/state", encoding="utf-8") as file:
            state = json.load(file)
        self.assertEqual((state["commands"], state["machines"], state["captures"]), ([], {}, {}))
        self.assertEqual(os.listdir("standin/files"), ["twinbed"])
        self.assertIn("0 findings that count", self.twinbed("check", "out/campaign.yaml").stdout)
        flows = self.twinbed("flows", glob.glob("out/virtio/*/rep-01/client/capture.pcap")[0]).stdout
        self.assertGreaterEqual(flows.count("8080"), 20)


SSHD = "/usr/sbin/sshd"
CONFIGURATION = """Host c1
  HostName 10.1.0.2
Host s1
  HostName 10.2.0.2
Host *
  User root
  IdentityFile {directory}/key
  UserKnownHostsFile {directory}/known
"""


@unittest.skipIf(WHY_NOT, WHY_NOT)
@unittest.skipUnless(os.path.exists(SSHD), "no sshd")
class SecureShell(Case):
    """Two hosts that are network namespaces, each with its own sshd, and a recorder in a third that reaches both."""

    def setUp(self):
        super().setUp()
        self.spaces = [f"tb{name}{os.getpid()}" for name in ("recorder", "client", "server")]
        self.addCleanup(self.take_down)
        for space in self.spaces:
            self.ip("netns", "add", space)
            self.ip("-n", space, "link", "set", "lo", "up")
        recorder, client, server = self.spaces
        self.join(recorder, "to_client", "10.1.0.1/24", client, "login", "10.1.0.2/24")
        self.join(recorder, "to_server", "10.2.0.1/24", server, "login", "10.2.0.2/24")
        # Its name differs at both ends, as it does on real hosts.
        self.join(client, "near", "10.3.0.1/24", server, "far", "10.3.0.2/24")
        for name in ("key", "host_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", name], check=True)
        os.makedirs("/run/sshd", exist_ok=True)
        self.servers = [self.serve(client, "10.1.0.2"), self.serve(server, "10.2.0.2")]
        with open("configuration", "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(directory=self.directory))

    @staticmethod
    def ip(*arguments):
        subprocess.run(["ip", *arguments], check=True)

    def join(self, space, name, address, other, other_name, other_address):
        self.ip("-n", space, "link", "add", name, "type", "veth", "peer", "name", other_name, "netns", other)
        for end in ((space, name, address), (other, other_name, other_address)):
            self.ip("-n", end[0], "addr", "add", end[2], "dev", end[1])
            self.ip("-n", end[0], "link", "set", end[1], "up")

    def serve(self, space, address):
        return subprocess.Popen(["ip", "netns", "exec", space, SSHD, "-D", "-e", "-f", "/dev/null", "-h", f"{self.directory}/host_key", "-o",
                                 f"ListenAddress={address}", "-o", f"AuthorizedKeysFile={self.directory}/key.pub", "-o", "StrictModes=no",
                                 "-o", "UsePAM=no", "-o", "PidFile=none"], stderr=subprocess.DEVNULL)

    def take_down(self):
        for process in self.servers if hasattr(self, "servers") else ():
            process.terminate()
            process.wait()
        for space in self.spaces:
            inside = subprocess.run(["ip", "netns", "pids", space], capture_output=True, text=True, check=False).stdout
            for process in inside.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", space], check=False)

    def know_hosts(self):
        deadline = time.monotonic() + 30
        known = ""
        while known.count("\n") < 2 and time.monotonic() < deadline:
            known = subprocess.run(["ip", "netns", "exec", self.spaces[0], "ssh-keyscan", "-t", "ed25519", "10.1.0.2", "10.2.0.2"],
                                   capture_output=True, text=True, check=False).stdout
        with open("known", "w", encoding="utf-8") as file:
            file.write(known)

    def test_hosts_are_reached_and_left_as_they_were(self):
        options = ("--ssh-config", "configuration", "--repetitions", "1", "--warm-up", "0", "--capture", "client,server", "--testbed",
                   "lab:client=c1,server=s1,address=10.3.0.2,offload=off", "--workload", WORKLOAD)
        # Who it is at the other end, nobody knows yet.
        self.assertIn("Host key verification failed", record(*options, status=1, place="ssh", space=self.spaces[0]))
        self.know_hosts()
        self.assertIn("1 of 1 runs", record(*options, place="ssh", space=self.spaces[0]))
        (path, run), = runs("lab/*/rep-*").items()
        self.assertEqual((run["client_packets_dropped"], run["server_packets_dropped"]), (0, 0))
        self.assertGreater(min(run["client_packets_captured"], run["server_packets_captured"]), 100)
        ahead, unsure = map(float, run["server_clock_ahead_after"].split())
        self.assertLessEqual(abs(ahead), unsure + 1e-6)
        for end in ("client", "server"):
            self.assertIn(b"tcp-segmentation-offload: off", read_bytes(f"{path}/.notes/{end}/offload.txt"))
        self.assertIn("0 findings that count", self.twinbed("check", "out/campaign.yaml").stdout)


if __name__ == "__main__":
    main()
