#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics that a campaign file declares, through the whole job: values, verdicts, reasons, report, export, compare."""
import csv
import json
import os
import re

import h5py

from command import BAD_USAGE, DAMAGED, HERE, Case, main

MANIFEST = """campaign: own
baseline: physical
runs: "{testbed}/{size}/rep-{rep}"
factors:
  size: {type: bytes}
work: {file: summary.json, json: /ops}
family: [pause_p75, temperature]
metrics:
  - {name: ops_per_second, unit: 1/s, file: summary.json, json: /rate, direction: larger, meaning: Operations.}
  - {name: pause_p75, unit: ms, level: operating system, role: server, file: gc.csv, column: pause, take: p75}
  - {name: pause_sum, unit: ms, file: gc.csv, column: pause, take: sum, direction: smaller}
  - {name: losses, file: log.txt, regex: "lost ([0-9]+) packets", take: sum, level: network, role: both}
  - {name: memory, unit: KiB, file: status, key: VmHWM, role: host, pairs: maximum}
  - {name: temperature, unit: degC, file: status, key: temp, scale: difference, margin: 0.5}
"""
LONG = "seconds_until_every_worker_of_the_pool_has_answered_for_once"
MANIFEST = MANIFEST.replace("temperature]", f"temperature, {LONG}]") + f"  - {{name: {LONG}, file: status, key: VmHWM}}\n"
NAMES = ["ops_per_second", "pause_p75", "pause_sum", "losses", "memory", "temperature"]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Metrics(Case):
    def setUp(self):
        super().setUp()
        for testbed, factor in (("physical", 1), ("virtio", 2)):
            for size in ("1KiB", "2KiB"):
                for rep in range(4):
                    self.record(f"{testbed}/{size}/rep-{rep}", factor, rep)
        write("./campaign.yaml", MANIFEST)

    @staticmethod
    def record(run, factor, rep):
        write(f"{run}/summary.json", json.dumps({"ops": 500, "rate": factor * 1000.0 + rep}))
        write(f"{run}/gc.csv", "t,pause\n1,4\n2,%d\n3,1\n4,2\n" % (3 * factor))
        write(f"{run}/log.txt", f"lost {factor} packets\nfine\nlost {rep} packets\n")
        write(f"{run}/status", f"VmHWM:\t{100 * factor + rep} kB\ntemp {rep - 2}\n")

    @staticmethod
    def metric(file, name):
        return [text.decode() for text in file["metrics/metric_name"][:]].index(name)

    def values(self, file, name):
        return list(file["metrics/run_value"][:, self.metric(file, name)])

    def table(self, name, key="metric", **where):
        """The rows that have these values, by a column."""
        done = self.twinbed("export", "x.h5", "--table", name, "--format", "csv")
        return {row[key]: row for row in csv.DictReader(done.stdout.splitlines())
                if all(row[column] == value for column, value in where.items())}

    def test_the_whole_job(self):
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5")
        with h5py.File("x.h5") as file:
            self.assertEqual(self.values(file, "ops_per_second"), [1000, 1001, 1002, 1003, 2000, 2001, 2002, 2003] * 2)
            self.assertEqual(self.values(file, "pause_p75"), [3] * 4 + [4] * 4 + [3] * 4 + [4] * 4)
            self.assertEqual(self.values(file, "pause_sum"), [10] * 4 + [13] * 4 + [10] * 4 + [13] * 4)
            self.assertEqual(self.values(file, "losses")[:8], [1, 2, 3, 4, 2, 3, 4, 5])
            self.assertEqual(self.values(file, "memory")[4:8], [200, 201, 202, 203])
            self.assertEqual(self.values(file, "temperature")[:4], [-2, -1, 0, 1])
            at = self.metric(file, "ops_per_second")
            self.assertEqual(file["metrics/metric_direction"][at], b"larger")
            self.assertEqual(file["metrics/metric_description"][at], b"Operations.")
            self.assertEqual(file["metrics/metric_quantity"][at], b"ops_per_second")
            levels = [text.decode() for text in file["metrics/metric_level"][:]]
            self.assertEqual(levels, sorted(levels, key=["application", "operating system", "network"].index))
            self.assertEqual([name for name in NAMES if file["metrics/metric_family"][self.metric(file, name)] == 1],
                             ["pause_p75", "temperature"])
            self.assertEqual(file.attrs["setting_work_value"].decode(), "/ops")
            # Nobody says that they are requests; what a capture would count is of requests still.
            self.assertEqual(file.attrs["work_unit"].decode(), "operation")
            said = dict(zip((name.decode() for name in file["metrics/metric_name"][:]), file["metrics/metric_description"][:]))
            self.assertIn(b"per completed operation", said["packets_per_request"])
            self.assertIn(b"per HTTP request", said["packets_per_captured_request"])
        rows = self.table("comparison", contrast="virtio vs physical: size=1KiB")
        self.assertEqual(rows["ops_per_second"]["verdict"], "different")
        self.assertAlmostEqual(float(rows["ops_per_second"]["ratio"]), 2001.5 / 1001.5)
        self.assertEqual(rows["ops_per_second"]["holm_p"], "")
        self.assertEqual(rows["temperature"]["close"], "1")
        self.assertNotEqual(rows["temperature"]["holm_p"], "")
        self.assertEqual(rows["memory"]["verdict"], "different")
        self.twinbed("report", "x.h5", "-o", "page.html")
        with open("page.html", encoding="utf-8") as page:
            text = page.read()
        shown = text[text.index("Verdicts."):text.index("All metrics.")]
        self.assertIn("ops per second", shown)
        self.assertIn("larger is better", shown)
        for name in NAMES:
            self.assertIn(name.replace("_", " "), text)
        self.assertIn(LONG.replace("_", " "), text)
        self.assertIn(LONG[:40].replace("_", " ") + "...", text)  # beside the picture
        self.twinbed("analyze", "campaign.yaml", "-o", "y.h5", ranks=2)
        self.assert_same_results("x.h5", "y.h5")

    def test_bad_and_missing_numbers_have_reasons(self):
        write("virtio/1KiB/rep-0/gc.csv", "t,pause\n1,4\n2,nan\n")
        write("virtio/1KiB/rep-1/summary.json", '{"ops": 500, "rate": "fast"}')
        write("virtio/1KiB/rep-2/summary.json", '{"ops": 500, "rate": -1}')
        write("virtio/1KiB/rep-3/log.txt", "all is well\n")
        os.unlink("virtio/2KiB/rep-0/status")
        write("virtio/2KiB/rep-1/summary.json", '{"ops": 500, "ra')
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", status=DAMAGED)
        expected = {("pause_sum", "virtio/1KiB/rep-0"): ("no_number", "gc.csv: line 3: 'pause' has no number"),
                    ("ops_per_second", "virtio/1KiB/rep-1"):
                        ("no_number", "summary.json: the value at '/rate' is not a number"),
                    ("ops_per_second", "virtio/1KiB/rep-2"):
                        ("no_number", "summary.json: the number is negative, which is no ratio's"),
                    ("losses", "virtio/1KiB/rep-3"):
                        ("no_number", "log.txt: no line matches 'lost ([0-9]+) packets'"),
                    ("memory", "virtio/2KiB/rep-0"): ("missing", "status: "),
                    ("ops_per_second", "virtio/2KiB/rep-1"): ("damaged", "summary.json: ")}
        for (name, run), (kind, sentence) in expected.items():
            row = self.table("metrics", "run", metric=name)[run]
            self.assertEqual(row["reason_kind"], kind)
            self.assertIn(sentence, row["reason"])
        with h5py.File("x.h5") as file:
            self.assertEqual(self.values(file, "losses")[4], 2)

    def test_check_tells_what_is_not_there(self):
        os.unlink("virtio/2KiB/rep-0/status")
        write("virtio/1KiB/rep-1/summary.json", '{"ops": 500}')
        done = self.twinbed("check", "campaign.yaml", status=DAMAGED)
        self.assertIn("numbers status", done.stdout)
        self.assertIn("missing in: virtio/2KiB/rep-0", done.stdout)
        self.assertIn("has no value at '/rate'", done.stdout)
        done = self.twinbed("check", "campaign.yaml", "--only", "size=1KiB", "--only", "rep=0")
        self.assertNotIn("missing in", done.stdout)
        self.assertIn("rank 1:", self.twinbed("plan", "campaign.yaml", "--ranks", "2").stdout)

    def test_parts_are_used_again_until_a_place_changes(self):
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5")
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--force")
        self.assertIn("80 artifacts used (80 from parts)", done.stdout + done.stderr)
        self.edit("campaign.yaml", "take: p75", "take: p100")
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--force")
        self.assertIn("80 artifacts used (64 from parts)", done.stdout + done.stderr)
        with h5py.File("x.h5") as file:
            self.assertEqual(self.values(file, "pause_p75")[:5], [4, 4, 4, 4, 6])

    def test_pairs_share_a_file_or_have_their_own(self):
        for rep in range(3):
            for pair in ("a", "b"):
                write(f"physical/1KiB/rep-{rep}/{pair}/n.json", json.dumps({"n": 1 if pair == "a" else 3}))
        write("./campaign.yaml", """campaign: pairs
baseline: physical
runs: "{testbed}/{size}/rep-{rep}"
metrics:
  - {name: total, file: "{pair}/n.json", json: /n, pairs: sum}
  - {name: largest, file: "{pair}/n.json", json: /n, pairs: maximum}
  - {name: shared, file: status, key: VmHWM}
""")
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--only", "testbed=physical", "--only", "size=1KiB",
                     "--only", "rep=0,1,2")
        with h5py.File("x.h5") as file:
            self.assertEqual(self.values(file, "total"), [4] * 3)
            self.assertEqual(self.values(file, "largest"), [3] * 3)
            self.assertEqual(self.values(file, "shared"), [100, 101, 102])
        self.edit("campaign.yaml", "key: VmHWM}", "key: VmHWM, pairs: sum}")
        done = self.twinbed("check", "campaign.yaml", status=BAD_USAGE)
        self.assertIn("a file without {pair} is of all pairs together", done.stderr)

    def test_workloads_of_other_programs(self):
        here = os.path.join(HERE, "..", "app", "workloads")
        for tool in ("wrk_latency.txt", "fio.json", "iperf3_client.json"):
            for testbed in ("physical", "virtio"):
                for rep in range(3):
                    with open(os.path.join(here, tool), encoding="utf-8") as file:
                        write(f"{testbed}/{tool.split('.', maxsplit=1)[0]}/rep-{rep}/out", file.read())
        write("./campaign.yaml", "campaign: tools\nbaseline: physical\nruns: '{testbed}/{tool}/rep-{rep}'\n"
                                 "artifacts: {workload: out}\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--only", "tool=fio,wrk_latency,iperf3_client")
        rows = self.table("metrics", "run", metric="requests_per_second")
        self.assertEqual(float(rows["virtio/fio/rep-0"]["value"]), 12800)
        self.assertEqual(float(rows["virtio/wrk_latency/rep-2"]["value"]), 15667.38)
        self.assertEqual(round(float(rows["physical/iperf3_client/rep-1"]["value"])), 10280)
        row = self.table("comparison", contrast="virtio vs physical: tool=fio")["requests_per_second"]
        self.assertEqual((row["n"], row["verdict"]), ("3", "similar"))
        row = self.table("metrics", "run", metric="request_time_p99")["virtio/iperf3_client/rep-0"]
        self.assertEqual(row["reason_kind"], "not_stated")
        with h5py.File("x.h5") as file:
            self.assertEqual({tool.decode() for tool in file["app/ab_tool"][:]}, {"wrk", "fio", "iperf3"})

    def test_what_is_no_request_is_called_an_operation(self):
        here = os.path.join(HERE, "..", "app", "workloads")
        for tool in ("wrk_latency.txt", "fio.json"):
            for rep in range(2):
                with open(os.path.join(here, tool), encoding="utf-8") as file:
                    write(f"request/{tool.split('.', maxsplit=1)[0]}/rep-{rep}/out", file.read())
        write("./campaign.yaml", "campaign: tools\nbaseline: request\nruns: '{testbed}/{tool}/rep-{rep}'\n"
                                 "artifacts: {workload: out}\n")
        for tool, unit in (("wrk_latency", "request"), ("fio", "operation")):
            self.twinbed("analyze", "campaign.yaml", "-o", f"{tool}.h5", "--only", f"tool={tool}", ranks=2)
            self.twinbed("report", f"{tool}.h5", "-o", f"{tool}.html")
            with h5py.File(f"{tool}.h5") as file:
                self.assertEqual(file.attrs["work_unit"].decode(), unit)
                sentences = dict(zip(file["metrics/metric_name"].asstr()[:], file["metrics/metric_description"].asstr()[:]))
            self.assertIn(f"per completed {unit}", sentences["client_calls_per_request"])
            self.assertIn(f"{unit}s", sentences["requests_per_second"])
            with open(f"{tool}.html", encoding="utf-8") as file:
                page = file.read()
            words = re.sub("<svg.*?</svg>|<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
            self.assertIn(f"{unit.capitalize()}s per second", words)
            self.assertIn("requests_per_second", words)
            self.assertIn("request/", words)  # the testbed
            if unit != "request":
                self.assertNotRegex(words, r"Requests|\brequests\b")
            for link in re.findall('href="#([^"]*)"', page):
                self.assertIn(f'id="{link}"', page)

    def test_mistakes_in_the_campaign_file(self):
        cases = [("json: /rate", "json: rate", "a JSON pointer begins with '/'"),
                 ("json: /rate", "json: /rate, key: x", "found two"),
                 ("take: p75", "take: p101", "take: expected last, first"),
                 ("lost ([0-9]+) packets", "lost", "it has no group"),
                 ("name: losses", "name: memory", "two are named 'memory'"),
                 ("name: losses", "name: Losses", "expected a small letter"),
                 ("name: losses", "name: jitter", "is the name of a metric that is built in"),
                 (", margin: 0.5", "", "expected a key margin"),
                 ("direction: larger", "direction: up", "expected larger or smaller"),
                 ("file: log.txt, ", "", "expected file and one of json, column, regex and key"),
                 ("family: [pause_p75", "family: [pause_p7", "did you mean 'pause_p75'"),
                 ("work: {file: summary.json, json: /ops}", "artifacts: {workload: {text: out}}",
                  "artifacts: workload: expected a path"),
                 ("work: {file: summary.json, json: /ops}", "work: {file: summary.json, take: sum}",
                  "expected file and one of value")]
        for old, new, says in cases:
            with self.subTest(new):
                write("./campaign.yaml", MANIFEST)
                self.edit("campaign.yaml", re.escape(old), new)
                done = self.twinbed("check", "campaign.yaml", status=BAD_USAGE)
                self.assertIn(says, done.stderr)


if __name__ == "__main__":
    main()
