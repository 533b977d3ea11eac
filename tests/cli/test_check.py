#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check before the job: what each file is by its content, what is missing, what nothing asked for or matched."""
import json
import os
import shutil

from command import DAMAGED, FAILED, GOOD, MANIFEST, SAMPLE, Case, main, outcome, read_bytes

RUN = os.path.join(SAMPLE, "veth/500B-c4/rep-01")
AB = read_bytes(os.path.join(RUN, "ab.txt"))
OWPING = read_bytes(os.path.join(RUN, "owping.txt"))
SIEGE = b"Transactions:\t\t     100 hits\nAvailability:\t\t  100.00 %\n"
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
                ("ab", SIEGE, "this is siege output, not ApacheBench's text"),
                ("ab", AB_HTML, "this is HTML that ab -w printed"),
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
        for key, name, words in (("capture: {link", "client.scap", "this is a system-call trace"),
                                 ("trace: {client", "link.pcap.gz", "not a system-call trace")):
            with self.subTest(key):
                self.make({}, f"{{{key}: file}}}}", more="process: {client: ab, server: ab}\n")
                os.makedirs("a/1", exist_ok=True)
                shutil.copy(os.path.join(RUN, name), "a/1/file")
                (artifact,) = self.found(status=DAMAGED)["runs"][0]["artifacts"]
                self.assertIn(words, artifact["found"])


class Findings(Made):
    """What is asked for and not there, what cannot be compared, what nothing matched."""

    def test_a_good_campaign_fits_on_a_screen(self):
        text = self.twinbed("check", MANIFEST).stdout
        self.assertLess(text.count("\n"), 24)
        self.assertRegex(text, r"runs that have +veth +e1000 +virtio\n")
        self.assertRegex(text, r"\ncapture link +20/40 +20/40 +20/40\n")
        self.assertIn("\ncounters ", text)
        self.assertNotIn("findings that count (", text)
        self.assertIn("0 findings that count", text)
        listing = self.twinbed("check", MANIFEST, "--verbose", "--only", "rep=01", "--only", "size=100KB").stdout
        self.assertRegex(listing, r"ok +ab +none +\S+e1000/100KB-c4/rep-01/ab.txt  ApacheBench text, plain")
        self.assertIn("not looked for with --only", listing)

    def test_artifact_that_no_run_has(self):
        self.make({f"a/{rep}/{name}": content for rep in (1, 2)
                   for name, content in (("ab.txt", AB), ("link2.pcap", b"x"), ("owamp/x.out", OWPING))},
                  '{ab: ab.txt, capture: {link: link.pcap}, latency: [owping.txt, "owamp/*.sum"]}')
        text = self.check(status=DAMAGED)
        self.assertIn("capture link: found in no run (pattern 'link.pcap')", text)
        self.assertIn("latency: found in no run (patterns 'owping.txt', 'owamp/*.sum')", text)
        self.assertIn("2 files like 'link2.pcap' in runs' directories that nothing asks for, such as a/1/link2.pcap",
                      text)
        self.assertRegex(text, r"\ncapture link +0/2\n")
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", status=DAMAGED)
        self.assertIn("warning: capture link: found in no run (pattern 'link.pcap')", done.stderr)
        self.assertIn("files that nothing asks for: 2; see twinbed check", done.stderr)
        self.assertIn("2 findings that count", done.stderr)
        done = self.twinbed("analyze", "campaign.yaml", "-o", "y.h5", "--strict", status=FAILED)
        self.assertIn("--strict: latency: found in no run", done.stderr)
        self.assertFalse(os.path.exists("y.h5"))

    def test_json_holds_all(self):
        self.make({"a/1/ab.txt": AB, "b/1/ab.txt": AB, "b/2/x": b""}, "{ab: ab.txt, latency: owping.txt}")
        found = self.found(status=DAMAGED)
        self.assertEqual([(row["testbed"], row["artifact"], row["runs"], row["found"]) for row in found["presence"]],
                         [("a", "ab", 1, 1), ("a", "latency", 1, 0), ("b", "ab", 2, 1), ("b", "latency", 2, 0)])
        self.assertEqual(found["findings_by_kind"], {"artifact in no run": 1, "artifact in some runs only": 1,
                                                     "files that nothing asks for": 1})
        self.assertEqual([(item["kind"], item["counts"], item["count"], item["example"])
                          for item in found["findings"]],
                         [("artifact in no run", True, 3, "a/1/owping.txt"),
                          ("artifact in some runs only", True, 1, "b/2/ab.txt"),
                          ("files that nothing asks for", False, 1, "b/2/x")])

    def test_many_problems_are_cut_short(self):
        self.make({f"a/{rep}/ab.txt": SIEGE for rep in range(30)}, "{ab: ab.txt}")
        self.assertIn("and 10 more that are missing or bad; --verbose lists all", self.check(status=DAMAGED))
        self.assertEqual(self.check("--verbose", status=DAMAGED).count("this is siege output"), 30)

    def test_testbed_that_never_meets_the_baseline(self):
        self.make({"a/1g/1/ab.txt": AB, "b/1000m/1/ab.txt": AB}, "{ab: ab.txt}", runs="{testbed}/{link}/{rep}")
        sentence = "testbed b: no scenario in common with baseline a: factor link has 1000m there and 1g here"
        self.assertIn(sentence, self.check(status=DAMAGED))
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", status=DAMAGED)
        self.assertIn("warning: " + sentence, done.stderr)

    def test_trace_of_a_process_without_a_name_does_not_stop_the_job(self):
        self.make({"a/1/ab.txt": AB}, "{ab: ab.txt, trace: {client: client.scap, server: server.scap}}",
                  more="process: {client: ab}\n")
        for name in ("client.scap", "server.scap"):
            shutil.copy(os.path.join(SAMPLE, "e1000/500B-c4/rep-01", name), "a/1")
        self.assertIn("trace server: process names no server", self.check(status=DAMAGED))
        done = self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", status=DAMAGED)
        self.assertEqual({name: count for name, count in outcome(done).items() if count > 0},
                         {"runs": 1, "used": 2, "damaged": 1})

    def test_discarded_runs_are_asked_for_nothing(self):
        self.make({"a/1/ab.txt": AB, "a/2/ab.txt": SIEGE, "a/3/x": b""}, "{ab: ab.txt}",
                  more="discard: [{run: a/2, reason: no}, {run: a/3, reason: no}]\n")
        self.assertRegex(self.check(), r"\nab +1/1\n")


class Layouts(Made):
    """A QUE tree, its manifest, and what check makes of it."""

    def test_physical_and_virtual_runs_meet(self):
        names = ("kvm-e1000-1-on-1000-4-1-http-instr-noht", "kvm-e1000-1-on-none-4-1-http-instr-noht")
        for rep in ("1", "2"):
            for place, captures in [(f"data/{name}/{rep}/que7", ".") for name in names] + \
                                   [(f"data/physical-1g-on-4-http-instr/{rep}", "client")]:
                os.makedirs(place + "/client")
                shutil.copy(os.path.join(RUN, "ab.txt"), place + "/client/ab.out")
                shutil.copy(os.path.join(RUN, "link.pcap.gz"), f"{place}/{captures}/client.pcap")
        self.twinbed("manifest", "--layout", "que", "data", "-o", "campaign.yaml")
        text = self.check()
        self.assertRegex(text, r"runs that have +physical +kvm-e1000-noht\n")
        self.assertRegex(text, r"\ncapture client +2/2 +4/4\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--quiet")
        import h5py
        with h5py.File("x.h5") as file:
            contrasts = [name.decode() for name in file["comparison/contrast_name"][()]]
        self.assertTrue(any(name.startswith("kvm-e1000-noht vs physical: protocol=http") for name in contrasts),
                        contrasts)


if __name__ == "__main__":
    main()
