#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures larger than a rank's share are decoded by several ranks: the same results, whatever becomes of some of them."""
import os
import subprocess

from command import main
from team_case import TeamCase


class CaptureTeams(TeamCase):
    def make_large(self, *settings):
        """Plain captures at both ends of two runs, the first more than the share of a rank."""
        for name, flows, seed in (("rep-1/client", "26000", "1"), ("rep-1/server", "5000", "1"),
                                  ("rep-2/client", "10000", "2"), ("rep-2/server", "1000", "2")):
            os.makedirs(os.path.dirname(f"bed/{name}"), exist_ok=True)
            subprocess.run([os.environ["GENERATE"], "capture", f"bed/{name}.pcap", "--flows", flows, "--seed", seed],
                           stdout=subprocess.DEVNULL, check=True)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: x\nroot: .\nbaseline: bed\nruns: '{testbed}/rep-{rep}'\n"
                       "artifacts: {capture: {client: client.pcap, server: server.pcap}}\n" + "\n".join(settings) + "\n")

    def test_captures_larger_than_a_share(self):
        self.make_large()
        plan = self.twinbed("plan", "campaign.yaml", "--ranks", "2").stdout
        self.assertIn("2 ranks together: bed/rep-1/client.pcap", plan)
        self.check_shapes()

    def test_captures_with_rows_of_flows(self):
        self.make_large("flows: all", "flow_rules: tcptrace", "duplicates: drop", "filter: tcp port 80")
        self.check_shapes((3,))

    def test_a_rank_that_reads_another_file_changes_nothing(self):
        self.make_large()
        self.check_other_files("bed/rep-1/client.pcap", ("cut", "gone"))

    def test_a_signal_stops_all_ranks_of_a_team(self):
        self.make_large()
        self.check_signal()


if __name__ == "__main__":
    main()
