#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that decode a campaign apart from each other, and the job that puts their parts together."""
import os
import random
import re
import shutil
import subprocess
import time

from command import BAD_USAGE, DAMAGED, GOOD, PROGRAM, SAMPLE, Case, main, outcome
from volumes import done_twice

KILLS = int(os.environ.get("TWINBED_KILLS", "4"))
SOME = ("--only", "size=500B,100KB", "--only", "rep=01,02,03")


class Tasks(Case):
    def setUp(self):
        super().setUp()
        self.manifest = os.path.join(SAMPLE, "campaign.yaml")
        self.twinbed("analyze", self.manifest, "-o", "alone.h5", *SOME)

    def decode(self, task, *arguments, parts=("parts",), status=GOOD, **keywords):
        """Gives how many were decoded, were there already, and were damaged."""
        where = [word for directory in parts for word in ("--parts", directory)]
        done = self.twinbed("decode", self.manifest, *where, "--task", task, *SOME, *arguments, status=status, **keywords)
        return tuple(int(count) for count in re.search(
            r"(\d+) artifacts decoded \((\d+) were there already\), (\d+) damaged", done.stderr).groups())

    def analyze(self, *parts, **keywords):
        where = [word for directory in parts for word in ("--parts", directory)]
        return outcome(self.twinbed("analyze", self.manifest, "-o", "x.h5", "--force", *where, *SOME, **keywords))

    def expect_all_decoded(self, total, *parts, **keywords):
        self.assertEqual(self.analyze(*parts, **keywords)["reused"], total)
        self.assert_same_results("alone.h5", "x.h5")

    def test_one_directory(self):
        counts = [self.decode(f"{task}/3") for task in (2, 1, 3)]
        self.assertTrue(all(decoded > 10 and (there, damaged) == (0, 0) for decoded, there, damaged in counts), counts)
        total = sum(decoded for decoded, _, _ in counts)
        self.assertEqual(self.decode("1/1"), (total, total, 0))
        self.expect_all_decoded(total, "parts")
        self.expect_all_decoded(total, "parts", ranks=3)
        self.assertFalse(os.path.exists("x.h5.parts"))
        self.assertLessEqual(len(os.listdir("parts")), 3 + 1)  # windows were counted by the first analyze

    def test_tasks_at_the_same_time(self):
        command = [PROGRAM, "decode", self.manifest, "--parts", "parts", *SOME, "--quiet", "--task"]
        tasks = [subprocess.Popen([*command, f"{task}/5"], stderr=subprocess.PIPE, text=True) for task in range(1, 6)]
        for task in tasks:
            words = task.communicate(timeout=120)[1]
            self.assertEqual((task.returncode, words), (GOOD, ""))
        self.expect_all_decoded(self.decode("1/1")[0], "parts")

    def test_killed_tasks(self):
        """A task that was killed goes on where it was, and does not touch what others did."""
        command = [PROGRAM, "decode", self.manifest, "--parts", "parts", *SOME, "--quiet", "--threads", "1", "--task"]
        begin = time.monotonic()
        self.decode("1/3", parts=("timed",))
        duration = time.monotonic() - begin
        for number in range(KILLS):
            draw = random.Random(number)
            shutil.rmtree("parts", ignore_errors=True)
            tasks = [subprocess.Popen([*command, f"{task}/3"], stderr=subprocess.PIPE) for task in (1, 2, 3)]
            time.sleep(draw.uniform(0, duration))
            tasks[draw.randrange(3)].kill()
            for task in tasks:
                task.communicate(timeout=120)
            total = sum(self.decode(f"{task}/3")[0] for task in (1, 2, 3))
            with self.subTest(number=number):
                self.expect_all_decoded(total, "parts", ranks=draw.choice((1, 2)))
                self.assertEqual(done_twice("parts"), [])

    def test_a_directory_each(self):
        one, other = self.decode("1/2", parts=("one",)), self.decode("2/2", parts=("other",), ranks=2)
        self.expect_all_decoded(one[0] + other[0], "one", "other")
        shutil.rmtree("other")
        os.mkdir("other")
        self.expect_all_decoded(one[0], "one", "other")

    def test_a_task_goes_on(self):
        first = self.decode("2/4")
        self.assertEqual(self.decode("2/4"), (first[0], first[0], 0))
        self.assertEqual(self.analyze("parts")["reused"], first[0])
        self.assert_same_results("alone.h5", "x.h5")

    def test_damage_is_said_by_its_task(self):
        self.manifest = self.copy_sample("500B-c4", testbeds=("veth", "e1000"), repetitions=("rep-01", "rep-02"))
        with open("sample/e1000/500B-c4/rep-01/ab.txt", "w", encoding="utf-8") as file:
            file.write("nothing of ab\n")
        self.twinbed("decode", self.manifest, "--parts", "parts", status=DAMAGED)
        done = self.twinbed("decode", self.manifest, "--parts", "parts", "--quiet", status=DAMAGED)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn("warning: sample/e1000/500B-c4/rep-01/ab.txt: ", done.stderr)

    def test_tasks_that_there_are_not(self):
        for task in ("0/3", "4/3", "3", "1/0", "1/3x", "a/b", "-1/3", "99999999999/99999999999"):
            done = self.twinbed("decode", self.manifest, "--parts", "parts", "--task", task, status=BAD_USAGE)
            self.assertIn("--task wants", done.stderr)
        self.assertIn("--parts is needed", self.twinbed("decode", self.manifest, status=BAD_USAGE).stderr)
        self.assertFalse(os.path.exists("parts"))


if __name__ == "__main__":
    main()
