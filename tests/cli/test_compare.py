#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two results files side by side."""
import csv
import io
import json
import os
import shutil
import subprocess

from command import BAD_USAGE, FAILED, GOOD, SAMPLE, Case, main

SCENARIO = "500B-c4"


class Compare(Case):
    def setUp(self):
        super().setUp()
        manifest = self.copy_sample(SCENARIO, testbeds=("veth", "e1000"))
        self.twinbed("analyze", manifest, "-o", "old.h5", "--quiet")
        shutil.copy("old.h5", "new.h5")

    def change(self, edit):
        """Edits new.h5, and gives it a right last line."""
        import h5py
        with h5py.File("new.h5", "r+") as file:
            edit(file)
        subprocess.run([os.environ["RESEAL"], "new.h5"], check=True)

    def rows(self, *options, status=GOOD):
        text = self.twinbed("compare", "old.h5", "new.h5", "--format", "csv", *options, status=status).stdout
        return list(csv.DictReader(io.StringIO(text)))

    def scale_metric(self, name, factor):
        def edit(file):
            metric = list(file["metrics/metric_name"].asstr()[:]).index(name)
            values = file["metrics/run_value"][()]
            values[:, metric] *= factor
            file["metrics/run_value"][()] = values
        self.change(edit)

    def test_nothing_changes_between_equal_files(self):
        self.assertEqual(self.rows(), [])
        every = self.rows("--all")
        self.assertGreater(len(every), 50)
        # Equal means with wide intervals are not shown to be equal.
        self.assertEqual({row["change"] for row in every}, {"undecided", "unchanged", "not_compared"})
        for row in every:
            if row["change"] != "not_compared":
                self.assertEqual(float(row["difference"]), 0)
                self.assertEqual(row["n"], row["reference_n"])
                self.assertEqual((row["close"], row["intervals_overlap"]), ("yes", "yes"))

    def test_the_verdict_says_what_changed_and_the_published_signs_stand_beside_it(self):
        changes = {"similar": "unchanged", "different": "changed", "undecided": "undecided", "none": "not_compared"}
        self.scale_metric("client_context_switches_per_request", 1.04)
        for row in self.rows("--all"):
            self.assertEqual(row["change"], changes[row["verdict"]])
            self.assertEqual(row["verdict"] == "none", row["close"] == "")
        rows = [row for row in self.rows("--all") if row["metric"] == "client_context_switches_per_request"]
        self.assertEqual({row["close"] for row in rows}, {"yes"})

    def leave_values(self, name, count):
        """In the first cell alone."""
        def edit(file):
            metric = list(file["metrics/metric_name"].asstr()[:]).index(name)
            values = file["metrics/run_value"][()]
            runs = [run for run, cell in enumerate(file["campaign/run_cell"][()]) if cell == 0]
            values[runs[count:], metric] = float("nan")
            file["metrics/run_value"][()] = values
        self.change(edit)

    def test_few_values_decide_nothing(self):
        self.scale_metric("received_per_request", 2)
        self.leave_values("received_per_request", 2)
        rows = self.rows()
        self.assertEqual([(row["testbed"], row["change"], row["n"], row["reason"]) for row in rows],
                         [("e1000", "changed", "10", "decided"), ("veth", "undecided", "2", "few_values")])
        self.assertEqual(rows[1]["holm_p"], "")
        done = self.twinbed("compare", "old.h5", "new.h5")
        self.assertRegex(done.stderr, r"are undecided \([1-9][0-9]* of them for want of values\)")

    def test_metrics_that_may_mean_something_else_are_named(self):
        def describe(file):
            names = list(file["metrics/metric_name"].asstr()[:])
            descriptions = file["metrics/metric_description"].asstr()[:]
            descriptions[names.index("client_walk_bits_per_transition")] = "Mean over valid walks."
            file["metrics/metric_description"][:] = descriptions
        self.assertNotIn("warning", self.twinbed("compare", "old.h5", "new.h5").stderr)
        self.change(describe)
        done = self.twinbed("compare", "old.h5", "new.h5")
        self.assertRegex(done.stderr, "warning: 1 metrics are described .*: client_walk_bits_per_transition")

    def test_only_the_family_is_adjusted_together(self):
        self.scale_metric("requests_per_second", 2)
        self.scale_metric("time_per_request", 2)
        adjusted = {row["metric"] for row in self.rows() if row["holm_p"] != ""}
        self.assertEqual(adjusted, {"requests_per_second"})

        def remove(file):
            del file["metrics/metric_family"]
            del file["metrics/metric_quantity"]
        shutil.copy("new.h5", "kept.h5")
        self.change(remove)
        shutil.move("new.h5", "older.h5")
        shutil.move("kept.h5", "new.h5")
        done = self.twinbed("compare", "older.h5", "new.h5", "--all", "--format", "json")
        adjusted = {row["metric"] for row in json.loads(done.stdout) if row["holm_p"] is not None}
        self.assertNotIn("time_per_request", adjusted)

    def test_what_changed_comes_first(self):
        self.scale_metric("received_per_request", 1.25)
        changed = self.rows()
        self.assertEqual([(row["testbed"], row["metric"]) for row in changed],
                         [("veth", "received_per_request"), ("e1000", "received_per_request")])
        for row in changed:
            self.assertAlmostEqual(float(row["ratio"]), 1.25, 12)
            self.assertEqual(row["verdict"], "different")
        every = self.rows("--all")
        self.assertEqual([row["change"] for row in every[:3]], ["changed", "changed", "undecided"])

    def test_the_first_file_is_the_reference(self):
        self.scale_metric("received_per_request", 2)
        done = self.twinbed("compare", "new.h5", "old.h5", "--format", "json")
        self.assertEqual([row["ratio"] for row in json.loads(done.stdout)], [0.5, 0.5])

    def test_the_threshold_can_be_chosen(self):
        self.scale_metric("received_per_request", 1.25)
        self.assertEqual(self.rows("--threshold", "0.3"), [])
        self.assertEqual(len(self.rows("--threshold", "0.2")), 2)
        for word in ("-1", "x", "", "nan"):
            self.assert_one_line(self.twinbed("compare", "old.h5", "new.h5", "--threshold", word, status=BAD_USAGE),
                                 "--threshold")

    def test_formats_agree(self):
        self.scale_metric("received_per_request", 1.25)
        text = self.twinbed("compare", "old.h5", "new.h5").stdout.splitlines()
        self.assertEqual(len(text), 3)
        self.assertIn("received_per_request", text[1])
        rows = json.loads(self.twinbed("compare", "old.h5", "new.h5", "--format", "json").stdout)
        self.assertEqual([row["metric"] for row in rows], [row["metric"] for row in self.rows()])

    def test_levels_match_whatever_the_order_of_factors(self):
        def turn(file):
            for name in ("campaign/factor_name", "campaign/factor_unit"):
                file[name][()] = file[name][()][::-1]
            for name in ("campaign/scenario_level_text", "campaign/scenario_level_number"):
                file[name][()] = file[name][()][:, ::-1]
        self.change(turn)
        self.assertGreater(len(self.rows("--all")), 50)

    def test_no_testbed_in_common(self):
        def rename(file):
            file["campaign/testbed_name"][:] = ["xen", "kvm"]
        self.change(rename)
        self.assert_one_line(self.twinbed("compare", "old.h5", "new.h5", status=BAD_USAGE),
                             "no testbed in common", "veth, e1000", "xen, kvm")

    def test_no_scenario_in_common(self):
        def other_levels(file):
            levels = file["campaign/scenario_level_text"][()]
            levels[:] = b"other"
            file["campaign/scenario_level_text"][()] = levels
            file["campaign/scenario_level_number"][()] = -5
        self.change(other_levels)
        self.assert_one_line(self.twinbed("compare", "old.h5", "new.h5", status=BAD_USAGE), "no scenario")

    def test_captures_at_different_points_are_not_compared(self):
        def move(file):
            kinds = file["quality/artifact_kind"].asstr()[:]
            points = file["quality/artifact_point"].asstr()[:]
            points[kinds == "capture"] = "client"
            file["quality/artifact_point"][:] = points
        self.change(move)
        rows = {row["metric"]: row["change"] for row in self.rows("--all")}
        self.assertEqual(rows["server_payload_per_request"], "not_compared")
        self.assertEqual(rows["received_per_request"], "unchanged")

    def test_files_of_an_older_program_lack_newer_tables(self):
        def remove(file):
            del file["sensitivity"]
            del file["term"]
        self.change(remove)
        self.assertEqual(self.rows(), [])

    def test_files_that_are_none(self):
        with open("text.h5", "w", encoding="utf-8") as file:
            file.write("no results\n")
        self.assert_one_line(self.twinbed("compare", "old.h5", "text.h5", status=FAILED), "text.h5")
        self.assert_one_line(self.twinbed("compare", "none.h5", "old.h5", status=FAILED), "none.h5")

    def test_damaged_indexes_are_refused(self):
        def point_outside(file):
            file["campaign/run_cell"][0] = 999
        self.change(point_outside)
        self.assert_one_line(self.twinbed("compare", "old.h5", "new.h5", status=FAILED), "run_cell")

    def test_usage(self):
        for arguments in ([], ["old.h5"], ["old.h5", "new.h5", "old.h5"], ["old.h5", "new.h5", "--format", "xml"],
                          ["old.h5", "new.h5", "--nothing"]):
            self.assert_one_line(self.twinbed("compare", *arguments, status=BAD_USAGE), "twinbed compare --help")


class WhatLies(Case):
    """Directories and single files, without a campaign file or results."""

    def rows(self, *arguments, status=GOOD):
        done = self.twinbed("compare", *arguments, "--format", "csv", status=status,
                            environment={"TMPDIR": self.directory})
        self.assertEqual([name for name in os.listdir(".") if name.startswith("twinbed-compare")], [])
        return list(csv.DictReader(io.StringIO(done.stdout))), done.stderr

    def of_run(self, bed, name, rep="01"):
        return os.path.join(SAMPLE, bed, SCENARIO, "rep-" + rep, name)

    def test_two_files_are_two_runs(self):
        for name, metric in (("ab.txt", "requests_per_second"), ("link.pcap.gz", "handshake_median"),
                             ("client.scap", "client_calls:connect"), ("owping.txt", "jitter")):
            with self.subTest(name):
                rows, said = self.rows(self.of_run("e1000", name), self.of_run("virtio", name), "--all")
                row = {row["metric"]: row for row in rows}[metric]
                self.assertEqual((row["reference_n"], row["n"], row["testbed"]), ("1", "1", "virtio"))
                self.assertEqual((row["verdict"], row["reason"], row["welch_low"]), ("undecided", "few_values", ""))
                self.assertNotIn("unchanged", {row["change"] for row in rows})
                self.assertIn("n = 1: no interval", said)

    def test_the_values_are_those_of_a_campaign(self):
        for bed in ("veth", "e1000"):
            for rep in range(1, 6):
                os.makedirs(f"{bed}-{bed}", exist_ok=True)
                shutil.copy(self.of_run(bed, "ab.txt", f"0{rep}"), f"{bed}-{bed}/run{rep}.txt")
        rows, said = self.rows("veth-veth", "e1000-e1000/", "--all")
        self.assertIn("10 runs of veth-veth and e1000-e1000", said)
        self.assertNotIn("n = 1", said)
        with open("x.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: x\nbaseline: veth-veth\nruns: '{testbed}/run{rep}.txt'\n"
                       "artifacts: {ab: 'run{rep}.txt'}\n")
        self.twinbed("analyze", "x.yaml", "-o", "x.h5", "--quiet")
        import h5py
        with h5py.File("x.h5") as file:
            names = file["metrics/metric_name"].asstr()[:]
            verdicts = file["comparison/verdict"].attrs["flag_meanings"].decode().split()
            found = {name: verdicts[value] for name, value in zip(names, file["comparison/verdict"][0])}
        self.assertEqual({row["metric"]: row["verdict"] for row in rows}, found)
        self.assertIn("different", found.values())

    def test_directories_match_scenario_by_scenario(self):
        self.copy_sample(SCENARIO, "100KB-c4", repetitions=("rep-01", "rep-02", "rep-03"))
        rows, said = self.rows("sample/veth", "sample/virtio", "--all")
        self.assertEqual({row["scenario"] for row in rows}, {"size=500B, clients=4", "size=100KB, clients=4"})
        self.assertIn("2 cells in both", said)
        shutil.rmtree("sample/virtio/" + SCENARIO)
        rows, said = self.rows("sample/veth", "sample/virtio", "--all")
        self.assertEqual({row["scenario"] for row in rows}, {"size=100KB, clients=4"})
        self.assertIn("in one of them only: 1 cells of sample/veth, 0 cells of sample/virtio", said)

    def test_calls_of_directories_of_traces(self):
        for bed in ("e1000", "virtio"):
            os.mkdir(bed)
            for rep in "123":
                shutil.copy(self.of_run(bed, "client.scap", "0" + rep), f"{bed}/{rep}.scap")
        rows, said = self.rows("e1000", "virtio", "--all")
        found = {row["metric"]: row for row in rows}
        self.assertEqual((found["client_calls:execve"]["n"], found["client_calls:execve"]["mean"]), ("3", "1"))
        self.assertEqual(found["client_calls:execve"]["change"], "unchanged")
        expected = []
        for rep in "123":
            calls = self.twinbed("calls", f"virtio/{rep}.scap", "--process", "ab", "--format", "csv").stdout
            expected += [int(row["count"]) for row in csv.DictReader(io.StringIO(calls)) if row["call"] == "connect"]
        self.assertAlmostEqual(float(found["client_calls:connect"]["mean"]), sum(expected) / 3, 5)
        self.assertNotIn("n = 1", said)

    def test_two_things_of_different_kinds(self):
        text, capture = self.of_run("e1000", "ab.txt"), self.of_run("virtio", "link.pcap.gz")
        with open("none.txt", "w", encoding="utf-8") as file:
            file.write("nothing\n")
        for pair, words in (((text, capture), ("output of ApacheBench", "a packet capture")),
                            ((text, os.path.dirname(text)), ("output of ApacheBench", "a directory")),
                            ((text, "none.txt"), ("nothing that is known",)), ((text, text), ("one and the same",))):
            done = self.twinbed("compare", *pair, status=BAD_USAGE)
            self.assert_one_line(done, *words)
        os.mkdir("empty")
        self.assert_one_line(self.twinbed("compare", "empty", os.path.dirname(text), status=BAD_USAGE), "empty")


if __name__ == "__main__":
    main()
