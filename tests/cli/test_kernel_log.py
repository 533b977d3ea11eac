#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kernels said during runs: counted, listed, set beside the capture, and a reason to leave a run out."""
import math
import os
import re

from command import DAMAGED, GOOD, Case, main
from test_messy import MANIFEST, good_run

FRAME = b"# kernel log of the run\n"
FAULT = (b"[ 4012.100000] NETDEV WATCHDOG: eth0 (e1000): transmit queue 0 timed out\n"
         b"[ 4012.200000] e1000 0000:00:03.0 eth0: Reset adapter <b>\n"
         b"[ 4012.300000] e1000: eth0 NIC Link is Up 1000 Mbps Full Duplex\n")
LOGS = MANIFEST.replace("  capture_log: tcpdump.txt\n", "  kernel_log: {client: client.log, server: server.log}\n")


class KernelLog(Case):
    def write(self, run, **logs):
        os.makedirs(run)
        for name, content in {**good_run(), **{f"{name}.log": log for name, log in logs.items()}}.items():
            if name != "tcpdump.txt":
                with open(os.path.join(run, name), "wb") as file:
                    file.write(content)

    def make_campaign(self, manifest=LOGS):
        for repetition in range(3):
            self.write(f"good/{repetition}", client=FRAME, server=b"[    1.0] eth0: entered promiscuous mode\n")
        self.write("bad/0", client=FRAME, server=FRAME + FAULT + FAULT)
        self.write("bad/1", client=FRAME, server=b"")
        self.write("bad/2", client=FRAME)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(manifest)

    def load(self, path):
        import h5py
        with h5py.File(path, "r") as file:
            names = ("campaign/run_name", "metrics/metric_name", "metrics/run_value", "metrics/run_reason",
                     "metrics/reason_sentence", "campaign/run_stalled", "campaign/run_resets", "campaign/run_discarded",
                     "quality/artifact_path", "quality/artifact_remark", "os/kernel_event_artifact", "os/kernel_event_kind", "os/kernel_event_time",
                     "os/kernel_event_text")
            self.data = {name.split("/")[1]: (file[name].asstr()[:] if file[name].dtype.kind == "O" else file[name][()])
                         for name in names}

    def value(self, run, metric):
        return self.data["run_value"][list(self.data["run_name"]).index(run)][
            list(self.data["metric_name"]).index(metric)]

    def reason(self, run, metric):
        number = self.data["run_reason"][list(self.data["run_name"]).index(run)][
            list(self.data["metric_name"]).index(metric)]
        return self.data["reason_sentence"][number] if number >= 0 else ""

    def of_run(self, name, run):
        return self.data[name][list(self.data["run_name"]).index(run)]

    def test_events_are_counted_and_listed(self):
        self.make_campaign()
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        self.assertEqual(self.value("good/0", "server_adapter_reset_events"), 0)
        self.assertEqual(self.value("bad/0", "server_adapter_reset_events"), 2)
        self.assertEqual(self.value("bad/0", "server_transmit_timeout_events"), 2)
        self.assertEqual(self.value("bad/0", "server_link_up_events"), 2)
        self.assertEqual(self.value("bad/0", "server_link_down_events"), 0)
        self.assertEqual(self.value("bad/0", "client_adapter_reset_events"), 0)
        self.assertFalse([name for name in self.data["metric_name"] if re.match("host_.*_events", name)])
        for run, words in (("bad/1", "the file is empty"), ("bad/2", "no such file, though other runs")):
            self.assertTrue(math.isnan(self.value(run, "server_adapter_reset_events")))
            self.assertIn("kernel log of the server: ", self.reason(run, "server_adapter_reset_events"))
            self.assertIn(words, self.reason(run, "server_adapter_reset_events"))
            self.assertEqual(self.value(run, "client_adapter_reset_events"), 0)
        self.assertEqual(list(self.data["kernel_event_kind"]), ["transmit_timeout", "adapter_reset", "link_up"] * 2)
        self.assertEqual(self.data["kernel_event_time"][1], "4012.200000")
        self.assertEqual(self.data["kernel_event_text"][1], "e1000 0000:00:03.0 eth0: Reset adapter <b>")
        paths = {self.data["artifact_path"][artifact] for artifact in self.data["kernel_event_artifact"]}
        self.assertEqual(paths, {"bad/0/server.log"})
        rows = self.twinbed("export", "results.h5", "--table", "kernel_events").stdout.splitlines()
        self.assertEqual(len(rows), 7)
        self.assertIn("bad/0,0,0,server,none,bad/0/server.log,adapter_reset,4012.200000,", rows[2])
        self.twinbed("report", "results.h5", "-o", "report.html")
        with open("report.html", encoding="utf-8") as file:
            page = file.read()
        section = page[page.index("Kernel logs and stalls"):]
        self.assertIn("Runs with a kernel log: 6. With a network adapter that was reset: 1, of which flows", section)
        self.assertIn("server: transmit_timeout 2; server: adapter_reset 2; server: link_up 2", section)
        self.assertIn("Reset adapter &lt;b&gt;", section)
        self.assertNotIn("Reset adapter <b>", page)

    def test_a_run_with_more_logs_and_kinds_than_are_named(self):
        """Six logs of fifteen kinds, 64 of which are named: the events of the others are counted."""
        said = ("NETDEV WATCHDOG: eth0: timed out", "e1000: Reset adapter", "e1000: tx hang", "eth0: link is down",
                "eth0: link is up", "Out of memory: Killed process 1", "BUG: soft lockup - stuck for 22s", "hard LOCKUP",
                "INFO: task ab:1 blocked for more than 120 seconds", "rcu: detected stall", "kernel BUG at x.c:1",
                "Call Trace:", "clocksource: unstable", "nf_conntrack: table full", "SYN flooding on port 80")
        log = "".join(f"[ {i}.5] {words}\n" for i, words in enumerate(said, 1)).encode()
        for testbed in ("good", "bad"):
            for pair in range(6):
                self.write(f"{testbed}/0/p{pair}", client=log, server=FRAME)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(LOGS.replace("{testbed}/{rep}", "{testbed}/{rep}/p{pair}"))
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=GOOD)
        self.twinbed("report", "results.h5", "-o", "report.html")
        with open("report.html", encoding="utf-8") as file:
            page = file.read()
        self.assertEqual(page.count("; 26 others</td>"), 2)

    def test_a_reset_stalls_a_run_which_may_be_left_out(self):
        self.make_campaign(LOGS + "discard: stalled\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        self.assertEqual([self.of_run("run_resets", run) for run in ("good/0", "bad/0", "bad/1")], [0, 2, 0])
        self.assertEqual([self.of_run("run_stalled", run) for run in ("good/0", "bad/0", "bad/1")], [0, 1, 0])
        self.assertEqual([self.of_run("run_discarded", run) for run in ("good/0", "bad/0", "bad/1")], [0, 1, 0])
        self.assertTrue(math.isnan(self.value("bad/0", "requests_per_second")))
        self.assertEqual(len(self.data["kernel_event_kind"]), 6)
        self.twinbed("report", "results.h5", "-o", "report.html")
        with open("report.html", encoding="utf-8") as file:
            self.assertIn("its kernel log tells of 2 resets of a network adapter", file.read())

    def test_how_many_resets_stall_a_run_is_a_setting(self):
        self.make_campaign(LOGS + "discard: stalled\nstalls: {resets: 3}\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        self.assertEqual([self.of_run("run_stalled", "bad/0"), self.of_run("run_discarded", "bad/0")], [0, 0])

    def test_a_log_of_several_roles_is_listed_once(self):
        self.write("good/0", host=FRAME + FAULT)
        self.write("good/1", host=b"[    0.000000] Linux version 6.1\n" + FAULT)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(LOGS.replace("{client: client.log, server: server.log}",
                                    "{client: host.log, server: host.log, host: host.log}"))
        self.twinbed("check", "campaign.yaml", status=GOOD)
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=GOOD)
        self.load("results.h5")
        for role in ("client", "server", "host"):
            self.assertEqual(self.value("good/0", f"{role}_adapter_reset_events"), 1)
        self.assertEqual(len(self.data["kernel_event_kind"]), 6)
        remarks = dict(zip(self.data["artifact_path"], self.data["artifact_remark"]))
        self.assertEqual(remarks["good/0/host.log"], "")
        self.assertIn("its 3 events may be of before the run", remarks["good/1/host.log"])

    def test_init_knows_them(self):
        self.make_campaign()
        done = self.twinbed("init", ".")
        self.assertIn('  kernel_log: {client: "client.log", server: "server.log"}', done.stdout)


if __name__ == "__main__":
    main()
