#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that are killed, stopped, or robbed of their files at random moments: no process stays, no lock hinders the next start,
nothing half written has the final name, and the next start gives the same results.

TWINBED_KILLS is how many are killed, TWINBED_STOPS how many are asked to stop, TWINBED_ROBBED how many lose files; TWINBED_SEED
is where the random numbers begin. With TWINBED_SHARED and more than 100 kills the campaign is the recorded one, else the sample.
TWINBED_RANKS are the numbers of ranks, 0 without a launcher."""
import os
import random
import shutil
import signal
import subprocess
import time

from command import DAMAGED, FAILED, GOOD, LAUNCHER, PROGRAM, SAMPLE, STOPPED, Case, main
from volumes import done_twice

KILLS = int(os.environ.get("TWINBED_KILLS", "8"))
STOPS = int(os.environ.get("TWINBED_STOPS", "4"))
ROBBED = int(os.environ.get("TWINBED_ROBBED", "4"))
SEED = int(os.environ.get("TWINBED_SEED", "1"))
RANKS = [int(word) for word in os.environ.get("TWINBED_RANKS", "0 1 2 3").split()]
LARGE = os.path.join(os.environ.get("TWINBED_SHARED", ""), "campaigns", "vm")
GONE_AFTER = 5  # seconds
LAUNCHER_ENDS_AFTER = 20
PATIENCE = 300


def manifest_of(root, runs):
    return (f"campaign: x\nroot: {root}\nbaseline: veth\nruns: '{runs}'\nfactors: {{size: {{type: bytes}}}}\nwork: ab\n"
            "artifacts:\n  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}\n  latency: owping.txt\n"
            "  capture: {link: [link.pcap, link.pcap.gz]}\n"
            "  trace: {client: client.scap, server: [server.scap, client.scap]}\n"
            "process: {client: ab, server: gohttp}\nchain: {order: [1, 2]}\nwalks: {profile: 20}\nflows: all\n"
            "windows:\n- {skip: 0, limit: shortest}\n- {skip: 300, limit: 500}\n")


class Jobs(Case):
    stuck = 0  # launchers that no rank was left of
    share = 1.1  # of the time that a job takes, in which it is disturbed

    def setUp(self):
        super().setUp()
        # A name of its own, which tells its processes from all others.
        self.output = f"x{os.getpid()}-{id(self)}.h5"
        self.root, runs, self.only = SAMPLE, "{testbed}/{size}-c4/rep-{rep}", ["--only", "rep=01,02"]
        if KILLS > 100 and os.path.isdir(LARGE):
            self.root, runs, self.only = LARGE, "{testbed}/{size}-c{clients}/rep-{rep}", []
        with open("campaign.yaml", "w", encoding="ascii") as file:
            file.write(manifest_of(self.root, runs))
        self.durations = {}
        for ranks in RANKS:
            shutil.rmtree("good.h5.parts", ignore_errors=True)
            begin = time.monotonic()
            done = self.start(ranks, "good.h5")
            done.communicate(timeout=PATIENCE)
            self.assertIn(done.returncode, (GOOD, DAMAGED))
            self.durations[ranks] = time.monotonic() - begin
        self.expected = done.returncode

    def start(self, ranks, output=None):
        launcher = [LAUNCHER, "--oversubscribe", "--bind-to", "none", "-n", str(ranks)] if ranks else []
        return subprocess.Popen(launcher + [PROGRAM, "analyze", "campaign.yaml", "-o", output or self.output, "--force",
                                            "--quiet", "--threads", "1", *self.only],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def processes(self, program=None):
        """Those whose command line has the output in it, zombies left out."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if self.output.encode() in words and (program is None or words[0] == program.encode()):
                found.append(int(entry))
        return found

    def assert_all_gone(self):
        end = time.monotonic() + GONE_AFTER
        while self.processes() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(self.processes(), [], f"still there after {GONE_AFTER} s")

    def assert_goes_on(self, ranks):
        job = self.start(ranks)
        said = job.communicate(timeout=PATIENCE)[1]
        self.assertEqual(job.returncode, self.expected, said)
        self.assertNotIn("works on this output", said)
        self.assert_same_results("good.h5", self.output)
        os.remove(self.output)
        self.assert_nothing_is_left("good.h5", "campaign.yaml", "data")

    def assert_nothing_done_twice(self):
        self.assertEqual(done_twice(self.output + ".parts"), [])

    def disturb(self, draw, act):
        """Starts a job and does something to it at a random moment; gives its status and what it said."""
        ranks = draw.choice(RANKS)
        if draw.random() < 0.6:
            shutil.rmtree(self.output + ".parts", ignore_errors=True)
        job = self.start(ranks)
        time.sleep(draw.uniform(0, self.share * self.durations[ranks]))
        act(job, ranks)
        return self.wait(job)

    def wait(self, job):
        """Its status and words. mpirun of Open MPI 4.1 with PMIx 4.2 now and then waits for a lock of its own when it ends
        after a rank was killed (PMIx_server_finalize): no rank is there any more, and it is ended."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                said = job.communicate(timeout=LAUNCHER_ENDS_AFTER)[1]
                return job.returncode, said
            except subprocess.TimeoutExpired:
                if self.processes(PROGRAM) == [] or time.monotonic() > end:
                    self.assertEqual(self.processes(PROGRAM), [])
                    self.stuck += 1
                    job.kill()

    def repeat(self, count, act, check, check_after=lambda: None):
        tally = {}
        for number in range(SEED, SEED + count):
            draw = random.Random(number)
            with self.subTest(f"TWINBED_SEED={number}"):
                status, said = self.disturb(draw, lambda job, ranks, draw=draw: act(draw, job, ranks))
                tally[status] = tally.get(status, 0) + 1
                self.assert_all_gone()
                check(status, said)
                self.assert_goes_on(draw.choice(RANKS))
                check_after()
        print(f"{count}: how they ended: {tally}; {self.stuck} launchers stuck without a rank", flush=True)


class Killed(Jobs):
    def kill(self, draw, job, ranks):
        victims = self.processes(PROGRAM) if ranks and draw.random() < 0.7 else []
        try:
            os.kill(draw.choice(victims) if victims else job.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_kills(self):
        def check(status, said):
            self.assertTrue(os.path.exists(self.output) or status not in (GOOD, DAMAGED), said)
            if os.path.exists(self.output):  # it was done: whole, then
                self.assert_same_results("good.h5", self.output)
                os.remove(self.output)
        self.repeat(KILLS, self.kill, check, self.assert_nothing_done_twice)


class Stopped(Jobs):
    def test_stops(self):
        def stop(draw, job, ranks):
            number = draw.choice((signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT))
            try:
                # mpirun passes on some of them; srun all. A lone process, and each rank, gets it as it is.
                for process in (self.processes(PROGRAM) if ranks else [job.pid]):
                    os.kill(process, number)
            except ProcessLookupError:
                pass

        def check(status, said):
            # Before there is a handler a signal ends a process as it always does.
            self.assertIn(status, (GOOD, DAMAGED, STOPPED) + self.EARLY, said)
            self.assertEqual(os.path.exists(self.output), status in (GOOD, DAMAGED), said)
        self.repeat(STOPS, stop, check, self.assert_nothing_done_twice)

    EARLY = tuple(-number for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT)) + tuple(
        128 + number for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT))


class Robbed(Jobs):
    """Files go, or change, while a job reads or writes them."""

    def rob(self, draw, job, ranks):
        action = draw.choice((self.remove_parts, self.remove_part_directory))
        action()

    def remove_parts(self):
        if os.path.isdir(self.output + ".parts"):
            for name in os.listdir(self.output + ".parts"):
                os.remove(os.path.join(self.output + ".parts", name))

    def remove_part_directory(self):
        shutil.rmtree(self.output + ".parts", ignore_errors=True)

    def test_parts_are_removed(self):
        def check(status, said):
            self.assertIn(status, (self.expected, FAILED), said)
            if status == FAILED:  # rows of flows are read again while the table is written
                self.assertRegex(said, r"twinbed: error: the rows of the flows of .* are not in .* any more")
                self.assertEqual(said.count("twinbed: error: "), 1, said)
                self.assertFalse(os.path.exists(self.output))
            else:
                self.assert_same_results("good.h5", self.output)
        self.repeat(ROBBED, self.rob, check)


class Inputs(Jobs):
    """Inputs that go, grow, shrink or are replaced while a job reads them."""

    share = 0.6

    def setUp(self):
        super().setUp()
        os.mkdir("data")
        for testbed in ("veth", "e1000"):
            for repetition in ("rep-01", "rep-02", "rep-03"):
                shutil.copytree(os.path.join(SAMPLE, testbed, "1MB-c4", repetition),
                                os.path.join("data", testbed, "1MB-c4", repetition))
        shutil.copytree("data", "kept")
        with open("campaign.yaml", "w", encoding="ascii") as file:
            file.write(manifest_of("data", "{testbed}/{size}-c4/rep-{rep}"))
        job = self.start(0, "good.h5")
        job.communicate(timeout=PATIENCE)
        self.expected = job.returncode

    def change(self, draw, _job, _ranks):
        place = os.path.join("data", draw.choice(("veth", "e1000")), "1MB-c4", f"rep-0{draw.randrange(1, 4)}")
        path = os.path.join(place, draw.choice(sorted(name for name in os.listdir(place) if "." in name)))
        action = draw.randrange(5)
        if action == 0:
            os.remove(path)
        elif action == 1:
            os.truncate(path, os.path.getsize(path) // 2)
        elif action == 2:
            with open(path, "ab") as file:
                file.write(draw.randbytes(100000))
        elif action == 3:
            with open(path + ".new", "wb") as file:
                file.write(draw.randbytes(5000))
            os.replace(path + ".new", path)
        else:
            shutil.rmtree(place)

    def test_inputs_change(self):
        def check(status, said):
            # What could no longer be read is damaged or missing; the job itself carries on.
            self.assertIn(status, (GOOD, DAMAGED, FAILED), said)
            self.assertEqual(os.path.exists(self.output), status != FAILED, said)
            if status == FAILED:
                self.assertEqual(said.count("twinbed: error: "), 1, said)
            shutil.rmtree("data")
            shutil.copytree("kept", "data")
        self.repeat(ROBBED, self.change, check)

    def assert_nothing_is_left(self, *kept):
        super().assert_nothing_is_left("kept", *kept)


if __name__ == "__main__":
    main()
