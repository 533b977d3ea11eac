#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traces larger than a rank's share are decoded by several ranks: the same results, whatever becomes of some of them."""
import os
import shutil
import subprocess

from command import main
from team_case import DONE, TeamCase
from volumes import remove_parts

LIST, CUTS = b"\ncalls, block ", b"\nin cuts alone\n"


class Teams(TeamCase):
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

    def test_traces_larger_than_a_share(self):
        self.make_large("--births", "40")
        self.check_shapes()

    def test_a_trace_is_read_once(self):
        """Windows are counted from the calls that the chunks of several threads and ranks left, not from the trace again."""
        self.make_large("--births", "40")
        self.twinbed("analyze", "campaign.yaml", "-o", "alone.h5", "--threads", "1", "--quiet", status=DONE)
        for ranks, threads in ((0, 2), (2, 1), (3, 2)):
            with self.subTest(ranks=ranks, threads=threads):
                job = ("analyze", "campaign.yaml", "-o", "many.h5", "--force", "--verbose", "--threads", str(threads))
                done = self.twinbed(*job, ranks=ranks, status=DONE)
                self.assertNotIn("from traces", done.stderr)
                self.assert_same_results("alone.h5", "many.h5")
                # In other shapes, too.
                remove_parts("many.h5.parts", CUTS)
                done = self.twinbed(*job, ranks=4 - ranks, status=DONE)
                self.assertNotIn("from traces", done.stderr)
                self.assert_same_results("alone.h5", "many.h5")
                # The words are there when there is no list.
                remove_parts("many.h5.parts", CUTS, LIST)
                done = self.twinbed(*job, ranks=ranks, status=DONE)
                self.assertIn("from traces", done.stderr)
                self.assert_same_results("alone.h5", "many.h5")
                shutil.rmtree("many.h5.parts")

    def test_a_rank_that_reads_another_file_changes_nothing(self):
        self.make_large()
        self.check_other_files("bed/rep-1/client.scap")

    def test_a_signal_stops_all_ranks_of_a_team(self):
        self.make_large()
        self.check_signal()


if __name__ == "__main__":
    main()
