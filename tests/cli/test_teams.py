#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traces and captures larger than a rank's share are decoded by several ranks: the same results, whatever becomes of some
of them."""
import os
import shutil
import signal
import subprocess
import time

from command import LAUNCHER, PROGRAM, Case, main


class Teams(Case):
    def launch_apart(self, directory, *arguments):
        """Three ranks, of which the last two start in another directory."""
        launcher = [LAUNCHER, "--oversubscribe", "--bind-to", "none"]
        command = launcher + ["-n", "1", PROGRAM, *arguments, ":", "-n", "2", "--wdir", os.path.abspath(directory),
                              PROGRAM, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def make_large(self, *options):
        """Two plain traces, the first more than the share of a rank."""
        for repetition, events, seed in (("1", "450000", "1"), ("2", "270000", "2")):
            os.makedirs(f"bed/rep-{repetition}")
            subprocess.run([os.environ["GENERATE"], "trace", f"bed/rep-{repetition}/client.scap", "--events", events, "--seed", seed,
                            *options], stdout=subprocess.DEVNULL, check=True)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: x\nroot: .\nbaseline: bed\nruns: '{testbed}/rep-{rep}'\nprocess: {client: ab}\n"
                       "artifacts: {trace: {client: client.scap}}\nchain: {order: [1, 2]}\n"
                       "windows: [{skip: 1000, limit: 20000}, {skip: 0, limit: shortest}]\n")

    def make_large_captures(self, *settings):
        """Plain captures at both ends of two runs, the first more than the share of a rank."""
        for name, flows, seed in (("rep-1/client", "26000", "1"), ("rep-1/server", "5000", "1"),
                                  ("rep-2/client", "10000", "2"), ("rep-2/server", "1000", "2")):
            os.makedirs(os.path.dirname(f"bed/{name}"), exist_ok=True)
            subprocess.run([os.environ["GENERATE"], "capture", f"bed/{name}.pcap", "--flows", flows, "--seed", seed],
                           stdout=subprocess.DEVNULL, check=True)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: x\nroot: .\nbaseline: bed\nruns: '{testbed}/rep-{rep}'\n"
                       "artifacts: {capture: {client: client.pcap, server: server.pcap}}\n" + "\n".join(settings) + "\n")

    def check_shapes(self, all_ranks=(1, 2, 3, 7)):
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--force", "--threads", "1", "--quiet")
        for ranks in all_ranks:
            for threads in (1, 2):
                with self.subTest(ranks=ranks, threads=threads):
                    done = self.twinbed("analyze", "campaign.yaml", "-o", "many.h5", "--verbose", "--threads",
                                        str(threads), ranks=ranks)
                    self.assertEqual("ranks, " in done.stderr, ranks > 1)
                    self.assertNotIn("alone", done.stderr)
                    self.assert_same_results("alone.h5", "many.h5")
                    shutil.rmtree("many.h5.parts")
                    os.remove("many.h5")

    def test_traces_larger_than_a_share(self):
        self.make_large("--births", "40")
        self.check_shapes()

    def test_captures_larger_than_a_share(self):
        self.make_large_captures()
        plan = self.twinbed("plan", "campaign.yaml", "--ranks", "2").stdout
        self.assertIn("2 ranks together: bed/rep-1/client.pcap", plan)
        self.check_shapes()

    def test_captures_with_rows_of_flows(self):
        self.make_large_captures("flows: all", "flow_rules: tcptrace", "filter: tcp port 80")
        self.check_shapes((3,))

    def check_other_files(self, large):
        """Ranks of which some see another large file: one that was cut, or none at all."""
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--force", "--threads", "1", "--quiet")
        for damage in ("cut", "gone"):
            shutil.copytree("bed", f"{damage}/bed")
            if damage == "cut":
                os.truncate(f"{damage}/{large}", 15000001)
            else:
                os.remove(f"{damage}/{large}")
        for damage in ("cut", "gone"):
            with self.subTest(damage=damage):
                # Relative paths: two ranks work in a directory where the large file is another one.
                done = self.launch_apart(damage, "analyze", "campaign.yaml", "-o", os.path.abspath("many.h5"),
                                         "--verbose", "--threads", "1")
                self.assertEqual(done.returncode, 0, done.stderr[-2000:])
                self.assertIn("ranks, ", done.stderr)
                self.assertEqual("other ranks decode" in done.stderr, damage == "gone", done.stderr[-2000:])
                self.assert_same_results("alone.h5", "many.h5")
                shutil.rmtree("many.h5.parts")
                os.remove("many.h5")

    def test_a_rank_that_reads_another_file_changes_nothing(self):
        self.make_large()
        self.check_other_files("bed/rep-1/client.scap")

    def test_a_rank_that_reads_another_capture_changes_nothing(self):
        self.make_large_captures()
        self.check_other_files("bed/rep-1/client.pcap")

    def check_signal(self):
        environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
        with subprocess.Popen([LAUNCHER, "--oversubscribe", "--bind-to", "none", "-n", "3", PROGRAM, "analyze",
                               "campaign.yaml", "-o", "many.h5", "--threads", "1"], env=environment,
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as job:
            while job.poll() is None and not os.path.exists("many.h5.parts"):
                time.sleep(0.001)
            time.sleep(0.1)
            job.send_signal(signal.SIGUSR1)  # which mpirun passes on
            rest = job.communicate(timeout=100)[1]
        # Either it was in time, or the job was done already; mpirun gives its own status after a signal.
        self.assertTrue("artifacts used" in rest or "stopped by a signal" in rest, rest)
        self.twinbed("analyze", "campaign.yaml", "-o", "many.h5", "--force", "--quiet", ranks=3)
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--threads", "1", "--quiet")
        self.assert_same_results("alone.h5", "many.h5")

    def test_a_signal_stops_all_ranks_of_a_team(self):
        self.make_large()
        self.check_signal()

    def test_a_signal_stops_all_ranks_of_a_team_over_a_capture(self):
        self.make_large_captures()
        self.check_signal()


if __name__ == "__main__":
    main()
