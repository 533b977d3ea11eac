#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check before the job: what each file is by its content, what is missing, what nothing asked for or matched."""
import json
import os
import shutil

from command import DAMAGED, GOOD, SAMPLE, Case, main, read_bytes

RUN = os.path.join(SAMPLE, "veth/500B-c4/rep-01")
AB = read_bytes(os.path.join(RUN, "ab.txt"))
OWPING = read_bytes(os.path.join(RUN, "owping.txt"))
WRK = b"""Running 10s test @ http://localhost:5000
  2 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     7.99ms    1.70ms  12.71ms   93.85%
Requests/sec:   1246.57
"""
AB_HTML = b"<p>\n This is ApacheBench, Version 2.3<br>\n</p>\n<table >\n<tr ><th>Server Port:</th><td>80</td></tr>\n"


class Made(Case):
    """A campaign of testbeds a, b, ... whose files are given by path."""

    def make(self, files, artifacts, runs="{testbed}/{rep}", more=""):
        for path, content in files.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: x\nbaseline: a\nruns: '{runs}'\nartifacts: {artifacts}\n{more}")

    def check(self, *arguments, status=GOOD):
        return self.twinbed("check", "campaign.yaml", *arguments, status=status).stdout

    def found(self, *arguments, status=GOOD):
        return json.loads(self.check("--format", "json", *arguments, status=status))


class Contents(Made):
    def said_of(self, key, content, status=DAMAGED):
        """The state and the sentence of one file as the only artifact of a run."""
        self.make({"a/1/file": content}, f"{{{key}: file}}")
        (artifact,) = self.found(status=status)["runs"][0]["artifacts"]
        return artifact["state"], artifact["found"]

    def test_files_of_another_kind_are_named(self):
        zeros = bytes(5000)
        for key, content, words in (
                ("ab", WRK, "this is wrk output, not ApacheBench's text"),
                ("ab", AB_HTML, "this is HTML that ab -w printed"),
                ("ab", AB.decode().encode("utf-16"), "this is text in UTF-16"),
                ("ab", AB.decode().encode("utf-16-le"), "this is text in UTF-16"),
                ("ab", zeros, "this is nothing but zero bytes"),
                ("ab", OWPING, "this is a report of owping, not ApacheBench's text"),
                ("ab", b'{"requests": 1}\n', "this is JSON, not ApacheBench's text"),
                ("latency", b'{"packets-sent":100,"histogram-latency":{"0.1":95}}', "this is JSON of perfSONAR"),
                ("latency", b"--- twping statistics from [a]:1 to [b]:2 ---\n", "(twping)"),
                ("latency", AB, "this is output of ApacheBench, not what owping"),
                ("latency", b"64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.3 ms\n", "this is ping output"),
                ("latency", b"PK\x03\x04" + zeros, "this is a zip archive")):
            with self.subTest(words):
                state, said = self.said_of(key, content)
                self.assertEqual(state, "bad")
                self.assertIn(words, said)

    def test_damage_that_analyze_would_find_at_once(self):
        refused = b"This is ApacheBench, Version 2.3\n\nBenchmarking 10.0.0.1...apr_socket_recv: Connection refused\n"
        for key, content, words in (("ab", refused, "ab gave up or was killed"),
                                    ("ab", AB[:600], "ends inside line"),
                                    ("ab", b"", "the file is empty"),
                                    ("latency", OWPING[:300], "ends inside")):
            with self.subTest(words):
                state, said = self.said_of(key, content)
                self.assertEqual(state, "bad")
                self.assertIn(words, said)

    def test_what_is_asked_for_is_named_too(self):
        self.assertEqual(self.said_of("ab", AB, GOOD), ("ok", "ApacheBench text, plain"))
        self.assertEqual(self.said_of("latency", OWPING, GOOD), ("ok", "owping text, plain"))

    def test_a_text_cut_off_is_kept_where_analyze_keeps_it(self):
        self.make({"a/1/file": AB[:1100]}, "{ab: file}", more="truncated: keep\n")
        self.check()

    def test_a_trace_is_no_capture_and_a_capture_no_trace(self):
        for key, name, words in (("capture: {link", "client.scap", "this is a scap trace"),
                                 ("trace: {client", "link.pcap.gz", "not a scap trace")):
            with self.subTest(key):
                self.make({}, f"{{{key}: file}}}}", more="process: {client: ab, server: ab}\n")
                os.makedirs("a/1", exist_ok=True)
                shutil.copy(os.path.join(RUN, name), "a/1/file")
                (artifact,) = self.found(status=DAMAGED)["runs"][0]["artifacts"]
                self.assertIn(words, artifact["found"])


if __name__ == "__main__":
    main()
