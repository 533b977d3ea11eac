#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""calls and flows in three formats; check, plan, schema, manifest; report."""
import csv
import io
import json
import math
import os
import re
import struct

from command import BAD_USAGE, DAMAGED, FAILED, GOOD, MANIFEST, SAMPLE, Case, main

TRACE = os.path.join(SAMPLE, "e1000/500B-c4/rep-01/client.scap")
CAPTURE = os.path.join(SAMPLE, "e1000/500B-c4/rep-01/link.pcap.gz")


def rows_of_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


class Listings(Case):
    def in_three_formats(self, *arguments):
        """Rows as CSV and JSON give them, which must agree, and the lines of the text."""
        as_csv = rows_of_csv(self.twinbed(*arguments, "--format", "csv").stdout)
        as_json = json.loads(self.twinbed(*arguments, "--format", "json").stdout)
        text = self.twinbed(*arguments).stdout
        self.assertEqual(text, self.twinbed(*arguments, "--format", "text").stdout)
        lines = text.splitlines()
        self.assertEqual(len(as_csv), len(as_json))
        self.assertEqual(len(as_csv) + 1, len(lines))
        for row, item in zip(as_csv, as_json):
            self.assertEqual(list(row), list(item))
            for name, value in item.items():
                same = (math.isclose(float(row[name]), value, rel_tol=1e-5) if isinstance(value, float)
                        else row[name] == str(value))
                self.assertTrue(same, f"{name}: {row[name]} {value}")
        return as_json

    def test_calls(self):
        rows = self.in_three_formats("calls", TRACE, "--process", "ab")
        self.assertEqual([row["call"] for row in rows], sorted(row["call"] for row in rows))
        by_name = {row["call"]: row for row in rows}
        self.assertEqual(by_name["execve"]["count"], 1)
        self.assertGreater(by_name["connect"]["count"], 60)  # one a request, and some more
        self.assertGreater(by_name["read"]["bytes"], 60 * 500)

    def test_processes(self):
        """Each call is of one process, so their numbers are those that are told of each."""
        trace = os.path.join(SAMPLE, "veth/500B-c4/rep-01/client.scap")
        rows = self.in_three_formats("calls", trace)
        self.assertEqual([row["calls"] for row in rows], sorted((row["calls"] for row in rows), reverse=True))
        by_name = {row["process"]: row for row in rows}
        for name in ("ab", "gohttp", "owping"):
            calls = json.loads(self.twinbed("calls", trace, "--process", name, "--format", "json").stdout)
            self.assertEqual(by_name[name]["calls"], sum(row["count"] for row in calls))
            self.assertEqual(by_name[name]["errors"], sum(row["errors"] for row in calls))
        self.assertGreaterEqual(by_name["gohttp"]["accepts"], 60)
        self.assertEqual(by_name["ab"]["accepts"], 0)
        self.assertGreater(by_name["ab"]["connects"], 60)
        self.assertEqual((by_name["ab"]["threads"], by_name["gohttp"]["connects"]), (1, 0))
        self.assert_one_line(self.twinbed("calls", MANIFEST, status=FAILED), "campaign.yaml")

    def test_calls_of_nobody(self):
        self.assertEqual(self.in_three_formats("calls", TRACE, "--process", "nobody"), [])
        warning = self.twinbed("calls", TRACE, "--process", "apache-benchmark").stderr
        self.assertIn("no calls of a process named 'apache-benchmark'; there are ab, ", warning)
        self.assertIn("the kernel keeps 15 characters of a name: 'apache-benchmar'", warning)

    def test_calls_of_a_version_that_nobody_knows(self):
        event = struct.pack("<IIHQqIHIHqHI", 0x216, 52, 0, 1, 7, 36, 460, 1, 8, 0, 0, 52)
        section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 9, 2, -1, 28)
        with open("new.scap", "wb") as file:
            file.write(section + event)
        warning = self.twinbed("calls", "new.scap", "--process", "ab").stderr
        self.assertIn("scap version 9.2", warning)
        self.assertIn("1 events of numbers that are not known", warning)

    def test_flows(self):
        rows = self.in_three_formats("flows", CAPTURE, "--all")
        # Sixty replies of 500 bytes and their headers; ab opens a few connections more than it needs.
        answered = [row for row in rows if row["server"].endswith(":80") and row["server_unique"] > 500]
        self.assertEqual(len(answered), 60)

    def test_a_capture_on_one_screen(self):
        rows = json.loads(self.twinbed("flows", CAPTURE, "--format", "json").stdout)
        done = self.twinbed("flows", CAPTURE)
        lines = done.stdout.splitlines()
        facts = {line[:14].strip(): line[14:] for line in lines[:lines.index("")]}
        self.assertEqual(list(facts), ["capture", "packets", "bytes", "links", "time", "flows", "server ports", "asked for",
                                       "left out"])
        self.assertEqual(facts["asked for"], "60 HTTP/1 requests")
        self.assertLessEqual(max(map(len, lines[lines.index(""):])), 100)
        self.assertLessEqual(len(lines), 40)
        self.assertEqual(done.stderr, "")
        tcp = [row for row in rows if row["protocol"] == "tcp"]
        outcomes = {word: sum(row["ended"] == word for row in tcp) for word in ("open", "closed", "reset")}
        said = ", ".join(f"{count} {word}" for word, count in outcomes.items() if count)
        self.assertEqual(facts["flows"], f"{len(tcp)} TCP ({said}), {len(rows) - len(tcp)} UDP")
        on_80 = sum(row["server"].endswith(":80") for row in tcp)
        self.assertTrue(facts["server ports"].startswith(f"80 ({on_80})"), facts["server ports"])
        self.assertEqual(facts["links"].split(",")[0], "Ethernet")
        self.assertRegex(facts["time"], r"^2026-11-22 \d\d:\d\d:\d\d UTC, for \d+\.\d{6} s$")
        table = lines[lines.index("") + 1:]
        self.assertEqual([line.split()[:2] for line in table[1:21]], [[row["client"], row["server"]] for row in rows[:20]])
        self.assertEqual(table[22], f"The first 20 of {len(rows)} flows; --all lists all of them, with more columns.")
        packets = int(facts["packets"].split()[0])
        self.assertLessEqual(sum(row["client_packets"] + row["server_packets"] for row in rows), packets)

    def test_filtered_flows(self):
        rows = self.in_three_formats("flows", CAPTURE, "--all", "--filter", "tcp port 80")
        self.assertGreaterEqual(len(rows), 60)
        self.assertTrue(all(row["server"].endswith(":80") for row in rows))
        done = self.twinbed("flows", CAPTURE, "--filter", "tcp prot 80", status=2)
        self.assert_one_line(done, "tcp prot 80")

    def test_flows_by_both_rules(self):
        """A SYN sent twice, then one with another number, 300 s of silence and a reset."""
        header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
        packets = b""
        for second, sequence, flags in ((0, 1000, 2), (1, 1000, 2), (5, 9000, 2), (305, 9001, 4)):
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, second + 1, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
            tcp = struct.pack(">HHIIBBHHH", 40000, 80, sequence, 0, 5 << 4, flags, 1000, 0, 0)
            packets += struct.pack("<IIII", 1500000000 + second, 0, 40, 40) + ip + tcp
        with open("made.pcap", "wb") as file:
            file.write(header + packets)
        found = {}
        for rules in ("twinbed", "tcptrace"):
            rows = self.in_three_formats("flows", "made.pcap", "--all", "--rules", rules)
            found[rules] = [(row["client_packets"], row["retransmitted_packets"], row["ended"]) for row in rows]
        # A repeated SYN is no repeated payload; another number is another connection; silence ends nothing.
        self.assertEqual(found["twinbed"], [(2, 0, "open"), (2, 0, "reset")])
        # It is one here; two SYNs and another number begin another; 240 s of silence end it.
        self.assertEqual(found["tcptrace"], [(2, 1, "open"), (1, 0, "open"), (1, 0, "reset")])
        self.assertEqual(self.twinbed("flows", "made.pcap", "--all").stdout,
                         self.twinbed("flows", "made.pcap", "--all", "--rules", "twinbed").stdout)
        for wrong in ("other", "", "tcptraces"):
            self.assert_one_line(self.twinbed("flows", "made.pcap", "--rules", wrong, status=2), f"'{wrong}'")

    def test_flows_of_packets_recorded_twice(self):
        header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
        packets = b""
        for microseconds, identification in ((0, 7), (900, 7), (1000, 8)):
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, identification, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
            tcp = struct.pack(">HHIIBBHHH", 40000, 80, 1000, 5000, 5 << 4, 16, 1000, 0, 0)
            packets += struct.pack("<IIII", 1500000000, microseconds, 40, 40) + ip + tcp
        with open("twice.pcap", "wb") as file:
            file.write(header + packets)
        for arguments, count in (((), 2), (("--duplicates", "drop"), 2), (("--duplicates", "keep"), 3),
                                 (("--rules", "tcptrace"), 3)):
            rows = self.in_three_formats("flows", "twice.pcap", "--all", *arguments)
            self.assertEqual([row["client_packets"] for row in rows], [count])
        self.assert_one_line(self.twinbed("flows", "twice.pcap", "--duplicates", "all", status=2), "'all'")

    def test_names_with_quotes_stay_readable(self):
        os.symlink(TRACE, 'tr"ace, one.scap')
        self.in_three_formats("calls", 'tr"ace, one.scap', "--process", "ab")


class Campaigns(Case):
    def test_check_of_a_whole_campaign(self):
        text = self.twinbed("check", MANIFEST).stdout
        self.assertIn("0 missing, 0 not what they should be", text)
        found = json.loads(self.twinbed("check", MANIFEST, "--format", "json").stdout)
        self.assertEqual((found["baseline"], found["missing"], found["bad"]), ("veth", 0, 0))
        self.assertEqual(len(found["runs"]), 120)
        self.assertEqual(len({run["name"] for run in found["runs"]}), 120)
        formats = {item["kind"]: item["found"] for run in found["runs"] for item in run["artifacts"] if item["found"]}
        self.assertIn("gzip", formats["trace"])
        self.assertIn("pcap", formats["capture"])

    def test_check_of_a_selection(self):
        found = json.loads(self.twinbed("check", MANIFEST, "--format", "json", "--only", "testbed=veth,e1000",
                                        "--only", "rep=01").stdout)
        self.assertEqual({run["testbed"] for run in found["runs"]}, {"veth", "e1000"})
        self.assertEqual(len(found["runs"]), 10)

    def test_check_of_a_campaign_with_faults(self):
        manifest = self.copy_sample("500B-c4", repetitions=("rep-01", "rep-02"))
        os.remove("sample/veth/500B-c4/rep-01/owping.txt")
        with open("sample/e1000/500B-c4/rep-02/link.pcap.gz", "wb") as file:
            file.write(b"this is no capture at all")
        only = ("--only", "instrumented=true")
        text = self.twinbed("check", manifest, *only, status=DAMAGED).stdout
        self.assertIn("1 missing, 1 not what they should be", text)
        found = json.loads(self.twinbed("check", manifest, *only, "--format", "json", status=DAMAGED).stdout)
        wrong = {item["path"]: item["state"] for run in found["runs"] for item in run["artifacts"]
                 if item["state"] in ("missing", "bad")}
        self.assertEqual({os.path.relpath(path, "sample"): state for path, state in wrong.items()},
                         {"veth/500B-c4/rep-01/owping.txt": "missing", "e1000/500B-c4/rep-02/link.pcap.gz": "bad"})

    def test_plan_gives_every_file_to_one_rank(self):
        total = self.twinbed("plan", MANIFEST, "--ranks", "1").stdout
        files = int(re.match(r"(\d+) files", total).group(1))
        for ranks in (1, 3, 200, 2000):
            text = self.twinbed("plan", MANIFEST, "--ranks", str(ranks), "--threads", "2", "--files").stdout
            counts = [int(count) for count in re.findall(r"^rank \d+: (\d+) files", text, flags=re.M)]
            self.assertEqual((len(counts), sum(counts)), (ranks, files))
            paths = re.findall(r"^ +\d+  (\S+)$", text, flags=re.M)
            self.assertEqual((len(paths), len(set(paths))), (files, files))

    def plan_megabytes(self, *arguments):
        text = self.twinbed("plan", "campaign.yaml", "--ranks", "2", *arguments).stdout
        return int(re.search(r"holds (\d+) MB of buffers and tables at most", text).group(1))

    def test_plan_counts_the_tables_of_captures(self):
        """Test packets, samples of captures at both ends, rows of flows; for each capture in work."""
        def write(captures, flows):
            with open("campaign.yaml", "w", encoding="utf-8") as file:
                file.write("campaign: x\nbaseline: a\nruns: '{testbed}/{rep}'\nprocess: {client: ab}\n"
                           f"artifacts: {{trace: {{client: t.scap}}, capture: {captures}}}\nflows: {flows}\n")
        for rep in range(4):
            os.makedirs(f"a/{rep}")
            for name in ("t.scap", "client.pcap", "server.pcap"):
                with open(f"a/{rep}/{name}", "wb") as file:
                    file.write(bytes(100))
        write("{client: none.pcap}", "summary")
        bare = self.plan_megabytes()
        write("{client: client.pcap}", "summary")
        one = self.plan_megabytes()
        two = self.plan_megabytes("--threads", "2")
        # 2^20 test packets of 24 bytes, twice; 2^16 sessions; a batch of 32768 packets; a block of flows
        self.assertAlmostEqual(one - bare, 73, delta=1)
        self.assertAlmostEqual(two, 2 * one, delta=2)
        # One rank has all four captures.
        self.assertAlmostEqual(self.plan_megabytes("--threads", "8"), 4 * one + 4 * bare, delta=3)
        write("{client: client.pcap, server: server.pcap}", "summary")
        self.assertAlmostEqual(self.plan_megabytes() - one, 6, delta=1)
        write("{client: client.pcap}", "all")
        self.assertAlmostEqual(self.plan_megabytes() - one, 15, delta=2)

    def test_plan_estimates_by_kind(self):
        """A capture takes nearly four times as long as a trace of the same size; several ranks or threads share it."""
        def seconds(kind, *arguments):
            with open("campaign.yaml", "w", encoding="utf-8") as file:
                file.write("campaign: x\nbaseline: a\nruns: '{testbed}/{rep}'\nprocess: {client: ab}\n"
                           f"artifacts: {{{kind}: {{client: large}}}}\n")
            text = self.twinbed("plan", "campaign.yaml", *arguments).stdout
            return float(re.search(r"decodes for\s+about (\d+\.\d) s", text).group(1))
        os.makedirs("a/1")
        with open("a/1/large", "wb") as file:
            file.truncate(4 * 10**9)
        self.assertEqual(seconds("trace", "--ranks", "1"), 2.7)
        self.assertEqual(seconds("capture", "--ranks", "1"), 10.0)
        self.assertEqual(seconds("capture", "--ranks", "1", "--threads", "2"), 5.0)
        self.assertEqual(seconds("capture", "--ranks", "2", "--threads", "2"), 2.5)

    def test_schema_names_what_the_results_hold(self):
        import h5py
        text = self.twinbed("schema").stdout
        named = set(re.findall(r"^\| `([a-z]+/[a-z0-9_]+)` \|", text, flags=re.M))
        self.twinbed("analyze", MANIFEST, "-o", "x.h5", "--only", "size=500B", "--only", "rep=01", "--quiet")
        held = set()
        with h5py.File("x.h5") as file:
            file.visititems(lambda name, item: held.add(name) if isinstance(item, h5py.Dataset) and "/" in name
                            else None)
        self.assertEqual(held - named, set())
        rows = {name for name in named if name.startswith("net/flow_")}  # flows have no rows here
        self.assertGreater(len(rows), 100)
        self.assertEqual(named - held, rows)

    def test_manifest_of_a_layout_can_be_checked(self):
        place = "data/physical-1g-on-4-500B-instr/0/"
        os.makedirs(place + "client")
        with open(os.path.join(SAMPLE, "e1000/500B-c4/rep-01/ab.txt"), "rb") as source:
            with open(place + "client/ab.out", "wb") as file:
                file.write(source.read())
        self.twinbed("manifest", "--layout", "que", "data", "-o", "campaign.yaml")
        done = self.twinbed("init", "data")
        self.assertEqual(done.stdout, self.twinbed("manifest", "--layout", "que", "data").stdout)
        self.assertIn("laid out as by the QUE tools", done.stderr)
        self.assertIn("physical", self.twinbed("check", "campaign.yaml", status=GOOD).stdout)

    def test_report(self):
        self.twinbed("analyze", MANIFEST, "-o", "x.h5", "--only", "size=500B", "--only", "rep=01,02", "--quiet")
        self.twinbed("report", "x.h5", "-o", "x.html")
        with open("x.html", encoding="utf-8") as file:
            page = file.read()
        for caption in ("Tables I and II.", "Table III.", "Tables IV and V.", "Figure 2a", "Figure 2b", "Table VI.",
                        "Table VII.", "Table VIII.", "Table IX.", "Figure 3"):
            self.assertIn(caption, page)
        self.assertNotRegex(page, r"(?i)<(script|link|img)[^>]+(src|href)=\"https?:")
        self.assert_one_line(self.twinbed("report", "x.h5", "-o", "x.html", status=BAD_USAGE), "x.html exists", "--force")
        self.twinbed("report", "x.h5", "-o", "x.html", "--force")
        self.assert_nothing_is_left("x.h5", "x.html")


if __name__ == "__main__":
    main()
