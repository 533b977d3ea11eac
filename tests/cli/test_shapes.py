#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same results on any number of ranks and threads, wherever the job is started."""
import gzip
import os
import shutil

from command import DAMAGED, MANIFEST, SAMPLE, Case, main, outcome

CAPTURE = os.path.join(SAMPLE, "e1000/500B-c4/rep-01/link.pcap.gz")
FEW = ("--only", "instrumented=true", "--only", "size=500B,1MB", "--only", "rep=01,02", "--quiet")


class Shapes(Case):
    def setUp(self):
        super().setUp()
        self.twinbed("analyze", MANIFEST, "-o", "alone.h5", *FEW, "--threads", "1")

    def test_ranks_and_threads(self):
        for ranks in (1, 2, 3, 7):
            for threads in (1, 2):
                with self.subTest(ranks=ranks, threads=threads):
                    self.twinbed("analyze", MANIFEST, "-o", "many.h5", *FEW, "--force", "--threads", str(threads),
                                 ranks=ranks)
                    self.assert_same_results("alone.h5", "many.h5")
                    for name in os.listdir("many.h5.parts"):
                        os.remove(os.path.join("many.h5.parts", name))

    def test_chains_of_everything(self):
        manifest = self.copy_sample("500B-c4", repetitions=("rep-01", "rep-02", "rep-03"))
        self.edit(manifest, r"chain: .*\n", "chain: {order: [1, 2], states: call+outcome+descriptor, of: thread_groups}\n")
        self.edit(manifest, r"walks: .*\n", "walks: {profile: 7, chains: all}\n")
        self.twinbed("analyze", manifest, "-o", "one.h5", "--threads", "1")
        for ranks, threads in ((1, 2), (2, 1), (3, 2)):
            with self.subTest(ranks=ranks, threads=threads):
                self.twinbed("analyze", manifest, "-o", "many.h5", "--force", "--threads", str(threads), ranks=ranks)
                self.assert_same_results("one.h5", "many.h5")
                shutil.rmtree("many.h5.parts")

    def test_another_working_directory(self):
        relative = os.path.relpath(MANIFEST)
        self.twinbed("analyze", relative, "-o", "relative.h5", *FEW)
        self.assert_same_results("alone.h5", "relative.h5")

    def test_more_ranks_than_files(self):
        few = ("--only", "testbed=veth", "--only", "size=500B", "--only", "rep=01", "--only", "instrumented=false")
        self.twinbed("analyze", MANIFEST, "-o", "one.h5", *few)
        self.twinbed("analyze", MANIFEST, "-o", "seven.h5", *few, ranks=7)
        self.assert_same_results("one.h5", "seven.h5")

    def test_one_file_for_many_runs(self):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: x\nroot: {SAMPLE}\nbaseline: veth\n"
                       "runs: '{testbed}/500B-c4/rep-{rep}'\nprocess: {client: ab}\n"
                       "artifacts: {ab: ab.txt, trace: {client: '../../../e1000/500B-c4/rep-01/client.scap'}}\n")
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", status=DAMAGED)
        self.assertEqual((outcome(done)["used"], outcome(done)["damaged"]), (60, 0))
        self.assertIn("trace client: the same file for veth/500B-c4/rep-01, veth/500B-c4/rep-02", done.stderr)

    def test_the_comparison_can_fail(self):
        self.twinbed("analyze", MANIFEST, "-o", "other.h5", *FEW[:-3], "--only", "rep=01,03")
        with self.assertRaises(AssertionError):
            self.assert_same_results("alone.h5", "other.h5")


class LargeFiles(Case):
    def write_campaign(self, capture):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: x\nroot: {os.getcwd()}\nbaseline: bed\nruns: '{{testbed}}/rep-{{rep}}'\n"
                       f"artifacts: {{capture: {{link: ../../{capture}}}}}\n")
        os.makedirs("bed/rep-1")

    def plan(self):
        return self.twinbed("plan", "campaign.yaml", "--ranks", "1", "--threads", "2")

    def compare_threads(self):
        for threads in (1, 3):
            self.twinbed("analyze", "campaign.yaml", "-o", f"{threads}.h5", "--threads", str(threads), "--quiet",
                         status=DAMAGED)  # nothing names the server port
        self.assert_same_results("1.h5", "3.h5")

    def test_a_large_capture(self):
        with gzip.open(CAPTURE) as file:
            whole = file.read()
        header, packets = whole[:24], whole[24:]
        with open("large.pcap", "wb") as file:
            file.write(header)
            for _ in range((17 << 20) // len(packets) + 1):
                file.write(packets)
        self.write_campaign("large.pcap")
        self.assertIn("all threads", self.plan().stdout)
        self.compare_threads()

    def test_a_large_compressed_capture(self):
        with gzip.open(CAPTURE) as file:
            whole = file.read()
        header, packets = whole[:24], whole[24:]
        packets *= (1 << 20) // len(packets) + 1
        member = gzip.compress(packets, 0)
        with open("large.pcap.gz", "wb") as file:
            file.write(gzip.compress(header) + member * 17)
        self.write_campaign("large.pcap.gz")
        self.assertIn("compressed in pieces", self.plan().stdout)
        self.compare_threads()
        with open("large.pcap.gz", "wb") as file:
            file.write(gzip.compress(header + packets * 17, 0))
        self.assertIn("compressed (gzip) as a whole", self.plan().stderr)


if __name__ == "__main__":
    main()
