#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traces larger than a rank's share are decoded by several ranks: the same results, whatever becomes of some of them."""
import os
import subprocess

from command import main
from team_case import TeamCase


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

    def test_a_rank_that_reads_another_file_changes_nothing(self):
        self.make_large()
        self.check_other_files("bed/rep-1/client.scap")

    def test_a_signal_stops_all_ranks_of_a_team(self):
        self.make_large()
        self.check_signal()


if __name__ == "__main__":
    main()
