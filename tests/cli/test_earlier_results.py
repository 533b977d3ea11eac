#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results files that earlier versions of the program wrote: what reads one still does, and says what it lacks."""
import csv
import io
import json
import lzma
import os

from command import HERE, SAMPLE, Case, main

FIXTURES = os.path.join(os.path.dirname(HERE), "fixtures", "results")
MISSING = r"twinbed: warning: earlier\.h5: \S+ and [1-9][0-9]* other fields are not in this file\n"
RUNS = [f"{testbed}/500B-c4/rep-{rep}" for testbed in ("veth", "e1000") for rep in ("01", "02")]


def said_by_ab(run):
    with open(os.path.join(SAMPLE, run, "ab.txt"), encoding="utf-8") as file:
        return next(line.split()[3] for line in file if line.startswith("Requests per second:"))


class EarlierResults(Case):
    """Version 3.0: no percentiles of captures, no stalls, and columns of flows without rows."""

    def setUp(self):
        super().setUp()
        with lzma.open(os.path.join(FIXTURES, "version-3.0.h5.xz")) as packed, open("earlier.h5", "wb") as file:
            file.write(packed.read())

    def export(self, table):
        done = self.twinbed("export", "earlier.h5", "--table", table)
        self.assertRegex(done.stderr, "^" + MISSING)
        return list(csv.DictReader(io.StringIO(done.stdout))), done.stderr

    def test_report(self):
        done = self.twinbed("report", "earlier.h5", "-o", "page.html", "--figures", "figures")
        self.assertRegex(done.stderr, "^" + MISSING)
        with open("page.html", encoding="utf-8") as file:
            page = file.read()
        self.assertTrue(page.endswith("</html>\n"), page[-20:])
        self.assertIn("e1000", page)
        for name in ("requests-per-second", "packets-per-request", "walk-map-1"):
            self.assertIn(f'<figure id="figure-{name}"', page)
            self.assertIn(f"{name}.svg", os.listdir("figures"))
        self.assertNotIn('id="figure-server-segments', page)

    def test_values_are_those_that_ab_printed(self):
        rows, _ = self.export("metrics")
        values = {row["run"]: row["value"] for row in rows if row["metric"] == "requests_per_second"}
        self.assertEqual(values, {run: said_by_ab(run) for run in RUNS})

    def test_every_table(self):
        names = [line.split()[0] for line in self.twinbed("export", "--list").stdout.splitlines()]
        sizes = {name: len(self.export(name)[0]) for name in names}
        self.assertEqual((sizes["runs"], sizes["captures"], sizes["walks"], sizes["flows"]), (4, 4, 16, 0))

    def test_a_table_that_is_newer_says_so(self):
        for table in ("distributions", "stalls"):
            rows, said = self.export(table)
            self.assertEqual(rows, [])
            self.assertIn(f"table {table} is empty: this file is of an earlier version, which lacks it\n", said)
        self.assertIn("table sessions is empty: it needs texts or files of owping\n", self.export("sessions")[1])

    def test_beside_results_of_today(self):
        """What was measured then is compared with what is measured now, from the same files."""
        self.copy_sample("500B-c4", testbeds=("veth", "e1000"), repetitions=("rep-01", "rep-02"))
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write('campaign: today\nbaseline: veth\nroot: sample\nruns: "{testbed}/{size}-c{clients}/rep-{rep}"\n'
                       "factors: {size: {type: bytes}, clients: {type: number, unit: clients}}\nartifacts: {ab: ab.txt}\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "new.h5", "--quiet")
        done = self.twinbed("compare", "earlier.h5", "new.h5", "--all", "--format", "json")
        self.assertRegex(done.stderr, MISSING)
        rows = {(row["testbed"], row["metric"]): row for row in json.loads(done.stdout)}
        for testbed in ("veth", "e1000"):
            row = rows[testbed, "requests_per_second"]
            self.assertEqual((row["reference_n"], row["n"], row["ratio"], row["difference"]), (2, 2, 1, 0))


if __name__ == "__main__":
    main()
