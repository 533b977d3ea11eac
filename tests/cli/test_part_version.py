#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of parts goes with what parts hold.

Parts that an earlier twinbed left are used again as long as their keys are the same. So whatever changes what is decoded,
or how it is packed, must change the keys, too: PART_VERSION begins with a digest of all parts of a small campaign, with
something of every kind in it."""
import glob
import hashlib
import json
import os
import re
import unittest

from command import DAMAGED, HERE, Case
from volumes import all_parts

SOURCE = os.path.join(HERE, "..", "..", "src", "decode", "part_keys.c")
LOG = "12 packets captured\n14 packets received by filter\n2 packets dropped by kernel\n"
KERNEL_LOG = "[    0.000000] Linux version 6.1\n[   12.345678] e1000 0000:00:03.0 eth0: Reset adapter\n"


class PartVersion(Case):
    def write_campaign(self):
        path = self.copy_sample("500B-c4", "500B-c4-bare", testbeds=("veth", "e1000"), repetitions=("rep-01", "rep-02"))
        self.edit(path, r"work: ab\n", "work: {file: work.json, value: /done}\nflows: all\nserver_port: 80\n")
        self.edit(path, r"  capture: ", "  capture_log: link.log\n  kernel_log: kernel.log\n  capture: ")
        for run in glob.glob("sample/*/*/*"):
            with open(os.path.join(run, "work.json"), "w", encoding="utf-8") as file:
                json.dump({"done": 1000}, file)
            with open(os.path.join(run, "link.log"), "w", encoding="utf-8") as file:
                file.write(LOG)
            with open(os.path.join(run, "kernel.log"), "w", encoding="utf-8") as file:
                file.write(KERNEL_LOG)
        return path

    def test_version_is_the_digest_of_what_parts_hold(self):
        self.twinbed("analyze", self.write_campaign(), "-o", "out.h5", status=DAMAGED)
        digests, kinds = [], set()
        for part in all_parts("out.h5.parts"):
            if part.key.startswith(b"study "):
                continue  # of studies, whose keys name the build
            kinds.update(re.findall(r"^kind (.*)$", part.key.decode(), re.MULTILINE))
            digests.append(part.digest)
        self.assertEqual(kinds, {"ab", "ab csv", "ab tsv", "latency", "capture", "trace", "counters", "work", "capture log",
                                 "kernel log"})
        version = hashlib.sha256(b"".join(sorted(digests))).hexdigest()[:8]
        with open(SOURCE, encoding="utf-8") as file:
            stated = re.search(r'PART_VERSION\[\] = "(\w+)\.\d+"', file.read()).group(1)
        self.assertEqual(stated, version, "parts hold something else now, so PART_VERSION in part_keys.c is to be the second")


if __name__ == "__main__":
    unittest.main(verbosity=2)
