#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a terminal, a browser, a shell, gnuplot, LaTeX, Graphviz or a spreadsheet would obey: in campaign files, in paths,
in results. What is written is text."""
import html.parser
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "export"))
from exported import read_csv, read_dot, read_graphml, read_latex  # noqa: E402
from command import BAD_USAGE, DAMAGED, FAILED, GOOD, MANIFEST, PROGRAM, SAMPLE, Case, main

RUN = os.path.join(SAMPLE, "e1000/500B-c4/rep-01")
ESCAPE, TURN, OLD = "\x1b]0;owned\x07", "\u202e", "\x9b31m"  # a title, a mark that turns writing, an old escape
NAME = f"x{ESCAPE}{TURN}{OLD}"
SHOWN = "x\\x1b]0;owned\\x07\\u202e\\x9b31m"


class Hostile(Case):
    def run_all(self, *arguments, statuses=(GOOD,)):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False, timeout=120)
        self.assertIn(done.returncode, statuses, done.stderr)
        return done

    def assert_printable(self, *arguments, statuses=(GOOD,), shown=SHOWN):
        """Nothing that a terminal obeys, on either stream; the name is there as characters."""
        done = self.run_all(*arguments, statuses=statuses)
        text = (done.stdout + done.stderr).decode("utf-8")
        obeyed = {character for character in text.replace("\n", "") if not character.isprintable()}
        self.assertEqual(obeyed, set(), text)
        self.assertIn(shown, text)
        return text


class Terminal(Hostile):
    def make_campaign(self):
        """Two testbeds and a file that nothing matches, with names of that kind."""
        for testbed in ("veth", NAME):
            for repetition in ("1", "2"):
                place = os.path.join("runs", testbed, repetition)
                os.makedirs(place)
                for name in ("ab.txt", "ab.csv", "ab.tsv"):
                    shutil.copy(os.path.join(RUN, name), place)
        with open(os.path.join("runs", NAME, "2", NAME), "w", encoding="utf-8"):
            pass
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: {json.dumps(NAME)}\nroot: runs\nbaseline: veth\nruns: '{{testbed}}/{{rep}}'\n"
                       "artifacts: {ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}, latency: owping.txt}\n")

    def test_campaigns(self):
        self.make_campaign()
        text = self.assert_printable("check", "campaign.yaml", statuses=(DAMAGED,))
        self.assertIn(f"campaign {SHOWN}: 2 testbeds", text)
        self.assert_printable("check", "campaign.yaml", "--verbose", statuses=(DAMAGED,))
        found = json.loads(self.assert_printable("check", "campaign.yaml", "--format", "json", statuses=(DAMAGED,),
                                                 shown="x\\u001B]0;owned\\u0007\\u202E\\u009B31m"))
        self.assertEqual(found["campaign"], NAME)
        self.assert_printable("plan", "campaign.yaml", "--ranks", "2", "--files")
        self.assert_printable("check", "campaign.yaml", "--only", f"testbed={NAME}y", statuses=(BAD_USAGE,))

    def test_results(self):
        self.make_campaign()
        self.run_all("analyze", "campaign.yaml", "-o", "x.h5", statuses=(DAMAGED,))
        self.assert_printable("compare", "x.h5", "x.h5", "--all")
        self.assert_printable("compare", "x.h5", "x.h5", "--all", "--format", "json",
                              shown="x\\u001B]0;owned\\u0007\\u202E\\u009B31m")

    def test_what_a_file_says_in_messages(self):
        for line in (f"{json.dumps(NAME)}: 1", f"runs: {json.dumps(NAME)}", f"root: {json.dumps(NAME)}"):
            with open("campaign.yaml", "w", encoding="utf-8") as file:
                file.write(f"campaign: x\nruns: '{{testbed}}/{{rep}}'\n{line}\n" if not line.startswith("runs")
                           else f"campaign: x\n{line}\n")
            self.assert_printable("check", "campaign.yaml", statuses=(BAD_USAGE,))

    def test_paths_and_words_of_the_command_line(self):
        os.makedirs(NAME)
        for arguments in ((NAME,), ("check", NAME + "/no"), ("report", NAME, "-o", "x.html"), ("flows", NAME),
                          ("calls", NAME, "--process", "ab"), ("flows", MANIFEST, "--format", NAME),
                          ("check", MANIFEST, f"--{NAME}"), ("compare", NAME + "/no", NAME),
                          ("plan", MANIFEST, "--ranks", NAME), ("check", MANIFEST, NAME), ("help", NAME)):
            with self.subTest(arguments[0]):
                text = self.assert_printable(*arguments, statuses=(FAILED, BAD_USAGE))
                self.assertEqual(text.count("\n"), 1)

    def test_a_line_end_forges_no_message(self):
        text = self.assert_printable("check", "no\ntwinbed: error: disk on fire", statuses=(BAD_USAGE,), shown="no\\x0a")
        self.assertEqual(text.count("\n"), 1)

    def test_bytes_that_are_no_utf8(self):
        os.makedirs(b"caf\xe9")
        done = self.run_all("flows", os.fsdecode(b"caf\xe9"), statuses=(FAILED,))
        self.assertIn(b"caf\\xe9: ", done.stderr)


class Page(html.parser.HTMLParser):
    """What a browser would run, and what it would show."""

    def __init__(self):
        super().__init__()
        self.runs, self.shown = [], ""

    def handle_starttag(self, tag, attributes):
        self.runs += [(tag, name) for name, _ in attributes if name.startswith("on")]
        if tag in ("script", "iframe", "object", "embed", "base", "form"):
            self.runs.append((tag, ""))

    def handle_data(self, data):
        self.shown += data


class OneCampaign(Hostile):
    """The names of one campaign hold what each output would obey, and come out of all of them as text."""

    # A formula, quotes of all kinds, commands of a shell and of gnuplot, markup, LaTeX, an end of a label, formats of printf,
    # a new line; and what a terminal obeys. Nobody draws a name of 200 characters, so several share it.
    NAMES = ("=1+1'\"`touch owned`$(touch owned)", "@<script>alert(1)<b onload=alert(2)>", "-\\input{owned}$x^2_1&%#~",
             "+\"];}\\n%s%n\nsystem 'touch owned'", f"'; system('touch owned') #{ESCAPE}{TURN}")

    def make(self):
        for name in self.NAMES:
            for repetition in ("1", "2"):
                shutil.copytree(RUN, os.path.join("runs", name, self.NAMES[0], repetition))
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(f"campaign: {json.dumps(self.NAMES[1])}\nroot: runs\nbaseline: {json.dumps(self.NAMES[0])}\n"
                       "runs: '{testbed}/{load}/{rep}'\nprocess: {client: ab, server: nginx}\nartifacts:\n"
                       "  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}\n  trace: {client: client.scap}\n"
                       "  capture: {link: link.pcap.gz}\n  latency: owping.txt\n"
                       f"discard:\n- {{run: {json.dumps('/'.join((self.NAMES[2], self.NAMES[0], '1')))}, "
                       f"reason: {json.dumps(self.NAMES[3])}}}\n")
        self.assert_printable("analyze", "campaign.yaml", "-o", "x.h5", "--verbose", statuses=(GOOD, DAMAGED), shown="used")

    def tearDown(self):
        owned = [place for place, folders, files in os.walk(".") if "owned" in folders + files]
        self.assertEqual(owned, [], "a command that stands in a name was run")

    def assert_runs_nothing(self, text):
        page = Page()
        page.feed(text)
        self.assertEqual(page.runs, [])
        return page.shown

    def test_every_output(self):
        """One analysis for all of them."""
        self.make()
        self.check_page_and_figures()
        self.check_script_of_gnuplot()
        self.check_tables()
        self.check_graphs()
        self.check_terminal()

    def check_page_and_figures(self):
        self.twinbed("report", "x.h5", "-o", "x.html", "--figures", "figures")
        with open("x.html", encoding="utf-8") as file:
            shown = self.assert_runs_nothing(file.read())
        for name in self.NAMES[:4]:
            self.assertIn(" ".join(name.split()), " ".join(shown.split()))
        drawings = [name for name in os.listdir("figures") if name.endswith(".svg")]
        self.assertGreater(len(drawings), 5)
        for name in drawings:
            with open(os.path.join("figures", name), encoding="utf-8") as file:
                text = file.read()
            self.assert_runs_nothing(text)
            xml.fromstring(text)

    def check_script_of_gnuplot(self):
        """No name ever enters it."""
        os.mkdir("programs")
        with open("programs/gnuplot", "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec cat >&9\n")
        os.chmod("programs/gnuplot", 0o755)
        with open("script", "wb") as script:
            os.dup2(script.fileno(), 9)
            subprocess.run([PROGRAM, "report", "x.h5", "-o", "y.html"], pass_fds=(9,), check=True, capture_output=True,
                           env={**os.environ, "PATH": os.path.abspath("programs") + ":" + os.environ["PATH"]})
            os.close(9)
        with open("script", encoding="utf-8") as file:
            script = file.read()
        self.assertIn("set terminal svg", script)
        for word in ("owned", "touch", "alert", "1+1", "`", "system", "%s%n", "\x1b"):
            self.assertNotIn(word, script)

    def check_tables(self):
        for table in ("runs", "comparison", "quality", "edges"):
            with self.subTest(table):
                tell = {form: self.twinbed("export", "x.h5", "--table", table, "--format", form).stdout
                        for form in ("csv", "latex", "json")}
                rows = json.loads(tell["json"])
                self.assertEqual(len(read_latex(tell["latex"])[1]), len(rows))
                head, cells = read_csv(tell["csv"])
                self.assertEqual(len(cells), len(rows))
                for cell in (cell for row in [head, *cells] for cell in row):
                    self.assertNotIn(cell[:1], ("=", "+", "@"))
        self.assertEqual({row["testbed"] for row in json.loads(
            self.twinbed("export", "x.h5", "--table", "runs", "--format", "json").stdout)}, set(self.NAMES))

    def check_graphs(self):
        graphs = read_graphml(self.twinbed("export", "x.h5", "--table", "edges", "--format", "graphml").stdout)
        self.assertGreater(len(graphs), 3)
        drawn = read_dot(self.twinbed("export", "x.h5", "--table", "edges", "--format", "dot").stdout)
        self.assertTrue(drawn is None or len(drawn) == len(graphs))

    def check_terminal(self):
        for arguments in (("check", "campaign.yaml", "--verbose"), ("plan", "campaign.yaml", "--ranks", "2", "--files"),
                          ("compare", "x.h5", "x.h5", "--all")):
            self.assert_printable(*arguments, statuses=(GOOD, DAMAGED), shown="\\x1b]0;owned\\x07")


if __name__ == "__main__":
    main()
