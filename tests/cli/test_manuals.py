#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual pages: one for each command, the campaign file and the whole, in words that man sets without complaint, and
with every option that --help names."""
import os
import re
import shutil
import subprocess
import unittest

from command import COMMANDS, FAILED, Case, main

PAGES = ["twinbed.1", "twinbed-campaign.5", *(f"twinbed-{command}.1" for command in COMMANDS)]


def plain(page):
    """The text of a page without what sets it."""
    with open(page, encoding="utf-8") as file:
        return re.sub(r"\\f[BIR]|\\&", "", file.read()).replace("\\-", "-").replace("\\e", "\\")


class Manuals(Case):
    def setUp(self):
        super().setUp()
        os.mkdir("pages")
        self.twinbed("help", "--manuals", "pages")

    def test_there_is_one_for_each_topic(self):
        self.assertEqual(sorted(os.listdir("pages")), sorted(PAGES))

    def test_they_hold_what_help_prints(self):
        for topic in (*COMMANDS, "campaign"):
            page = " ".join(plain(f"pages/twinbed-{topic}.{5 if topic == 'campaign' else 1}").split())
            for line in self.twinbed("help", topic).stdout.splitlines():
                words = " ".join(line.removeprefix("usage: ").split())
                if re.fullmatch(r"[a-z ]+:", words):
                    words = ".SH " + words[:-1].upper()
                if topic == "campaign" and words == "campaign.yaml, the campaign file":
                    continue
                for part in re.split(r"  +", line.strip()) if line.startswith("  ") else [words]:
                    self.assertIn(part, page, topic)

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc")
    def test_mandoc_has_nothing_to_say(self):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *(f"pages/{page}" for page in PAGES)],
                              capture_output=True, text=True, check=False)
        # A page is a page of the program, whatever the day: it has no date.
        said = [line for line in done.stdout.splitlines() if "missing date" not in line]
        self.assertEqual(said, [])

    @unittest.skipUnless(shutil.which("man") and shutil.which("groff"), "no man")
    def test_man_has_nothing_to_say(self):
        for page in PAGES:
            done = subprocess.run(["man", "--warnings", "-l", f"pages/{page}"], capture_output=True, text=True,
                                  check=True, env={**os.environ, "MANROFFSEQ": "", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
            self.assertEqual(done.stderr, "")
            self.assertIn("NAME", done.stdout)

    def test_pages_of_before_are_replaced(self):
        with open("pages/twinbed.1", "w", encoding="utf-8") as file:
            file.write("old")
        self.twinbed("help", "--manuals", "pages")
        self.assertIn(".TH TWINBED 1", plain("pages/twinbed.1"))

    def test_a_directory_that_is_not_there(self):
        self.assert_one_line(self.twinbed("help", "--manuals", "nowhere", status=FAILED), "nowhere/twinbed.1")


if __name__ == "__main__":
    main()
