#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs that are not there or not what they should be, outputs that cannot be written: one sentence that names the
file, an exit status, and nothing half done under the final name."""
import os
import resource
import shutil
import socket
import struct
import subprocess

from command import (BAD_USAGE, DAMAGED, FAILED, GOOD, LAUNCHER, MANIFEST, PROGRAM, SAMPLE, Case, main, outcome, read_bytes,
                     truncate)

TRACE = os.path.join(SAMPLE, "e1000/500B-c4/rep-01/client.scap")
CAPTURE = os.path.join(SAMPLE, "e1000/500B-c4/rep-01/link.pcap.gz")
ONE_RUN = ("--only", "testbed=e1000", "--only", "size=500B", "--only", "rep=01", "--only", "instrumented=true")


def reading(path):
    """A command line for each command that reads a file."""
    return [["check", path], ["plan", path, "--ranks", "2"], ["analyze", path, "-o", "x.h5"],
            ["report", path, "-o", "x.html"], ["calls", path, "--process", "ab"], ["flows", path]]


class Inputs(Case):
    def fails(self, path, statuses, word):
        for arguments in reading(path):
            with self.subTest(arguments):
                self.assert_one_line(self.twinbed(*arguments, status=statuses.get(arguments[0], statuses["else"])),
                                     word)

    def test_missing_file(self):
        wrong = {"check": BAD_USAGE, "plan": BAD_USAGE, "analyze": BAD_USAGE}
        self.fails("nowhere", {**wrong, "else": FAILED}, "nowhere: cannot open: No such file or directory")
        self.fails("/dev/null/nowhere", {**wrong, "else": FAILED}, "nowhere: cannot open: Not a directory")
        self.assert_one_line(self.twinbed("manifest", "--layout", "que", "nowhere", status=FAILED), "nowhere")
        self.assert_nothing_is_left()

    def test_file_that_cannot_be_read(self):
        # Opens, and gives an error when it is read, even to the superuser.
        for arguments in reading("/proc/self/mem"):
            with self.subTest(arguments):
                manifest = arguments[0] in ("check", "plan", "analyze")
                status = BAD_USAGE if manifest else FAILED
                self.assert_one_line(self.twinbed(*arguments, status=status), "/proc/self/mem")
        self.assert_nothing_is_left()

    def test_directory_as_results(self):
        self.assert_one_line(self.twinbed("report", ".", "-o", "x.html", status=FAILED),
                             "no results file of twinbed, but a directory")
        self.assert_nothing_is_left()

    def test_empty_file(self):
        with open("empty", "wb"):
            pass
        self.fails("empty", {"check": BAD_USAGE, "plan": BAD_USAGE, "analyze": BAD_USAGE, "else": FAILED}, "empty")
        self.assert_nothing_is_left("empty")

    def test_file_of_the_wrong_kind(self):
        for command, path in (("check", TRACE), ("report", TRACE), ("calls", CAPTURE),
                              ("calls", MANIFEST), ("flows", MANIFEST), ("flows", TRACE),
                              ("report", MANIFEST), ("analyze", CAPTURE)):
            for arguments in reading(path):
                if arguments[0] != command:
                    continue
                with self.subTest(arguments):
                    manifest = command in ("check", "analyze")
                    self.assert_one_line(self.twinbed(*arguments, status=BAD_USAGE if manifest else FAILED),
                                         os.path.basename(path))
        self.assert_nothing_is_left()

    def test_manifest_with_a_mistake_names_line_and_column(self):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: x\nroot: {SAMPLE}\nruns: '{{testbed}}/{{size}}-c4/rep-{{rep}}'\n"
                       "process:\n  cleint: ab\n")
        for command in (["check", "campaign.yaml"], ["analyze", "campaign.yaml", "-o", "x.h5"]):
            self.assert_one_line(self.twinbed(*command, status=BAD_USAGE), "campaign.yaml:5:", "cleint")
        self.assert_nothing_is_left("campaign.yaml")

    def test_a_root_that_does_not_exist_is_a_mistake_in_the_file(self):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: x\nroot: nowhere\nruns: '{testbed}/rep-{rep}'\n")
        self.assert_one_line(self.twinbed("check", "campaign.yaml", status=BAD_USAGE), "campaign.yaml:2:7: root:")

    def test_metrics_that_do_not_exist(self):
        manifest = self.copy_sample("500B-c4", testbeds=("e1000",), repetitions=("rep-01",))
        found = "baseline: veth"
        for key, setting in (("closeness", "closeness: {metrics: {jiter: 0.2}}"), ("family", "family: [client_reads, jiter]")):
            self.edit(manifest, found, f"baseline: e1000\n{setting}")
            found = f"baseline: e1000\n{setting}"
            for command in (["analyze", manifest, "-o", "x.h5", *ONE_RUN], ["check", manifest]):
                self.assert_one_line(self.twinbed(*command, status=BAD_USAGE), key,
                                     "'jiter' (did you mean 'jitter'?)")
        self.assertEqual(os.listdir("."), ["sample"])

    def test_something_else_than_a_campaign_file(self):
        """Says what it is, and which command reads it."""
        run = os.path.join(SAMPLE, "e1000/500B-c4/rep-01")
        self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "good.h5")
        for path, words in ((CAPTURE, ("packet capture", "twinbed flows")), (TRACE, ("system-call trace", "twinbed calls")),
                            (run, ("is a directory", f"twinbed init {run} > campaign.yaml")),
                            ("good.h5", ("HDF5", "twinbed report")),
                            (os.path.join(run, "ab.txt"), ("ApacheBench", "twinbed compare")),
                            (os.path.join(run, "owping.txt"), ("owping", "twinbed compare"))):
            for command in (["check", path], ["plan", path, "--ranks", "2"], ["analyze", path, "-o", "x.h5"]):
                with self.subTest(command):
                    self.assert_one_line(self.twinbed(*command, status=BAD_USAGE), "not a campaign file", *words)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write("campaign: ApacheBench, Version 2.3\nruns: [\n")
        self.assert_one_line(self.twinbed("check", "campaign.yaml", status=BAD_USAGE), "campaign.yaml:")

    def test_filter_that_does_not_compile(self):
        manifest = self.copy_sample("500B-c4", testbeds=("e1000",), repetitions=("rep-01",))
        self.edit(manifest, "baseline: veth", "baseline: e1000\nfilter: tcp portt 80")
        for command in (["analyze", manifest, "-o", "x.h5", *ONE_RUN], ["check", manifest]):
            self.assert_one_line(self.twinbed(*command, status=BAD_USAGE), "campaign.yaml: ", "tcp portt 80")
        self.assertEqual(os.listdir("."), ["sample"])

    def test_cut_trace_and_capture_are_listed_to_the_cut(self):
        for name, path, arguments in (("cut.scap", TRACE, ["calls", "cut.scap", "--process", "ab"]),
                                      ("cut.scap", TRACE, ["calls", "cut.scap"]),
                                      ("cut.pcap", CAPTURE, ["flows", "cut.pcap"])):
            with open(name, "wb") as file:
                file.write(read_bytes(path))
            truncate(name)
            done = self.twinbed(*arguments, status=DAMAGED)
            self.assertGreater(done.stdout.count("\n"), 1)
            self.assertEqual(done.stderr.count("warning: "), 1)
            self.assertRegex(done.stderr, rf"{name}: truncated at offset \d+")


class Outputs(Case):
    def analyze(self, *arguments, status=GOOD):
        return self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", *arguments, status=status)

    def test_directory_that_does_not_exist(self):
        self.assert_one_line(self.analyze("-o", "nowhere/x.h5", status=FAILED), "nowhere/x.h5")
        self.analyze("-o", "good.h5")
        self.assert_one_line(self.twinbed("report", "good.h5", "-o", "nowhere/x.html", status=FAILED),
                             "nowhere/x.html")
        self.assert_one_line(self.twinbed("manifest", "--layout", "que", ".", "-o", "nowhere/x.yaml", status=FAILED),
                             "nowhere/x.yaml")
        self.assert_nothing_is_left("good.h5")

    def test_directory_in_place_of_the_output(self):
        os.mkdir("x.h5")
        os.mkdir("x.html")
        self.assert_one_line(self.analyze("-o", "x.h5", status=BAD_USAGE), "x.h5 exists")
        self.assert_one_line(self.analyze("-o", "x.h5", "--force", status=BAD_USAGE), "x.h5 exists and is not a file")
        self.analyze("-o", "good.h5")
        self.assert_one_line(self.twinbed("report", "good.h5", "-o", "x.html", "--force", status=BAD_USAGE),
                             "x.html exists and is not a file but a directory")
        self.assert_nothing_is_left("x.h5", "x.html", "good.h5")

    def test_no_output_destroys_what_is_read(self):
        manifest = self.copy_sample("500B-c4", testbeds=("veth",), repetitions=("rep-01",))
        place = "sample/veth/500B-c4/rep-01/"
        job = ("analyze", manifest, "--quiet", "--force")
        self.twinbed(*job, "-o", "good.h5", status=GOOD)
        os.symlink(place + "ab.txt", "soft")
        os.link(place + "client.scap", "hard")
        os.mkfifo("fifo")
        before = {name: read_bytes(name) for name in (manifest, "good.h5", "soft", "hard")}
        for arguments in (("report", "good.h5", "--force", "-o", "good.h5"),
                          ("report", "good.h5", "--force", "-o", "./good.h5"),
                          ("report", "good.h5", "--force", "-o", "fifo"),
                          ("report", "good.h5", "-o", "/dev/null"), (*job, "-o", "-"),
                          (*job, "-o", manifest), (*job, "-o", "soft"), (*job, "-o", "hard"), (*job, "-o", "fifo"),
                          (*job, "-o", "x.h5", "--timings", manifest), (*job, "-o", "x.h5", "--timings", "hard"),
                          (*job, "-o", "x.h5", "--timings", "x.h5"), (*job, "-o", "x.h5", "--timings", "fifo"),
                          ("manifest", "--layout", "que", ".", "--force", "-o", "fifo")):
            with self.subTest(arguments):
                self.assert_one_line(self.twinbed(*arguments, status=BAD_USAGE), arguments[-1])
                for name, content in before.items():
                    self.assertEqual(read_bytes(name), content, name)
        self.assert_nothing_is_left("sample", "good.h5", "soft", "hard", "fifo")

    def test_timings_stay_unless_forced(self):
        with open("timings", "w", encoding="ascii") as file:
            file.write("precious")
        done = self.analyze("-o", "x.h5", "--timings", "timings", status=BAD_USAGE)
        self.assert_one_line(done, "timings exists", "--force")
        self.assertEqual(read_bytes("timings"), b"precious")
        self.analyze("-o", "x.h5", "--timings", "timings", "--force")
        self.assertIn(b'"seconds"', read_bytes("timings"))

    def test_links_are_followed_and_stay(self):
        os.mkdir("far")
        self.analyze("-o", "far/x.h5")
        before = read_bytes("far/x.h5")
        os.symlink("far/x.h5", "link.h5")
        self.analyze("-o", "link.h5", "--force")
        self.twinbed("report", "link.h5", "-o", "far/x.html")
        os.symlink("far/x.html", "link.html")
        self.twinbed("report", "link.h5", "-o", "link.html", "--force")
        for link in ("link.h5", "link.html"):
            self.assertTrue(os.path.islink(link), link)
        self.assertNotEqual(read_bytes("far/x.h5"), before)
        self.assertEqual(read_bytes("far/x.html")[:9], b"<!DOCTYPE")
        self.assert_nothing_is_left("far", "link.h5", "link.html")

    def test_page_on_standard_output(self):
        self.analyze("-o", "good.h5")
        done = self.twinbed("report", "good.h5", "-o", "-")
        self.twinbed("report", "good.h5", "-o", "x.html")
        self.assertEqual(done.stdout.encode(), read_bytes("x.html"))

    def test_what_stands_under_the_partial_name_is_not_followed(self):
        self.analyze("-o", "good.h5")
        commands = {"x.h5": lambda: self.analyze("-o", "x.h5"),
                    "x.html": lambda: self.twinbed("report", "good.h5", "-o", "x.html")}
        for name, command in commands.items():
            partial = name + ".partial"
            with self.subTest(name, stands="link"), open("target", "w", encoding="ascii") as target:
                target.write("kept")
                target.flush()
                os.symlink("target", partial)
                command()
                self.assertEqual(read_bytes("target"), b"kept")
                self.assertTrue(os.path.isfile(name) and not os.path.islink(name))
                os.remove(name)
            with self.subTest(name, stands="FIFO"):  # opened, it would wait for a reader for ever
                os.mkfifo(partial)
                command()
                os.remove(name)
        self.assert_nothing_is_left("good.h5", "target")

    def test_what_the_mpi_library_left_is_removed(self):
        for name in ("x.h5.partial-12-345.lock", "x.h5.partial-notes.lock", "y.h5.partial-12-345.lock"):
            with open(name, "wb"):
                pass
        self.analyze("-o", "x.h5")
        self.assert_nothing_is_left("x.h5", "x.h5.partial-notes.lock", "y.h5.partial-12-345.lock")

    def test_listing_on_a_full_disk(self):
        for arguments in (["schema"], ["flows", CAPTURE], ["check", MANIFEST], ["--help"], ["help"], ["--version"],
                          ["analyze", "--help"]):
            with self.subTest(arguments), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                      check=False)
                self.assertEqual(done.returncode, FAILED)
                self.assertIn("standard output: cannot write: No space left", done.stderr)

    def test_files_that_may_grow_only_so_far(self):
        """ulimit -f: parts, results or page are too large, and that is one sentence and no signal."""
        def limited(kib, *arguments):
            done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False, timeout=120,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kib << 10, kib << 10)))
            self.assertEqual(done.returncode, FAILED, done.stderr)
            self.assert_one_line(done, "cannot ", "File too large")
            return done.stderr

        job = ("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "x.h5")
        self.assertIn("x.h5.parts/", limited(1, *job))
        self.assertIn("x.h5.partial", limited(300, *job))
        self.assert_nothing_is_left()
        self.analyze("-o", "x.h5")
        self.assertRegex(limited(8, "report", "x.h5", "-o", "x.html"), "x.html.partial|temporary files for gnuplot")
        with open("list", "w", encoding="utf-8") as listing:
            done = subprocess.run([PROGRAM, "check", MANIFEST, "--verbose"], stdout=listing, stderr=subprocess.PIPE,
                                  text=True, check=False, timeout=120,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(done.returncode, FAILED)
        self.assertEqual(done.stderr, "twinbed: error: standard output: cannot write: File too large\n")
        self.assert_nothing_is_left("x.h5", "list")

    def test_existing_results_stay_unless_forced(self):
        with open("x.h5", "w", encoding="utf-8") as file:
            file.write("precious")
        self.assert_one_line(self.analyze("-o", "x.h5", status=BAD_USAGE), "x.h5 exists", "--force")
        self.assertEqual(read_bytes("x.h5"), b"precious")
        self.analyze("-o", "x.h5", "--force")
        self.assertEqual(read_bytes("x.h5")[:4], b"\x89HDF")
        self.assert_nothing_is_left("x.h5")

    def test_failed_job_leaves_existing_results_alone(self):
        manifest = self.copy_sample("500B-c4", testbeds=("e1000",), repetitions=("rep-01",))
        self.edit(manifest, "baseline: veth", "baseline: e1000")
        truncate("sample/e1000/500B-c4/rep-01/client.scap")
        with open("x.h5", "w", encoding="utf-8") as file:
            file.write("precious")
        self.twinbed("analyze", manifest, "-o", "x.h5", "--force", "--strict", "--only", "instrumented=true",
                     status=FAILED)
        self.assertEqual(read_bytes("x.h5"), b"precious")
        self.assert_nothing_is_left("sample", "x.h5")

    def test_manifest_does_not_overwrite(self):
        os.makedirs("data/physical-1g-on-4-500B-instr/0/client")
        with open("data/physical-1g-on-4-500B-instr/0/client/ab.out", "w", encoding="utf-8") as file:
            file.write("\n")
        self.twinbed("manifest", "--layout", "que", "data", "-o", "x.yaml")
        before = read_bytes("x.yaml")
        self.assert_one_line(self.twinbed("manifest", "--layout", "que", "data", "-o", "x.yaml", status=BAD_USAGE),
                             "x.yaml")
        self.assertEqual(read_bytes("x.yaml"), before)

    def test_output_that_another_job_works_on(self):
        holder = f"{socket.gethostname()} {os.getpid()} - 0\n"
        with open("x.h5.lock", "w", encoding="utf-8") as file:
            file.write(holder)
        self.assert_one_line(self.analyze("-o", "x.h5", status=BAD_USAGE), "x.h5.lock", f"process {os.getpid()} on",
                             socket.gethostname())
        self.assertEqual(read_bytes("x.h5.lock"), holder.encode())
        self.assert_nothing_is_left("x.h5.lock")

    def test_lock_of_a_job_that_is_gone(self):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        with open("x.h5.lock", "w", encoding="utf-8") as file:
            file.write(f"{socket.gethostname()} {child} - 0\n")
        self.analyze("-o", "x.h5")
        self.assert_nothing_is_left("x.h5")

    def test_one_sentence_from_many_ranks(self):
        with open("x.h5", "w", encoding="utf-8") as file:
            file.write("precious")
        done = self.twinbed("analyze", MANIFEST, *ONE_RUN, "-o", "x.h5", status=BAD_USAGE, ranks=3)
        self.assertEqual(sum("x.h5 exists" in line for line in done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(read_bytes("x.h5"), b"precious")


class Starts(Case):
    """Programs without a launcher, which all would share one session directory of the MPI library."""

    def test_a_lone_process_needs_no_session_directory(self):
        with open("file", "wb"):
            pass
        self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "x.h5", environment={"TMPDIR": "file/no"})

    def test_ranks_of_different_builds(self):
        """A program with another build id, which is what tells builds apart."""
        program = read_bytes(PROGRAM)
        note = program.index(struct.pack("<III", 4, 20, 3) + b"GNU\0") + 16
        with open("other", "wb") as file:
            file.write(program[:note] + bytes([program[note] ^ 1]) + program[note + 1:])
        os.chmod("other", 0o755)
        job = ("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "x.h5")
        done = subprocess.run([LAUNCHER, "--oversubscribe", "--bind-to", "none", "-n", "1", PROGRAM, *job, ":", "-n", "1",
                               "./other", *job], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, BAD_USAGE, done.stderr)
        self.assertEqual(done.stderr.count("twinbed: error: rank 1 on "), 1, done.stderr)
        self.assertIn("runs another build of the program than rank 0", done.stderr)
        self.assert_nothing_is_left("other")

    def test_pairs(self):
        """Two at the same moment; TWINBED_PAIRS says how many times."""
        job = [PROGRAM, "analyze", MANIFEST, *ONE_RUN, "--quiet", "--parts", "parts"]
        for i in range(int(os.environ.get("TWINBED_PAIRS", "3"))):
            pair = [subprocess.Popen(job + ["-o", f"{i}-{j}.h5"], stderr=subprocess.PIPE, text=True) for j in "ab"]
            for one in pair:
                said = one.communicate(timeout=60)[1]
                self.assertEqual(one.returncode, GOOD, f"pair {i}: {said}")


class Outside(Case):
    """Paths of a campaign file that lead out of its root: said, and refused with --confined."""

    def make(self, ab, root="data", runs="{testbed}/{rep}"):
        os.makedirs("data/a/1", exist_ok=True)
        shutil.copy(os.path.join(SAMPLE, "e1000/500B-c4/rep-01/ab.txt"), "data/a/1/ab.txt")
        shutil.copy("data/a/1/ab.txt", "far.txt")
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: x\nbaseline: a\nroot: {root}\nruns: '{runs}'\nartifacts: {{ab: {ab}}}\n")

    def commands(self, *options):
        return (["check", "campaign.yaml", *options], ["plan", "campaign.yaml", "--ranks", "2", *options],
                ["analyze", "campaign.yaml", "-o", "x.h5", "--force", *options],
                ["decode", "campaign.yaml", "--parts", "parts", *options])

    def refused(self, *words):
        for command in self.commands("--confined"):
            with self.subTest(command):
                self.assert_one_line(self.twinbed(*command, status=BAD_USAGE), "campaign.yaml: --confined: ", *words)

    def accepted(self, *options):
        said = ""
        for command in self.commands(*options):
            done = subprocess.run([PROGRAM, *command], capture_output=True, text=True, check=False, timeout=120)
            self.assertIn(done.returncode, (GOOD, DAMAGED), done.stderr)
            said += done.stderr
        return said.count("outside its root")

    def test_inside(self):
        for ab in ("ab.txt", "../../a/1/ab.txt", os.path.abspath("data/a/1/ab.txt")):
            self.make(ab, root="data" if ab[0] != "/" else os.path.abspath("data"))
            self.assertEqual(self.accepted(), 0, ab)
            self.assertEqual(self.accepted("--confined"), 0, ab)

    def test_a_root_where_the_command_runs(self):
        self.make("ab.txt", root=".", runs="data/{testbed}/{rep}")
        self.assertEqual(self.accepted(), 0)
        self.assertEqual(self.accepted("--confined"), 0)
        self.make("../../../../far.txt", root=".", runs="data/{testbed}/{rep}")
        self.refused("1 of its files lie outside its root, such as ", "far.txt")

    def test_names_that_lead_out(self):
        for ab in ("../../../far.txt", os.path.abspath("far.txt")):
            self.make(ab)
            self.assertEqual(self.accepted(), 4, ab)
            self.refused("1 of its files lie outside its root, such as ", "far.txt")

    def test_links_that_lead_out(self):
        self.make("ab.txt")
        os.replace("data/a/1/ab.txt", "other.txt")
        os.symlink("../../../other.txt", "data/a/1/ab.txt")
        self.refused("1 of its files lie outside its root, such as ", "data/a/1/ab.txt")

    def test_a_root_that_is_not_below_the_file(self):
        os.mkdir("below")
        self.make("ab.txt", root="../data")
        os.replace("campaign.yaml", "below/campaign.yaml")
        for command in (["check", "below/campaign.yaml"], ["analyze", "below/campaign.yaml", "-o", "x.h5"]):
            self.assert_one_line(self.twinbed(*command, "--confined", status=BAD_USAGE), "is not below the directory")


class Artifacts(Case):
    """What is wrong with an artifact never stops the job."""

    def analyze_with(self, spoil):
        manifest = self.copy_sample("500B-c4", repetitions=("rep-01", "rep-02"))
        place = "sample/e1000/500B-c4/rep-01/"
        spoil(place)
        done = self.twinbed("analyze", manifest, "-o", "x.h5", "--only", "instrumented=true", status=DAMAGED)
        self.assert_nothing_is_left("sample", "x.h5")
        counts = outcome(done)
        return {name: counts[name] for name in ("damaged", "missing", "withdrawn")}

    def test_missing(self):
        def spoil(place):
            os.remove(place + "ab.txt")
        self.assertEqual(self.analyze_with(spoil)["missing"], 1)

    def test_empty(self):
        def spoil(place):
            truncate(place + "link.pcap.gz", 0)
        self.assertEqual(self.analyze_with(spoil), {"damaged": 1, "missing": 0, "withdrawn": 0})

    def test_of_the_wrong_kind(self):
        def spoil(place):
            os.replace(place + "ab.txt", place + "server.scap")
        self.assertEqual(self.analyze_with(spoil), {"damaged": 1, "missing": 1, "withdrawn": 0})

    def test_trace_in_place_of_a_capture(self):
        def spoil(place):
            shutil.copy(place + "server.scap", place + "link.pcap.gz")
        self.assertEqual(self.analyze_with(spoil), {"damaged": 1, "missing": 0, "withdrawn": 0})

    def test_that_cannot_be_read(self):
        def spoil(place):
            os.remove(place + "server.scap")
            os.symlink("/proc/self/mem", place + "server.scap")
        self.assertEqual(self.analyze_with(spoil), {"damaged": 1, "missing": 0, "withdrawn": 0})

    def test_of_a_process_that_is_not_in_it(self):
        manifest = self.copy_sample("500B-c4", repetitions=("rep-01",))
        self.edit(manifest, "client: ab,", "client: wrk,")
        done = self.twinbed("analyze", manifest, "-o", "x.h5", "--only", "instrumented=true", status=DAMAGED)
        self.assertEqual(outcome(done)["withdrawn"], 3)


if __name__ == "__main__":
    main()
