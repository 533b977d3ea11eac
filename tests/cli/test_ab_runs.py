#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outputs of ab and owping as people have them: failed requests, tables of another run, files of other tools."""
import json
import os

import h5py
import numpy

from command import DAMAGED, Case, main, outcome

MANIFEST = """campaign: outputs of ab
baseline: bed
runs: "{testbed}/{rep}"
artifacts: {ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}, latency: owping.txt}
"""
AB = """This is ApacheBench, Version 2.3 <$Revision$>
Benchmarking h (be patient).....done

Server Software:
Server Hostname:        10.0.0.2
Server Port:            80
Document Path:          /
Document Length:        100 bytes
Concurrency Level:      2
Time taken for tests:   2.000 seconds
Complete requests:      100
Failed requests:        FAILED
KINDSTotal transferred:      20000 bytes
HTML transferred:       10000 bytes
Requests per second:    50.00 [#/sec] (mean)
Time per request:       40.000 [ms] (mean)
Time per request:       20.000 [ms] (mean, across all concurrent requests)
Transfer rate:          9.77 [Kbytes/sec] received

Connection Times (ms)
              min  mean[+/-sd] median   max
Connect:        0    1   0.0      1       2
Processing:     5   39   1.0     38      58
Waiting:        4   30   1.0     29      50
Total:          5   40   1.0     39      60

Percentage of the requests served within a certain time (ms)
  50%     39
  66%     40
  75%     41
  80%     42
  90%     43
  95%     44
  98%     45
  99%     46
 100%     60 (longest request)
"""
SESSION = """--- owping statistics from [{}]:8760 to [{}]:9001 ---
SID:	0a000001eeadd2c9b10afe60da05b99d
first:	2026-11-22T20:44:58.653
last:	2026-11-22T20:44:59.058
{} sent, {} lost (0.000%), 0 duplicates
one-way delay min/median/max = 0.2/0.4/0.5 ms, (unsync)
one-way jitter = {} ms (P95-P50)
no reordering
"""


def ab_text(failed="0", kinds=""):
    return AB.replace("FAILED", failed).replace("KINDS", kinds)


def table(rows, longest):
    return ("starttime\tseconds\tctime\tdtime\tttime\twait\n"
            + "x\t1500000000\t0\t5\t5\t5\n" * (rows - 1) + f"x\t1500000000\t0\t{longest}\t{longest}\t5\n")


def quantiles(longest):
    return "Percentage served,Time in ms\n" + "".join(
        f"{percent},{longest if percent == 100 else 5.5:.3f}\n" for percent in range(101))


class Outputs(Case):
    def write(self, path, text):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def analyze(self, files, more="", status=0):
        self.write("campaign.yaml", MANIFEST + more)
        for path, text in files.items():
            self.write(path, text)
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--force", status=status)
        return h5py.File("x.h5"), done

    def values(self, file, name):
        names = [text.decode() for text in file["metrics/metric_name"][()]]
        return file["metrics/run_value"][:, names.index(name)].tolist()

    def assert_values(self, file, name, expected):
        numpy.testing.assert_allclose(self.values(file, name), expected, rtol=1e-12, err_msg=name)

    def test_a_run_of_failures_has_no_rate(self):
        files = {"bed/1/ab.txt": ab_text(),
                 "bed/2/ab.txt": ab_text("180", "   (Connect: 0, Receive: 90, Length: 0, Exceptions: 90)\n")}
        file, done = self.analyze(files, status=DAMAGED)
        self.assertIn("1 run without values: too many requests of the run failed", done.stderr)
        with file:
            self.assert_values(file, "requests_per_second", [50, numpy.nan])
            self.assert_values(file, "received_per_request", [200, numpy.nan])
            self.assert_values(file, "request_time_p99", [46, numpy.nan])
            self.assert_values(file, "waiting_time_median", [29, numpy.nan])
            self.assert_values(file, "failed_share", [0, 0.9])
            self.assert_values(file, "successful_requests_per_second", [50, 5])
            self.assertEqual(file["app/ab_failed"][()].tolist(), [0, 180])
            self.assertEqual(file["app/ab_failed_receive"][()].tolist(), [0, 90])
            self.assertEqual(file["app/ab_failed_requests"][()].tolist(), [0, 90])
            self.assertEqual(file.attrs["setting_failure_limit"], b"0.01")
        file, done = self.analyze({}, "failures: 0.9\n", status=DAMAGED)
        self.assertNotIn("too many requests", done.stderr)
        with file:
            self.assert_values(file, "requests_per_second", [50, 50])
        self.assertEqual(outcome(done)["reused"], 2)

    def test_tables_of_another_run_are_withdrawn(self):
        files = {"bed/1/ab.txt": ab_text(), "bed/1/ab.csv": quantiles(60.4), "bed/1/ab.tsv": table(100, 60),
                 "bed/2/ab.txt": ab_text(), "bed/2/ab.csv": quantiles(61.4), "bed/2/ab.tsv": table(99, 60),
                 "bed/3/ab.txt": ab_text(), "bed/3/ab.tsv": table(100, 70)}
        file, done = self.analyze(files, status=DAMAGED)
        self.assertEqual(outcome(done)["withdrawn"], 3)
        with file:
            reasons = [text.decode() for text in file["quality/artifact_reason"][()] if text]
            self.assertIn("it says 99 rows, not 100 completed requests of ab's text", reasons)
            self.assertIn("it says 61.4 ms for the longest request, not 60 ms of ab's text", reasons)
            self.assertIn("it says 70 ms for the longest request, not 60 ms of ab's text", reasons)
            rules = file["quality/check_rule"].attrs["flag_meanings"].decode().split()
            made = [(rules[rule], seen, expected, verdict) for rule, seen, expected, verdict in
                    zip(file["quality/check_rule"], file["quality/check_seen"], file["quality/check_expected"],
                        file["quality/check_verdict"]) if rules[rule].startswith("ab_")]
            self.assertEqual(made[:3], [("ab_csv_longest", 60.4, 60, 0), ("ab_tsv_longest", 60, 60, 0),
                                        ("ab_tsv_rows", 100, 100, 0)])
            self.assertEqual([verdict for *_, verdict in made], [0, 0, 0, 2, 0, 1, 2, 0])
            self.assert_values(file, "request_time_p90", [5.5, 43, 43])  # from the text where the CSV is withdrawn
            times = file["app/request_time_milliseconds"][()].reshape(-1, 101)
            self.assertEqual(len(times), 5)
            self.assertEqual(times[0].tolist(), [5.5] * 100 + [60.4])
            self.assertEqual(times[1].tolist(), [5] * 100 + [60])
            self.assertEqual(file["app/request_time_percent"][()].tolist(), list(range(101)) * 5)

    def test_sessions_without_jitter_are_left_out(self):
        to_server, to_client = ("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.1")
        sessions = [SESSION.format(*to_server, 100, 0, 0.2), SESSION.format(*to_server, 100, 6, "nan"),
                    SESSION.format(*to_client, 100, 0, 0.4), SESSION.format(*to_client, 0, 0, "nan")]
        file, done = self.analyze({"bed/1/ab.txt": ab_text(), "bed/1/owping.txt": "".join(sessions),
                                   "bed/2/ab.txt": ab_text(), "bed/2/owping.txt": "".join(sessions + sessions[1:2])},
                                  status=DAMAGED)
        self.assertIn("latency (2 files): 2 of 4 sessions have no jitter", done.stderr)
        with file:
            self.assert_values(file, "jitter", [0.3, numpy.nan])
            self.assert_values(file, "jitter_to_server", [0.2, numpy.nan])
            self.assert_values(file, "latency_loss_to_server", [0.03, 0.04])
            self.assertEqual(file["campaign/run_sessions"][()].tolist(), [4, 5])
            self.assertEqual(file["campaign/run_sessions_without_jitter"][()].tolist(), [2, 3])

    def test_check_knows_texts_by_their_content(self):
        files = {
            "good": (ab_text(), "ApacheBench text, plain"),
            "utf-16": (b"\xff\xfe" + ab_text().replace("\n", "\r\n").encode("utf-16-le"), "ApacheBench text, plain"),
            "cut": (ab_text()[:-10], "ends"),
            "html": ("<p>\n This is ApacheBench, Version 2.3<br>\n</p>\n<table >\n", "without -w"),
            "wrk": ("Running 10s test @ http://h\n  Thread Stats   Avg      Stdev     Max\n", "wrk gave up or was killed"),
            "aborted": (AB[:AB.index("....")] + "...Total of 5 requests completed\n", "Total of 5 requests completed"),
            "twice": (ab_text() * 2, "one run in one file"),
        }
        latencies = {"perfsonar": ('{"packets-sent":100,"histogram-latency":{"0.1":95}}\n', "JSON of perfSONAR"),
                     "twping": ("--- twping statistics from [a]:1 to [b]:2 ---\n", "twping")}
        self.write("campaign.yaml", MANIFEST)
        for name, (text, _) in files.items():
            self.write(f"bed/{name}/ab.txt", text)
        for name, (text, _) in latencies.items():
            self.write(f"bed/{name}/owping.txt", text)
        done = self.twinbed("check", "campaign.yaml", "--format", "json", status=DAMAGED)
        found = {run["name"].split("/")[-1]: [item for item in run["artifacts"] if item["state"] in ("ok", "bad")]
                 for run in json.loads(done.stdout)["runs"]}
        for name, (_, words) in {**files, **latencies}.items():
            self.assertEqual(found[name][0]["state"], "ok" if name in ("good", "utf-16") else "bad", name)
            self.assertIn(words, found[name][0]["found"], name)


if __name__ == "__main__":
    main()
