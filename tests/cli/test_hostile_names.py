#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a terminal would obey: in campaign files, in paths, in results. What is printed is characters."""
import json
import os
import shutil
import subprocess

from command import BAD_USAGE, DAMAGED, FAILED, GOOD, MANIFEST, PROGRAM, SAMPLE, Case, main

RUN = os.path.join(SAMPLE, "e1000/500B-c4/rep-01")
ESCAPE, TURN, OLD = "\x1b]0;owned\x07", "\u202e", "\x9b31m"  # a title, a mark that turns writing, an old escape
NAME = f"x{ESCAPE}{TURN}{OLD}"
SHOWN = "x\\x1b]0;owned\\x07\\u202e\\x9b31m"


class Terminal(Case):
    def run_all(self, *arguments, statuses=(GOOD,)):
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False, timeout=120)
        self.assertIn(done.returncode, statuses, done.stderr)
        return done

    def assert_printable(self, *arguments, statuses=(GOOD,), shown=SHOWN):
        """Nothing that a terminal obeys, on either stream; the name is there as characters."""
        done = self.run_all(*arguments, statuses=statuses)
        text = (done.stdout + done.stderr).decode("utf-8")
        for character in text.replace("\n", ""):
            self.assertTrue(character.isprintable(), f"{character!r} in {text!r}")
        self.assertIn(shown, text)
        return text

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


if __name__ == "__main__":
    main()
