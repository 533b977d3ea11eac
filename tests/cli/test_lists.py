#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows and profiles are counted from lists of calls: with the results that the traces themselves give."""
import glob
import os
import shutil

from command import DAMAGED, GOOD, Case, main, outcome
from volumes import parts_of, remove_parts

LIST, CUTS = b"\ncalls, block ", b"\nin cuts alone\n"
VARIANTS = {"as bundled": {},
            "one order": {"order": "1", "profile": "0"},
            "three orders": {"order": "[1, 2, 3]", "profile": "7"},
            "states of both kinds": {"order": "[1, 3]", "states": "call+outcome+descriptor"},
            "chains of processes": {"order": "[1, 2]", "of": "thread_groups", "profile": "3"}}


class Lists(Case):
    def setUp(self):
        super().setUp()
        self.manifest = self.copy_sample("500B-c4", testbeds=("veth", "e1000"), repetitions=("rep-01", "rep-02"))
        self.traces = sorted(glob.glob("sample/**/*.scap", recursive=True))

    def vary(self, order=None, states=None, of=None, profile=None, windows=None):
        if order is not None:
            self.edit(self.manifest, r"(?m)^chain: .*", f"chain: {{order: {order}, states: {states or 'call'}, "
                                                        f"of: {of or 'cells'}}}")
        if profile is not None:
            self.edit(self.manifest, r"(?m)^walks: .*", f"walks: {{profile: {profile}}}")
        if windows is not None:
            self.edit(self.manifest, r"(?ms)^windows:\n.*", f"windows: {windows}\n")

    def analyze(self, results, *arguments, status=GOOD, **keywords):
        return outcome(self.twinbed("analyze", self.manifest, "-o", results, "--force", *arguments, status=status,
                                    **keywords))

    def decode_alone(self, results):
        """As analyze, but without any list."""
        self.analyze(results)
        self.assertEqual(len(parts_of(f"{results}.parts", LIST)), len(self.traces))
        remove_parts(f"{results}.parts", LIST, CUTS)
        self.analyze(results)

    def ruin_traces(self):
        """Other bytes in all traces, of the same size and time: who reads them finds out."""
        for path in self.traces:
            before = os.stat(path)
            with open(path, "r+b") as file:
                file.write(bytes(before.st_size))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def test_lists_give_what_traces_give(self):
        manifest = self.manifest
        for name, variant in VARIANTS.items():
            with self.subTest(variant=name):
                self.manifest = "sample/variant.yaml"
                shutil.copy(manifest, self.manifest)
                self.vary(**variant)
                self.decode_alone("alone.h5")
                self.analyze("x.h5")
                self.assert_same_results("x.h5", "alone.h5")
                cuts = {part.key: part.content() for part in parts_of("alone.h5.parts", CUTS)}
                self.assertGreater(len(cuts), 0)
                self.assertEqual(cuts, {part.key: part.content() for part in parts_of("x.h5.parts", CUTS)})
                shutil.rmtree("alone.h5.parts")
                shutil.rmtree("x.h5.parts")

    def test_any_number_of_ranks(self):
        self.decode_alone("alone.h5")
        for ranks in (1, 2, 3):
            with self.subTest(ranks=ranks):
                self.analyze("x.h5", "--threads", "2", ranks=ranks)
                self.assertEqual(len(parts_of("x.h5.parts", LIST)), len(self.traces))
                self.assert_same_results("x.h5", "alone.h5")
                remove_parts("x.h5.parts", CUTS)
                self.analyze("x.h5", ranks=4 - ranks)
                self.assert_same_results("x.h5", "alone.h5")
                shutil.rmtree("x.h5.parts")

    def test_other_windows_read_no_trace(self):
        self.analyze("x.h5")
        self.vary(profile="9", windows="[{skip: 100, limit: shortest}, {skip: 50, limit: whole}, {skip: 0, limit: 77}]")
        self.analyze("fresh.h5")
        self.ruin_traces()
        counts = self.analyze("x.h5")
        self.assertEqual(counts["damaged"], 0)
        self.assert_same_results("x.h5", "fresh.h5")
        remove_parts("x.h5.parts", CUTS, LIST)  # now it must, and cannot
        self.twinbed("analyze", self.manifest, "-o", "x.h5", "--force", status=1)

    def test_broken_lists_are_not_used(self):
        self.analyze("x.h5")
        shutil.copy("x.h5", "before.h5")
        remove_parts("x.h5.parts", CUTS)
        for i, part in enumerate(parts_of("x.h5.parts", LIST)):
            if i % 2 == 0:
                part.flip(1 + i * 7)
            else:
                part.remove()
        self.assertEqual(self.analyze("x.h5")["damaged"], 0)
        self.assert_same_results("x.h5", "before.h5")
        # They were made again.
        self.ruin_traces()
        remove_parts("x.h5.parts", CUTS)
        self.assertEqual(self.analyze("x.h5")["damaged"], 0)
        self.assert_same_results("x.h5", "before.h5")

    def test_a_damaged_trace_has_the_list_of_what_is_there(self):
        os.truncate(self.traces[0], os.path.getsize(self.traces[0]) // 2)
        self.edit(self.manifest, "work: ab", "work: ab\ntruncated: keep")
        self.analyze("x.h5", status=DAMAGED)
        shutil.copy("x.h5", "before.h5")
        remove_parts("x.h5.parts", CUTS, LIST)
        self.analyze("x.h5", status=DAMAGED)
        self.assert_same_results("x.h5", "before.h5")

    def test_no_list_where_no_window_cuts(self):
        self.vary(profile="0", windows="[{skip: 0, limit: whole}]")
        self.analyze("whole.h5")
        self.assertEqual(parts_of("whole.h5.parts", LIST, CUTS), [])
        # Alone in its scenario, a sequence is its own shortest.
        self.edit(self.manifest, r"(?ms)^windows:.*", "windows: [{skip: 0, limit: shortest}]\n")
        self.analyze("one.h5", "--only", "rep=01", "--only", "testbed=veth")
        self.assertEqual(parts_of("one.h5.parts", LIST, CUTS), [])
        self.analyze("two.h5", "--only", "rep=01,02", "--only", "testbed=veth")
        self.assertEqual(len(parts_of("two.h5.parts", LIST)), 2)  # a trace holds both ends


if __name__ == "__main__":
    main()
