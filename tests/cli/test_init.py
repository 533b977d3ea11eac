#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaign files that init drafts: for trees as people have them they find the same runs as one written by hand."""
import json
import os
import re
import shutil
import unittest

import h5py

from command import BAD_USAGE, DAMAGED, FAILED, GOOD, SAMPLE, Case, main, read_bytes

REPETITIONS = ("rep-01", "rep-02", "rep-03")
SHARED = os.environ.get("TWINBED_SHARED", os.path.join(SAMPLE, "../../../../shared"))
RECORDED = os.path.join(SHARED, "campaigns", "vm")
RUN = os.path.join(SAMPLE, "e1000/500B-c4/rep-01")


class Drafts(Case):
    def put(self, source, *paths):
        """Copies of a file of the sample, given by its path below it."""
        for path in paths:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            shutil.copy(os.path.join(SAMPLE, source), path)

    def write(self, path, text):
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def draft(self, directory, name="drafted.yaml", status=GOOD):
        """Writes the file, which check must find nothing wrong with; its text and the table."""
        done = self.twinbed("init", directory)
        self.write(name, done.stdout)
        self.twinbed("check", name, status=status)
        return done.stdout, done.stderr

    def runs(self, manifest):
        """{name: (testbed, scenario)}"""
        found = json.loads(self.twinbed("check", manifest, "--format", "json", status=(GOOD)).stdout)
        return {run["name"]: (run["testbed"], run["scenario"]) for run in found["runs"]}

    def assert_same_as(self, text, status=GOOD):
        """The drafted file gives the results of one that a person wrote, byte by byte."""
        self.write("written.yaml", text)
        for name in ("drafted", "written"):
            self.twinbed("analyze", f"{name}.yaml", "-o", f"{name}.h5", "--quiet", status=status)
        self.assert_same_results("drafted.h5", "written.h5")


class Trees(Drafts):
    def test_testbeds_scenarios_and_repetitions(self):
        self.copy_sample("500B-c4", "100KB-c4", repetitions=REPETITIONS)
        text, table = self.draft("sample")
        self.assertIn('runs: "{testbed}/{size}-c{clients}/rep-{rep}"    # 18 runs', text)
        self.assertRegex(text, r'baseline: "veth" +# guessed')
        self.assertRegex(text, r'process: \{client: "ab", server: "gohttp"\} +# guessed')
        self.assertRegex(table, r"\ntrace server +18 of 18 +server\.scap, client\.scap\n")
        self.assertRegex(table, r"\ncounters +9 of 18 +counters\n")
        self.assertRegex(table, r"not matched:\n  1 file  campaign\.yaml\n")
        self.assert_same_as("""campaign: sample
baseline: veth
root: sample
runs: "{testbed}/{size}-c{clients}/rep-{rep}"
factors: {size: {type: bytes}, clients: {type: number, unit: clients}}
artifacts:
  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}
  latency: owping.txt
  capture: {link: link.pcap.gz}
  trace: {client: client.scap, server: [server.scap, client.scap]}
  counters: counters
process: {client: ab, server: gohttp}
""")

    @unittest.skipUnless(os.path.isdir(RECORDED), "no recorded campaign below TWINBED_SHARED")
    def test_a_recorded_campaign(self):
        """All its runs have the same files; three of these captures end too early, whoever writes the file."""
        for testbed in ("veth", "e1000", "virtio"):
            for scenario in ("500B-c1", "1MB-c10"):
                for rep in ("rep-01", "rep-02"):
                    place = os.path.join(testbed, scenario, rep)
                    shutil.copytree(os.path.join(RECORDED, place), os.path.join("vm", place))
        _, table = self.draft("vm")
        self.assertRegex(table, r"\ncapture link +12 of 12 +link\.pcap\n")
        self.assertNotIn("not matched", table)
        self.assert_same_as("""campaign: vm
baseline: veth
root: vm
runs: "{testbed}/{size}-c{clients}/rep-{rep}"
factors: {size: {type: bytes}, clients: {type: number, unit: clients}}
artifacts:
  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}
  latency: owping.txt
  capture: {link: link.pcap}
  trace: {client: client.scap, server: [server.scap, client.scap]}
process: {client: ab, server: gohttp}
""", status=DAMAGED)

    def test_a_word_that_some_names_hold(self):
        self.copy_sample("500B-c4", "500B-c4-bare", repetitions=REPETITIONS)
        text, _ = self.draft("sample")
        self.assertIn('{path: "{testbed}/{size}-c{clients}/rep-{rep}", bare: false}', text)
        self.assertIn('{path: "{testbed}/{size}-c{clients}-bare/rep-{rep}", bare: true}', text)
        runs = self.runs("drafted.yaml")
        self.assertEqual(len(runs), 18)
        self.assertEqual(runs["virtio/500B-c4-bare/rep-02"], ("virtio", "size=500B, clients=4, bare=true"))

    def test_client_and_server_have_directories(self):
        for rep in "123":
            for bed in ("kvm", "physical"):
                place = f"data/{bed}/{rep}"
                self.put("e1000/500B-c4/rep-01/ab.txt", f"{place}/client/out/ab.log")
                self.put("e1000/500B-c4/rep-01/client.scap", f"{place}/client/trace")
                self.put("e1000/500B-c4/rep-01/server.scap", f"{place}/server/trace")
                self.put("e1000/500B-c4/rep-01/link.pcap.gz", f"{place}/server/x.gz")
        text, _ = self.draft("data")
        self.assertIn('runs: "{testbed}/{rep}"    # 6 runs', text)
        self.assertIn('baseline: "physical"', text)
        self.assertIn('ab: {text: "client/out/ab.log"}', text)
        self.assertIn('capture: {server: "server/x.gz"}', text)
        self.assertIn('trace: {client: "client/trace", server: "server/trace"}', text)

    def test_a_run_without_its_output_of_ab(self):
        for rep in "1234":
            for bed in ("a", "b"):
                self.put("e1000/500B-c4/rep-01/ab.txt", f"data/{bed}/r{rep}/ab.txt")
                self.put("e1000/500B-c4/rep-01/link.pcap.gz", f"data/{bed}/r{rep}/x.pcap")
        os.remove("data/a/r3/ab.txt")
        done = self.twinbed("init", "data")
        self.assertIn('runs: "{testbed}/r{rep}"', done.stdout)
        self.assertRegex(done.stderr, r"\nab +7 of 8 ")
        self.assertIn("1 findings that count; twinbed check says which", done.stderr)

    def test_names_of_many_kinds(self):
        """Numbers have the type and unit they are written with; dates and last numbers are repetitions."""
        for path, pattern, factors in (
                ("100Mbps/w8-delay10ms/2026-11-30_12-00/ab.txt", "{link}/w{workers}-delay{delay}ms/{rep}",
                 ['link: {type: rate}', 'workers: {type: number, unit: "workers"}',
                  'delay: {type: number, unit: "ms"}']),
                ("size=1MiB/loss=0.5/run3/ab.txt", "size={size}/loss={loss}/run{rep}",
                 ["size: {type: bytes}", "loss: {type: number}"])):
            shutil.rmtree("data", ignore_errors=True)
            self.put("e1000/500B-c4/rep-01/ab.txt", "data/" + path)
            text, _ = self.draft("data")
            self.assertIn(f'path: "{pattern}", testbed: "data"', text)
            for factor in factors:
                self.assertIn("\n  " + factor + "    # guessed from", text)

    def test_testbeds_with_separators(self):
        for bed in ("physical", "kvm-e1000", "kvm-virtio-net"):
            self.put("e1000/500B-c4/rep-01/ab.txt", f"data/{bed}/1/ab.txt", f"data/{bed}/2/ab.txt")
        text, _ = self.draft("data")
        self.assertIn('runs: "{testbed}/{rep}"    # 6 runs', text)
        self.assertIn('baseline: "physical"', text)
        self.assertEqual({bed for bed, _ in self.runs("drafted.yaml").values()},
                         {"physical", "kvm-e1000", "kvm-virtio-net"})

    def test_workloads_of_other_programs(self):
        """Each is named as what it is; what it does not say, a capture may."""
        workloads = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "app/workloads")
        for source, name in (("wrk_latency.txt", "wrk.txt"), ("iperf3_client.json", "iperf.json"), ("fio.json", "fio.json"),
                             ("h2load.txt", "h2load.txt"), ("hey.txt", "out.txt"), ("k6.json", "summary.json"),
                             ("vegeta.json", "report.json"), ("sockperf.txt", "out.txt"), ("ping.txt", "ping.txt")):
            for bed in ("x", "y"):
                for rep in "12":
                    os.makedirs(f"{source}/{bed}/{rep}", exist_ok=True)
                    shutil.copy(os.path.join(workloads, source), f"{source}/{bed}/{rep}/{name}")
                    if source == "h2load.txt":
                        self.put("e1000/500B-c4/rep-01/link.pcap.gz", f"{source}/{bed}/{rep}/l.pcap.gz")
            text, _ = self.draft(source)
            self.assertIn(f'\n  workload: "{name}"\n', text)
            self.assertNotIn("work:", text)
            self.assertEqual("server_port: 80    # guessed" in text, source == "h2load.txt")
            self.assertEqual(len(self.runs("drafted.yaml")), 4)

    def test_captures_of_several_files(self):
        """Files that a capturing program counted up are one capture; those of several interfaces are not."""
        for number, names in enumerate((("l.pcap.gz", "l.pcap1.gz", "l.pcap2.gz"), ("l.pcap0.gz", "l.pcap1.gz"),
                                        ("l_00001_20261201103000.pcap.gz", "l_00002_20261201103010.pcap.gz"),
                                        ("eth0.pcap.gz", "eth1.pcap.gz"))):
            for bed in ("x", "y"):
                for rep in "12":
                    self.put("e1000/500B-c4/rep-01/ab.txt", f"data{number}/{bed}/{rep}/ab.txt")
                    for name in names:
                        self.put("e1000/500B-c4/rep-01/link.pcap.gz", f"data{number}/{bed}/{rep}/{name}")
            text = self.twinbed("init", f"data{number}").stdout
            pattern = ("l.pcap*.gz", "l.pcap*.gz", "l_*_*.pcap.gz", "eth0.pcap.gz")[number]
            self.assertIn(f'\n  capture: {{link: "{pattern}"}}\n', text)

    def test_captures_alone(self):
        for bed in ("x", "y"):
            self.put("e1000/500B-c4/rep-01/link.pcap.gz", f"data/{bed}/1/l.pcap.gz", f"data/{bed}/2/l.pcap.gz")
        text, _ = self.draft("data")
        self.assertRegex(text, r"server_port: 80 +# guessed")
        self.assertRegex(text, r"work: connections +# guessed")

    def test_runs_without_a_pattern_are_listed(self):
        """So many words that some names hold and others do not are no factors."""
        names = ["-".join([f"{i}"] + [f"w{c}w" for c in "abcdefghijkl"[:i]]) for i in range(12)]
        for name in names:
            self.put("e1000/500B-c4/rep-01/ab.txt", f"data/x/{name}/1/ab.txt", f"data/x/{name}/2/ab.txt")
        text, _ = self.draft("data")
        self.assertIn("# No pattern was found in the names.", text)
        runs = self.runs("drafted.yaml")
        self.assertEqual(len(runs), 24)
        self.assertEqual(runs[f"x/{names[3]}/2"], ("x", f"scenario={names[3]}"))


class Files(Drafts):
    def test_a_folder_of_outputs(self):
        for bed in ("e1000", "virtio"):
            for rep in range(1, 6):
                self.put(f"{bed}/500B-c4/rep-0{rep}/ab.txt", f"data/{bed}-{rep}.txt")
        text, table = self.draft("data")
        self.assertIn('runs: "{testbed}-{rep}.txt"    # 10 runs', text)
        self.assertIn("# guessed: {rep} as the last number of the path.", text)
        self.assertRegex(table, r"\nab +10 of 10 +\{testbed\}-\{rep\}\.txt\n")
        self.assertNotIn("not matched", table)
        self.assert_same_as("""campaign: data
baseline: e1000
root: data
runs: "{testbed}-{rep}.txt"
artifacts: {ab: "{testbed}-{rep}.txt"}
""")

    def test_a_folder_of_one_testbed(self):
        for rep in range(1, 11):
            self.put("veth/500B-c4/rep-01/ab.txt", f"data/ab_{rep}.out")
        text, _ = self.draft("data")
        self.assertIn('{path: "ab_{rep}.out", testbed: "data"}    # 10 runs', text)
        self.assertIn("# guessed: one testbed, called as the directory is.", text)

    def test_numbered_records_are_runs(self):
        """Captures that are counted are runs; those of several interfaces are of one."""
        for bed in ("x", "y"):
            for rep in "123":
                self.put(f"e1000/500B-c4/rep-0{rep}/link.pcap.gz", f"data/{bed}/{rep}.pcap.gz",
                         f"other/{bed}/{rep}/eth0.pcap.gz", f"other/{bed}/{rep}/eth1.pcap.gz")
        self.assertIn('runs: "{testbed}/{rep}.pcap.gz"    # 6 runs', self.draft("data")[0])
        self.assertIn('runs: "{testbed}/{rep}"    # 6 runs', self.draft("other")[0])

    def test_files_of_a_run_have_the_same_fields(self):
        for rep in "123":
            for bed in ("e1000", "virtio"):
                self.put(f"{bed}/500B-c4/rep-0{rep}/ab.txt", f"data/ab-{bed}-500B-{rep}.txt")
                self.put(f"{bed}/500B-c4/rep-0{rep}/link.pcap.gz", f"data/{bed}-500B-run-{rep}.pcap.gz")
        self.put("e1000/500B-c4/rep-01/link.pcap.gz", "data/other.pcap.gz")
        text, table = self.draft("data")
        self.assertIn('runs: "ab-{testbed}-{size}-{rep}.txt"', text)
        self.assertIn('capture: {link: "{testbed}-{size}-run-{rep}.pcap.gz"}', text)
        self.assertRegex(table, r"\ncapture link +6 of 6 ")
        self.assertRegex(table, r"not matched:\n  1 file  other\.pcap\.gz \(a packet capture")


class Layouts(Drafts):
    def test_que(self):
        """The draft gives the results of patterns that a person wrote for the same tree."""
        for rep in "123":
            for bed, place, capture in (("e1000", "kvm-e1000-1-on-1000-4-1-http-instr/{}/que1{}", "client.pcap"),
                                        ("virtio", "physical-1g-on-4-http-instr/{}", "client/client.pcap")):
                place = "data/" + place.format(rep, rep)
                for name, path in (("ab.txt", "client/ab.out"), ("client.scap", "client/sysdig.scap"),
                                   ("server.scap", "server/sysdig.scap"), ("link.pcap.gz", capture)):
                    self.put(f"{bed}/500B-c4/rep-0{rep}/{name}", f"{place}/{path}")
        text, table = self.draft("data")
        self.assertIn("laid out as by the QUE tools", table)
        self.assertIn('process: {client: "ab", server: "gohttp"}', text)
        factors = "".join(f", {name}: {value}" for name, value in
                          (("protocol", "http"), ("workers", 4), ("pairs", 1), ("link", "1 Gbit/s"), ("offload", '"on"'),
                           ("instr", "true")))
        self.assert_same_as(f"""campaign: QUE
baseline: physical
root: data
runs:
  - {{path: "kvm-e1000-1-on-1000-4-1-http-instr/{{rep}}", testbed: kvm-e1000{factors}}}
  - {{path: "physical-1g-on-4-http-instr/{{rep}}", testbed: physical{factors}}}
factors: {{protocol: {{type: text}}, workers: {{type: number}}, pairs: {{type: number}}, link: {{type: rate}},
  offload: {{type: text}}, instr: {{type: boolean}}}}
artifacts:
  ab: ["que{{pair}}/client/ab.out", client/ab.out]
  capture: {{client: ["que{{pair}}/client.pcap", client/client.pcap]}}
  trace: {{client: ["que{{pair}}/client/sysdig.scap", client/sysdig.scap],
          server: ["que{{pair}}/server/sysdig.scap", server/sysdig.scap]}}
process: {{client: ab, server: gohttp}}
""")

    def test_que_says_what_its_names_promise(self):
        """A tree that holds 1 of 12 pairs, and testbeds that the baseline never met: the tree is so, whoever writes the file."""
        for directory, pair in (("physical-1g-on-4-http", ""), ("kvm-e1000-1-on-1000-4-1-http", "que77/"),
                                ("kvm-e1000-1-on-none-4-1-http", "que77/"),
                                ("container-host-1-off-1000-4-12-https15MB-pinning", "que77/")):
            for rep in "12":
                self.put("e1000/500B-c4/rep-01/ab.txt", f"data/{directory}/{rep}/{pair}client/ab.out")
        _, table = self.draft("data", status=DAMAGED)
        self.assertIn("2 findings that count; twinbed check says which", table)
        found = json.loads(self.twinbed("check", "drafted.yaml", "--format", "json", status=DAMAGED).stdout)
        counted = [finding["sentence"] for finding in found["findings"] if finding["counts"]]
        self.assertEqual(len(counted), 2)
        self.assertRegex(counted[0], "^pairs: 2 of 8 runs have not as many")
        self.assertRegex(counted[1], "^testbed container-host-pinning: no scenario in common")
        common = "workers: 4, link: {}"
        self.assert_same_as(f"""campaign: QUE
baseline: physical
root: data
runs:
  - {{path: "physical-1g-on-4-http/{{rep}}", testbed: physical, protocol: http, pairs: 1, offload: "on",
     {common.format('"1 Gbit/s"')}}}
  - {{path: "kvm-e1000-1-on-1000-4-1-http/{{rep}}", testbed: kvm-e1000, protocol: http, pairs: 1, offload: "on",
     {common.format('"1 Gbit/s"')}}}
  - {{path: "kvm-e1000-1-on-none-4-1-http/{{rep}}", testbed: kvm-e1000, protocol: http, pairs: 1, offload: "on",
     {common.format('"none"')}}}
  - {{path: "container-host-1-off-1000-4-12-https15MB-pinning/{{rep}}", testbed: container-host-pinning, protocol: https,
     size: 15MB, pairs: 12, offload: "off", {common.format('"1 Gbit/s"')}}}
factors: {{protocol: {{type: text}}, size: {{type: bytes}}, workers: {{type: number}}, pairs: {{type: number}},
  link: {{type: text}}, offload: {{type: text}}}}
artifacts: {{ab: ["que{{pair}}/client/ab.out", client/ab.out]}}
process: {{client: ab}}
""", status=DAMAGED)

    def test_scorch(self):
        for experiment in ("metal", "virtual"):
            for count in range(3):
                place = f"images/{experiment}/files/scorch/run-0"
                self.put(f"e1000/500B-c4/rep-0{count + 1}/ab.txt", f"{place}/bench/loop-1-count-{count}/ab.txt")
                self.put(f"e1000/500B-c4/rep-0{count + 1}/link.pcap.gz", f"{place}/dump/loop-1-count-{count}/h.pcap.gz")
        _, table = self.draft("images")
        self.assertIn("laid out as by phenix SCORCH", table)
        artifacts = ('{{ab: "bench/loop-1-count-{0}/ab.txt", '
                     'capture: {{link: "dump/loop-1-count-{0}/h.pcap.gz"}}}}')
        listed = "".join(f'  - {{path: "{experiment}/files/scorch/run-0", testbed: {experiment}, run: 0, loop: 1, '
                         f'rep: {count}, artifacts: {artifacts.format(count)}}}\n'
                         for experiment in ("metal", "virtual") for count in range(3))
        self.assert_same_as("campaign: SCORCH\nbaseline: metal\nroot: images\n"
                            "factors: {run: {type: number}, loop: {type: number}}\nprocess: {client: ab}\nruns:\n" + listed)


class Hostile(Drafts):
    def test_names_of_any_characters(self):
        odd = ('q"uo\\te', "new\nline", "br{a}ce", "# no: comment", "- dash", "star*?", "tab\t", "\u0085next", "\u2028",
               "\ufeffmark", "%YAML", "'", "true", "\u007f", "\u00e9\u4e2d", "[list]", "&anchor")
        for name in odd:
            self.put("e1000/500B-c4/rep-01/ab.txt", f"data/{name}/1/{name}.txt", f"data/{name}/2/{name}.txt")
        _, table = self.draft("data")
        self.assertRegex(table, rf"\nab +{2 * len(odd)} of {2 * len(odd)} ")
        self.assertEqual({bed for bed, _ in self.runs("drafted.yaml").values()}, set(odd))
        self.assertNotIn("\t", table)

    def test_names_that_are_no_text(self):
        self.put("e1000/500B-c4/rep-01/ab.txt", "data/a/1/ab.txt", "data/a/2/ab.txt")
        os.makedirs(b"data/\xff\xfe/1")
        shutil.copy(os.path.join(RUN, "ab.txt"), b"data/\xff\xfe/1/ab.txt")
        _, table = self.draft("data")
        self.assertIn("1 files or directories left out: their names are no UTF-8", table)
        self.assertIn("2 runs", table)

    def test_links_that_lead_back(self):
        self.put("e1000/500B-c4/rep-01/ab.txt", "data/a/1/ab.txt", "data/b/1/ab.txt", "outside/1/ab.txt")
        os.symlink("..", "data/a/up")
        os.symlink(os.path.abspath("data"), "data/b/again")
        os.symlink(os.path.abspath("outside"), "data/c")
        os.symlink("nowhere", "data/d")
        os.mkfifo("data/a/1/fifo")
        text, table = self.draft("data")
        self.assertIn("2 links to directories of the same tree were not followed", table)
        self.assertRegex(table, r"\nab +3 of 3 ")
        self.assertIn('discard:\n  - {run: "a/up", reason: no artifact}\n  - {run: "b/again", reason: no artifact}\n', text)

    def test_nothing_to_be_found(self):
        os.makedirs("empty")
        self.write("notes/a.txt", "nothing\n")
        shutil.copy("/dev/null", "file")
        self.assert_one_line(self.twinbed("init", "empty", status=FAILED), "empty: no output of ab")
        self.assert_one_line(self.twinbed("init", "notes", status=FAILED), "among 1 files in 1 directories")
        self.assert_one_line(self.twinbed("init", "nowhere", status=FAILED), "nowhere")
        self.assert_one_line(self.twinbed("init", "notes", "--layout", "que", status=FAILED), "QUE")

    def test_the_file_is_no_input(self):
        self.put("e1000/500B-c4/rep-01/ab.txt", "data/1/ab.txt", "data/2/ab.txt")
        before = read_bytes("data/1/ab.txt")
        self.assert_one_line(self.twinbed("init", "data", "-o", "data/1/ab.txt", "--force", status=BAD_USAGE),
                             "data/1/ab.txt")
        self.assertEqual(read_bytes("data/1/ab.txt"), before)
        self.twinbed("init", "data", "-o", "data/campaign.yaml")
        self.assertEqual(sorted(os.listdir("data")), ["1", "2", "campaign.yaml"])
        self.assert_one_line(self.twinbed("init", "data", "-o", "data/campaign.yaml", status=BAD_USAGE), "--force")

    def test_names_of_files_that_hold_fields(self):
        for bed in ("kvm-e1000", "physical"):
            for rep in range(1, 8):
                self.put("e1000/500B-c4/rep-01/ab.txt", f"data/{bed}/run-{rep}/out/{bed}_{rep}.ab.txt")
        text, _ = self.draft("data")
        self.assertIn('ab: {text: "{testbed}_{rep}.ab.txt"}', text.replace("out/", ""))

    def test_files_that_only_seem_to_be_something(self):
        """Known by content: names lie, files break off, other programs leave theirs."""
        for rep in "12":
            self.put("e1000/500B-c4/rep-01/ab.txt", f"data/x/{rep}/result.pcap")
            self.write(f"data/x/{rep}/wrk.txt", "Running 10s test\n  Thread Stats   Avg      Stdev     Max\n")
            self.write(f"data/x/{rep}/empty.scap", "")
            with open(f"data/x/{rep}/broken.gz", "wb") as file:
                file.write(b"\x1f\x8b\x08\0\0\0\0\0\0\3garbage")
        text, table = self.draft("data")
        self.assertIn('ab: {text: "result.pcap"}', text)
        self.assertRegex(table, r"2 files such as \S+wrk\.txt \(wrk output\)")
        self.assertEqual(re.search(r"artifacts:\n(.*\n)+?(?!  )", text).group(0).count("\n"), 2)


if __name__ == "__main__":
    main()
