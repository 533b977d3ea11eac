#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture that its program went on with in other files is one capture, and gives the results of the whole."""
import contextlib
import gzip
import os
import shutil
import struct
import subprocess

import h5py

from command import BAD_USAGE, DAMAGED, FAILED, GOOD, PROGRAM, Case, main, outcome, read_bytes

RUN = "sample/veth/500B-c4/rep-01/"
FILES = 7


def records_of(content):
    """A pcap file's records."""
    records, at = [], 24
    while at < len(content):
        size = 16 + struct.unpack_from("<I", content, at + 8)[0]
        records.append(content[at:at + size])
        at += size
    return records


class CaptureFiles(Case):
    def setUp(self):
        super().setUp()
        self.manifest = self.copy_sample("500B-c4", testbeds=("veth",), repetitions=("rep-01",))
        self.edit(self.manifest, r"\[link.pcap, link.pcap.gz\]", '"link.pcap*"')
        with gzip.open(RUN + "link.pcap.gz") as file:
            self.content = file.read()
        os.remove(RUN + "link.pcap.gz")
        self.write("whole.pcap", self.content)

    def write(self, path, content):
        with open(path, "wb") as file:
            file.write(content)

    def cut(self, names, directory=RUN):
        """The capture in as many files as there are names, in the order of time."""
        records = records_of(self.content)
        share = -(-len(records) // len(names))
        for i, name in enumerate(names):
            self.write(directory + name, self.content[:24] + b"".join(records[i * share:(i + 1) * share]))

    def numbered(self):
        return ["link.pcap"] + [f"link.pcap{i}" for i in range(1, FILES)]

    def rows(self, *files, status=GOOD):
        return self.twinbed("flows", "--format", "csv", *files, status=status).stdout

    def analyze(self, output, status=GOOD, ranks=0):
        return self.twinbed("analyze", self.manifest, "-o", output, status=status, ranks=ranks)

    def reused(self):
        """Artifacts of x.h5 that are not decoded again."""
        return outcome(self.twinbed("analyze", self.manifest, "-o", "x.h5", "--force"))["reused"]

    def test_results_are_those_of_the_whole(self):
        shutil.copy("whole.pcap", RUN + "link.pcap")
        self.analyze("whole.h5")
        self.cut(self.numbered())
        self.analyze("cut.h5")
        self.assert_same_results("whole.h5", "cut.h5")
        os.remove("cut.h5")
        shutil.rmtree("cut.h5.parts")
        self.analyze("cut.h5", ranks=2)
        self.assert_same_results("whole.h5", "cut.h5")

    def test_a_file_that_changes_is_read_again(self):
        self.cut(self.numbered())
        self.analyze("x.h5")
        before = self.reused()
        os.utime(RUN + "link.pcap4", (0, 0))
        self.assertEqual(self.reused(), before - 1)

    def test_rows_are_those_of_the_whole_whatever_the_files_are_called(self):
        names = self.numbered()
        self.cut(names, "")
        whole = self.rows("whole.pcap")
        self.assertEqual(self.rows(*names), whole)
        self.assertEqual(self.rows(*reversed(names)), whole)
        for name in names[:-1]:
            self.write(name + ".gz", gzip.compress(read_bytes(name)))
        self.assertEqual(self.rows(*[name + ".gz" for name in names[:-1]], names[-1]), whole)
        self.write("empty", b"")
        self.write("begun", self.content[:24])
        self.assertEqual(self.rows("begun", "empty", *names), whole)

    def test_files_that_do_not_go_on_with_the_others_are_refused(self):
        self.cut(["a", "b"], "")
        b = read_bytes("b")
        for made, words in ((b[:20] + struct.pack("<I", 101) + b[24:], "link type 101"),
                            (b[:16] + struct.pack("<I", 128) + b[20:], "snapshot length 128"),
                            (struct.pack("<I", 0xA1B23C4D) + b[4:], "it is pcap ns, not pcap"),
                            (b"GET / HTTP/1.0\r\n" * 4, "not a pcap or pcapng file")):
            self.write("b", made)
            self.assert_one_line(self.twinbed("flows", "--format", "csv", "a", "b", status=FAILED), "b: ", words)

    def test_which_file_is_no_capture_is_said(self):
        self.cut(["link.pcap", "link.pcap1"])
        self.write(RUN + "link.pcap1", b"GET / HTTP/1.0\r\n" * 4)
        self.analyze("x.h5", status=DAMAGED)
        done = self.twinbed("export", "x.h5", "--table", "metrics", "--format", "csv")
        self.assertIn("link.pcap1: not a pcap or pcapng file", done.stdout)

    def test_any_cut_of_the_last_file_is_damage_and_no_more(self):
        self.cut(["a", "b"], "")
        b = read_bytes("b")
        record = 24 + len(records_of(b)[0])
        for size in (1, 3, 4, 23, 25, 40, record - 1):
            self.write("b", b[:size])
            done = self.twinbed("flows", "--format", "csv", "a", "b", status=FAILED if size < 4 else DAMAGED
                                if size > 24 else GOOD)
            self.assertEqual("truncated at offset" in done.stderr, size > 24, done.stderr)

    def test_a_number_that_is_missing_is_said(self):
        names = self.numbered()
        self.cut(names[:3] + [f"link.pcap{i}" for i in range(5, 9)])
        self.analyze("x.h5", status=DAMAGED)
        with h5py.File("x.h5") as file:
            remarks = b"; ".join(file["quality/artifact_remark"][()])
        self.assertIn(b"it is in 7 files, and before number 5 there are 2 missing", remarks)

    def remarks_of(self, names):
        """What is said of a capture in files of such names."""
        for place in os.listdir(RUN):
            if place.startswith("link"):
                os.remove(RUN + place)
        self.cut(names)
        with contextlib.suppress(FileNotFoundError):
            os.remove("x.h5")
        done = subprocess.run([PROGRAM, "analyze", self.manifest, "-o", "x.h5"], capture_output=True, check=False)
        with h5py.File("x.h5") as file:
            return done.returncode, b"; ".join(filter(None, file["quality/artifact_remark"][()])).decode()

    def test_a_time_that_is_missing_is_said(self):
        self.edit(self.manifest, r"link.pcap\*", "link*")
        for form, missing in (("link-20260105-12{:02}00.pcap", "link-20260105-120300.pcap"),
                              ("link_2026-01-05_12:{:02}.pcap.x", "link_2026-01-05_12:03.pcap.x"),
                              ("link2026010512{:02}59.pcap", "link20260105120359.pcap")):
            names = [form.format(minute) for minute in (0, 1, 2, 5, 6)]
            self.assertEqual(self.remarks_of(names), (
                DAMAGED, f"it is in 5 files, and before {names[3]} there are 180 s without one, where others follow after "
                         f"60 s: {missing} and what is between is missing, or there was no packet"))
        names = [f"link.{1767614400 + 10 * i + i // 2}" for i in (0, 1, 2, 3, 5)]
        status, remark = self.remarks_of(names)
        self.assertEqual(status, DAMAGED)
        self.assertIn(f"before {names[4]} there are 21 s without one", remark)
        self.assertIn(f"link.{1767614400 + 41}", remark)
        for form, numbers in (("link-20260105-12{:02}00.pcap", (0, 1, 2, 3)), ("link-20260105-12{:02}00.pcap", (0, 5)),
                              ("link-20260105-1200{:02}.pcap", (0, 1, 3, 4))):
            self.assertEqual(self.remarks_of([form.format(number) for number in numbers]), (GOOD, ""))
        status, remark = self.remarks_of([f"link_0000{i}_2026010512000{i}.pcap" for i in (1, 2, 5)])
        self.assertEqual((status, remark), (DAMAGED, "it is in 3 files, and before number 5 there are 2 missing"))

    def test_files_that_overlap_are_withdrawn(self):
        self.write(RUN + "link1.pcap", self.content)
        self.write(RUN + "link2.pcap", self.content)
        self.edit(self.manifest, r"link.pcap\*", "link?.pcap")
        done = self.twinbed("analyze", self.manifest, "-o", "x.h5", status=DAMAGED)
        self.assertEqual(outcome(done)["withdrawn"], 1)
        with h5py.File("x.h5") as file:
            self.assertIn(b"its 2 files are not one behind the other in time", b"".join(file["quality/artifact_reason"][()]))

    def test_other_names_are_two_captures(self):
        for names in (["link.pcap", "link.pcap.gz"], ["link.pcap", "link.pcap.old"]):
            for name in names:
                self.write(RUN + name, self.content)
            done = self.twinbed("check", self.manifest, status=BAD_USAGE)
            self.assertIn("both match in one run; expected one file", done.stderr)
            os.remove(RUN + names[1])


if __name__ == "__main__":
    main()
