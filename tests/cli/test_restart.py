#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that are stopped and started again, and jobs that find parts of others."""
import os
import shutil
import signal
import subprocess
import time

import h5py

from command import GOOD, MANIFEST, PROGRAM, SAMPLE, STOPPED, Case, main, outcome
from volumes import all_parts, parts_of

SOME = ("--only", "instrumented=true", "--only", "size=500B,100KB", "--only", "rep=01,02,03,04,05")


class Stopped(Case):
    def stop_when_parts_are_there(self, parts):
        """Starts a job, sends SIGTERM when that many parts are finished; gives its exit status and words."""
        job = subprocess.Popen([PROGRAM, "analyze", MANIFEST, "-o", "x.h5", *SOME, "--threads", "1"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while job.poll() is None:
            if len(parts_of("x.h5.parts")) >= parts:
                job.send_signal(signal.SIGTERM)
                break
            time.sleep(0.001)
        words = job.communicate(timeout=60)[1]
        return job.returncode, words

    def test_signal_while_mpi_starts(self):
        """Before the handlers were there it ended the job with the signal's own status, which looks like a failure."""
        for delay in (0, 0.02, 0.05, 0.1):
            job = subprocess.Popen([PROGRAM, "analyze", MANIFEST, "-o", "x.h5"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
            self.wait_until_signals_are_caught(job)
            time.sleep(delay)
            job.send_signal(signal.SIGUSR1)
            words = job.communicate(timeout=120)[1]
            self.assertEqual(job.returncode, STOPPED, words)

    @staticmethod
    def wait_until_signals_are_caught(job):
        """The kernel tells: bit 9 of SigCgt is SIGUSR1's."""
        while job.poll() is None:
            with open(f"/proc/{job.pid}/status", encoding="ascii") as status:
                caught = next(line for line in status if line.startswith("SigCgt:"))
            if int(caught.split()[1], 16) & 1 << signal.SIGUSR1 - 1:
                return
            time.sleep(0.001)

    def test_stopped_job_goes_on(self):
        for attempt in range(5):  # the signal may come too late
            status, words = self.stop_when_parts_are_there(8)
            if status == STOPPED:
                break
            self.assertEqual(status, GOOD, words)
            os.remove("x.h5")
            shutil.rmtree("x.h5.parts")
        self.assertEqual(status, STOPPED, words)
        self.assertIn("stopped by a signal", words)
        self.assertIn("x.h5.parts", words)
        self.assert_nothing_is_left()
        parts = len(parts_of("x.h5.parts"))
        self.assertGreaterEqual(parts, 8)
        counts = outcome(self.twinbed("analyze", MANIFEST, "-o", "x.h5", *SOME))
        # A part for each artifact, and a list of calls beside that of a trace.
        self.assertGreaterEqual(counts["reused"], parts // 2)
        self.assertLess(counts["reused"], counts["used"])
        self.twinbed("analyze", MANIFEST, "-o", "uninterrupted.h5", *SOME, ranks=2)
        self.assert_same_results("x.h5", "uninterrupted.h5")


def rows_of(directory):
    """Parts that hold what studies came to: rows of chains, distances, walks."""
    return parts_of(directory, b"study ")


class StoppedStudies(Case):
    """Signals behind decoding: a job that had all its files once ended with status 0 half a minute later."""

    def stop_at(self, path, stage):
        """Sends SIGUSR1 once a part of the stage is there; gives exit status and words."""
        job = subprocess.Popen([PROGRAM, "analyze", path, "-o", "x.h5", "--threads", "1"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
        while job.poll() is None and not parts_of("x.h5.parts", b"study " + stage):
            time.sleep(0.001)
        job.send_signal(signal.SIGUSR1)
        words = job.communicate(timeout=120)[1]
        return job.returncode, words

    def test_stopped_studies_go_on(self):
        path = "campaign.yaml"
        shutil.copy(MANIFEST, path)
        self.edit(path, "baseline: veth", f"baseline: veth\nroot: {SAMPLE}")
        self.edit(path, r"order: \[1, 2\]", "order: [1, 2, 3, 4]")
        self.twinbed("analyze", path, "-o", "whole.h5")
        for stage in (b"chains", b"pairs", b"walk"):
            for attempt in range(5):  # the signal may come too late
                shutil.rmtree("x.h5.parts", ignore_errors=True)
                status, words = self.stop_at(path, stage)
                if status == STOPPED:
                    break
                self.assertEqual(status, GOOD, words)
                os.remove("x.h5")
            self.assertEqual(status, STOPPED, words)
            self.assertIn("the same command goes on", words)
            studied = len(rows_of("x.h5.parts"))
            self.assertGreater(studied, 0)
            self.twinbed("analyze", path, "-o", "x.h5", ranks=2)
            self.assert_same_results("x.h5", "whole.h5")
            # Nothing is studied twice.
            written = [part.key for part in all_parts("x.h5.parts") if part.key.startswith(b"study ")]
            self.assertEqual(len(written), len(set(written)))
            self.assertGreater(len(written), studied)
            os.remove("x.h5")

    def make_many_repetitions(self):
        """Twenty-five runs a testbed: labelings are drawn, and one scenario takes a while."""
        for testbed in ("veth", "virtio"):
            for copy in range(5):
                for repetition in ("rep-01", "rep-02", "rep-03", "rep-04", "rep-05"):
                    shutil.copytree(os.path.join(SAMPLE, testbed, "500B-c4", repetition),
                                    os.path.join("many", testbed, f"{repetition}{copy}"))
        with open("many/campaign.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: many\nbaseline: veth\nruns: '{testbed}/rep-{rep}'\nprocess: {client: ab, server: gohttp}\n"
                       "artifacts: {ab: {text: ab.txt}, trace: {client: client.scap, server: [server.scap, client.scap]}}\n"
                       "chain: {order: [1, 2]}\n")
        return "many/campaign.yaml"

    def test_a_signal_within_a_scenario(self):
        """A study that is not finished is left, and labelings are the same for any number of ranks and threads."""
        path = self.make_many_repetitions()
        self.twinbed("analyze", path, "-o", "whole.h5", "--threads", "1")
        for attempt in range(5):  # the signal may come too late
            shutil.rmtree("x.h5.parts", ignore_errors=True)
            status, words = self.stop_at(path, b"pairs, item 3")
            if status == STOPPED and not parts_of("x.h5.parts", b"study distances"):
                break
            if os.path.exists("x.h5"):
                os.remove("x.h5")
        self.assertEqual((status, parts_of("x.h5.parts", b"study distances")), (STOPPED, []), words)
        self.assertIn("the same command goes on", words)
        for ranks, threads in ((2, 2), (3, 1), (1, 3)):
            self.twinbed("analyze", path, "-o", "x.h5", "--force", "--threads", str(threads), ranks=ranks)
            self.assert_same_results("x.h5", "whole.h5")
            shutil.rmtree("x.h5.parts")
        with h5py.File("whole.h5") as file:
            self.assertEqual(set(file["os/run_test_labelings"][()]), {100000})


class Reused(Case):
    def setUp(self):
        super().setUp()
        self.manifest = "campaign.yaml"
        shutil.copy(MANIFEST, self.manifest)
        self.edit(self.manifest, "baseline: veth", f"baseline: veth\nroot: {SAMPLE}")
        self.first = outcome(self.twinbed("analyze", self.manifest, "-o", "x.h5", *SOME))
        self.assertEqual(self.first["reused"], 0)

    def again(self, *arguments, **keywords):
        return outcome(self.twinbed("analyze", self.manifest, "-o", "x.h5", "--force", *SOME, *arguments, **keywords))

    def assert_all_reused(self, counts):
        self.assertEqual(counts["used"], self.first["used"])
        # veth's traces hold both ends: two artifacts, one part.
        with h5py.File("x.h5") as file:
            paths = {path for path, state in zip(file["quality/artifact_path"][()], file["quality/artifact_state"][()])
                     if state == 0}
        self.assertEqual(counts["reused"], len(paths))

    def test_parts_are_in_one_file_a_process(self):
        self.assertEqual(len(os.listdir("x.h5.parts")), 1)
        self.again("--parts", "three", ranks=3)
        self.assertLessEqual(len(os.listdir("three")), 3)
        self.assertGreater(len(parts_of("three")), 30)

    def test_same_job_decodes_nothing(self):
        shutil.copy("x.h5", "before.h5")
        written = len(list(all_parts("x.h5.parts")))
        self.assertGreater(len(rows_of("x.h5.parts")), 0)
        self.assert_all_reused(self.again())
        self.assert_same_results("x.h5", "before.h5")
        self.assert_all_reused(self.again(ranks=3))
        self.assert_same_results("x.h5", "before.h5")
        self.assertEqual(len(list(all_parts("x.h5.parts"))), written)

    def test_other_settings_study_again(self):
        """What decides the rows of a study is all that the campaign file says, and all that was found in the files."""
        rows = len(rows_of("x.h5.parts"))
        self.edit(self.manifest, "profile: 20", "profile: 20, smoothing: 0.125")
        self.assert_all_reused(self.again())
        self.assertGreater(len(rows_of("x.h5.parts")), rows)
        self.twinbed("analyze", self.manifest, "-o", "fresh.h5", *SOME)
        self.assert_same_results("x.h5", "fresh.h5")

    def test_other_runs_study_again(self):
        """The same campaign file, but another part of it."""
        some = ("--only", "instrumented=true", "--only", "size=500B", "--only", "rep=01,02,03")
        self.twinbed("analyze", self.manifest, "-o", "x.h5", "--force", *some)
        self.twinbed("analyze", self.manifest, "-o", "fresh.h5", *some)
        self.assert_same_results("x.h5", "fresh.h5")

    def test_another_directory_decodes_nothing(self):
        """The path counts from the root, whatever the root is called from here."""
        shutil.copy("x.h5", "before.h5")
        os.mkdir("elsewhere")
        os.symlink(SAMPLE, "elsewhere/link")
        self.edit(self.manifest, f"root: {SAMPLE}", "root: elsewhere/link")
        self.assert_all_reused(self.again())
        os.chdir("elsewhere")
        done = outcome(self.twinbed("analyze", "../campaign.yaml", "-o", "../x.h5", "--force", *SOME))
        os.chdir("..")
        self.assert_all_reused(done)

    def test_parts_that_nothing_fits_are_mentioned(self):
        """Whoever moved or touched all files would decode a campaign again without a word."""
        copy = self.copy_sample("500B-c4", testbeds=("e1000", "veth"), repetitions=("rep-01", "rep-02"))
        only = ("--only", "instrumented=true")
        self.assertNotIn("parts", self.twinbed("analyze", copy, "-o", "y.h5", *only, "--quiet").stderr)
        for directory, _, names in os.walk("sample"):
            for name in names:
                os.utime(os.path.join(directory, name))
        done = self.twinbed("analyze", copy, "-o", "y.h5", "--force", *only, "--quiet")
        self.assertRegex(done.stderr, r"y\.h5\.parts: none of \d+ parts there is of these files as they are now")
        self.assertNotIn("none of", self.twinbed("analyze", copy, "-o", "y.h5", "--force", *only, "--quiet").stderr)

    def test_another_threshold_decodes_nothing(self):
        self.edit(self.manifest, "work: ab", "work: ab\ncloseness: 0.25")
        self.assert_all_reused(self.again())
        with h5py.File("x.h5") as file:
            self.assertEqual(file["metrics/metric_threshold"][0], 0.25)

    def test_another_baseline_decodes_nothing(self):
        self.edit(self.manifest, "baseline: veth", "baseline: e1000")
        self.assert_all_reused(self.again())
        with h5py.File("x.h5") as file:
            self.assertEqual(file["campaign/testbed_name"][0], b"e1000")

    def test_another_discard_decodes_nothing(self):
        self.edit(self.manifest, "work: ab", "work: ab\ndiscard: [{run: e1000/500B-c4/rep-02, reason: test}]")
        counts = self.again()
        self.assertEqual(counts["discarded"], 1)
        # Seven files of that run are not looked at; ten traces of veth count twice among those used.
        self.assertEqual(counts["reused"] + 7, self.first["used"] - 10)

    def test_another_process_decodes_traces_again(self):
        self.edit(self.manifest, "client: ab,", "client: {name: ab, arguments: http},")
        counts = self.again()
        self.assertLess(counts["reused"], self.first["used"] - 10)
        self.assertGreater(counts["reused"], 0)

    def test_changed_file_is_decoded_again(self):
        copy = self.copy_sample("500B-c4", testbeds=("e1000", "veth"), repetitions=("rep-01", "rep-02"))
        self.twinbed("analyze", copy, "-o", "y.h5", "--only", "instrumented=true")
        self.edit("sample/e1000/500B-c4/rep-01/ab.txt", r"Requests per second: +[0-9.]+", "Requests per second:    1.25")
        counts = outcome(self.twinbed("analyze", copy, "-o", "y.h5", "--force", "--only", "instrumented=true"))
        self.twinbed("analyze", copy, "-o", "fresh.h5", "--only", "instrumented=true")
        # One file changed; two traces of veth hold both ends and count twice among those used.
        self.assertEqual(counts["reused"], counts["used"] - 2 - 1)
        self.assert_same_results("y.h5", "fresh.h5")

    def test_damaged_part_is_made_again(self):
        for part in parts_of("x.h5.parts"):
            part.flip()
        shutil.copy("x.h5", "before.h5")
        self.again()
        self.assert_same_results("x.h5", "before.h5")


if __name__ == "__main__":
    main()
