#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as files: what a paper takes."""
import os
import re
import shutil
import xml.etree.ElementTree

from command import BAD_USAGE, GOOD, MANIFEST, Case, main


class Figures(Case):
    def setUp(self):
        super().setUp()
        self.twinbed("analyze", MANIFEST, "-o", "x.h5", "--quiet", "--only", "size=500B", "--only", "rep=01,02")

    def names(self, folder, ending):
        return sorted(name[:-len(ending)] for name in os.listdir(folder) if name.endswith(ending))

    def test_each_figure_is_a_drawing_with_a_caption(self):
        done = self.twinbed("report", "x.h5", "--figures", "figures")
        drawings = self.names("figures", ".svg")
        self.assertIn(f"twinbed: {len(drawings)} figures in figures", done.stderr)
        for name in ("overview", "requests-per-second", "request-times-1", "jitter", "walk-map-1", "run-places-1",
                     "chain-client-2-1"):
            self.assertIn(name, drawings)
        self.assertEqual(self.names("figures", ".txt"), drawings)
        for name in drawings:
            root = xml.etree.ElementTree.parse(f"figures/{name}.svg").getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            with open(f"figures/{name}.txt", encoding="utf-8") as file:
                caption = file.read()
            self.assertRegex(caption, r"^[^<>]+ Data: /[^<>]+\.\n$")
        with open("figures/jitter.txt", encoding="utf-8") as file:
            self.assertIn("confidence interval", file.read())
        if shutil.which("rsvg-convert"):
            self.assertEqual(self.names("figures", ".pdf"), drawings)
            with open("figures/overview.pdf", "rb") as file:
                self.assertEqual(file.read(5), b"%PDF-")

    def test_page_and_figures_at_once(self):
        self.twinbed("report", "x.h5", "-o", "x.html", "--figures", "figures")
        with open("x.html", encoding="utf-8") as file:
            page = file.read()
        for name in self.names("figures", ".svg"):
            self.assertIn(f'<figure id="figure-{name}"', page)

    def test_nothing_is_destroyed(self):
        os.mkdir("mine")
        with open("mine/notes", "w", encoding="utf-8") as file:
            file.write("a year of work")
        done = self.twinbed("report", "x.h5", "--figures", "mine", status=BAD_USAGE)
        self.assert_one_line(done, "mine is not empty", "--force")
        self.assertEqual(os.listdir("mine"), ["notes"])
        self.twinbed("report", "x.h5", "--figures", "mine", "--force", status=GOOD)
        self.assertIn("jitter", self.names("mine", ".svg"))
        self.assertIn("notes", os.listdir("mine"))
        self.assert_one_line(self.twinbed("report", "x.h5", "--figures", "x.h5", status=BAD_USAGE), "no directory")

    def test_without_programs_that_draw_there_are_sentences(self):
        os.mkdir("empty")
        done = self.twinbed("report", "x.h5", "-o", "x.html", "--figures", "figures",
                            environment={"PATH": os.path.abspath("empty")})
        self.assertIn("some have no PDF: rsvg-convert is not installed", done.stderr)
        with open("x.html", encoding="utf-8") as file:
            page = file.read()
        self.assertEqual(page.count("gnuplot is not installed"), 1)
        self.assertIn("chain-client-2-1", self.names("figures", ".svg"))
        self.assertNotIn("jitter", self.names("figures", ".svg"))


class Ratios(Case):
    def test_an_axis_has_marks_on_either_side(self):
        """Ratios of six need less than a decade, of which only the middle would have a mark."""
        with open(os.path.join(os.path.dirname(MANIFEST), "veth", "500B-c4", "rep-01", "ab.txt"), encoding="utf-8") as file:
            text = file.read()
        rate = float(re.search(r"Requests per second: +([0-9.]+)", text)[1])
        for testbed, factor in (("slow", 1), ("fast", 6)):
            for run in range(3):
                os.makedirs(f"{testbed}/rep-{run}")
                with open(f"{testbed}/rep-{run}/ab.txt", "w", encoding="utf-8") as file:
                    file.write(re.sub(r"(Requests per second: +)[0-9.]+", rf"\g<1>{rate * factor + run:.2f}", text))
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write('campaign: six\nbaseline: slow\nruns: "{testbed}/rep-{rep}"\nartifacts: {ab: {text: ab.txt}}\n')
        self.twinbed("analyze", "campaign.yaml", "-o", "six.h5", "--quiet")
        self.twinbed("report", "six.h5", "--figures", "figures")
        with open("figures/overview.svg", encoding="utf-8") as file:
            marks = re.findall(r">([0-9.]+)<", re.sub(r"<tspan[^>]*>", "", file.read()))
        self.assertEqual([mark for mark in marks if float(mark) < 10], ["0.2", "0.5", "1", "2", "5"])


if __name__ == "__main__":
    main()
