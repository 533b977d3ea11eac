#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Help, and what is said to someone who asks wrongly."""
from command import BAD_USAGE, COMMANDS, MANIFEST, Case, main


class Help(Case):
    def test_the_program_explains_itself(self):
        for word in ("--help", "-h", "help"):
            done = self.twinbed(word)
            self.assertEqual(done.stderr, "")
            for command in COMMANDS:
                self.assertIn(f"\n  {command} ", done.stdout)
            self.assertIn("exit status", done.stdout)

    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            for words in (("--help",), ("-h",), ("nonsense", "--help")):
                done = self.twinbed(command, *words)
                self.assertEqual(done.stderr, "")
                self.assertTrue(done.stdout.startswith(f"usage: twinbed {command}"), done.stdout)
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)

    def test_examples_in_help_are_commands(self):
        for line in self.twinbed("--help").stdout.splitlines():
            words = line.split()
            if "twinbed" in words and line.startswith("  "):
                self.assertIn(words[words.index("twinbed") + 1], COMMANDS + ("COMMAND",))

    def test_version(self):
        self.assertRegex(self.twinbed("--version").stdout, r"^twinbed \d+\.\d+\.\d+\n")


class Misuse(Case):
    def test_without_a_command_there_is_help_on_standard_error(self):
        done = self.twinbed(status=BAD_USAGE)
        self.assertEqual(done.stdout, "")
        self.assertIn("usage:", done.stderr)

    def test_unknown_command(self):
        self.assert_one_line(self.twinbed("analyse", status=BAD_USAGE), "'analyse'", "--help")

    def test_unknown_option(self):
        for command in COMMANDS:
            for option in ("--nonsense", "-Z"):
                done = self.twinbed(command, option, status=BAD_USAGE)
                self.assert_one_line(done, f"twinbed {command} --help")

    def test_wrong_arguments(self):
        for arguments in (["analyze"], ["analyze", MANIFEST], ["analyze", "-o", "x.h5"], ["analyze", "-o"],
                          ["analyze", MANIFEST, MANIFEST, "-o", "x.h5"],
                          ["analyze", MANIFEST, "-o", "x.h5", "--threads", "0"],
                          ["analyze", MANIFEST, "-o", "x.h5", "--threads", "many"],
                          ["check"], ["check", MANIFEST, MANIFEST], ["check", MANIFEST, "--format", "csv"],
                          ["plan", MANIFEST], ["plan", MANIFEST, "--ranks", "0"], ["plan", MANIFEST, "--ranks", "-1"],
                          ["plan", MANIFEST, "--ranks", "2x"], ["plan", "--ranks", "2"],
                          ["report"], ["report", "x.h5"], ["report", "-o", "x.html"],
                          ["init"], ["init", ".", "."], ["init", "--layout", "nonsense", "."],
                          ["manifest", "."], ["manifest", "--layout", "nonsense", "."], ["manifest", "--layout", "que"],
                          ["calls"], ["calls", "x.scap"], ["calls", "x.scap", "--process", "ab", "--format", "xml"],
                          ["flows"], ["flows", "x.pcap", "y.pcap"], ["flows", "x.pcap", "--format", "xml"],
                          ["schema", "extra"]):
            with self.subTest(arguments):
                self.assert_one_line(self.twinbed(*arguments, status=BAD_USAGE), "--help")
        self.assert_nothing_is_left()

    def test_one_line_from_many_ranks(self):
        done = self.twinbed("analyze", "--nonsense", status=BAD_USAGE, ranks=3)
        self.assertEqual(sum(line.startswith("twinbed: error:") for line in done.stderr.splitlines()), 1, done.stderr)

    def test_a_selection_of_nothing(self):
        for command in (["check", MANIFEST], ["plan", MANIFEST, "--ranks", "2"], ["analyze", MANIFEST, "-o", "x.h5"]):
            for only in ("rep=77", "testbed=nobody", "colour=red", "size", "=500B"):
                with self.subTest(command=command[0], only=only):
                    self.assert_one_line(self.twinbed(*command, "--only", only, status=BAD_USAGE), "--only")
        self.assert_nothing_is_left()


if __name__ == "__main__":
    main()
