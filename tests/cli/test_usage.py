#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Help, and what is said to someone who asks wrongly."""
import os

from command import BAD_USAGE, COMMANDS, MANIFEST, SAMPLE, Case, main


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

    def test_help_is_a_command_too(self):
        self.assertEqual(self.twinbed("help", "check").stdout, self.twinbed("check", "--help").stdout)
        self.assertEqual(self.twinbed("help").stdout, self.twinbed("--help").stdout)

    def test_help_fits_a_terminal(self):
        for command in COMMANDS:
            text = self.twinbed(command, "--help").stdout.partition("examples:")[0]
            self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_version(self):
        for word in ("--version", "-V"):
            self.assertRegex(self.twinbed(word).stdout, r"^twinbed \d+\.\d+\.\d+\n")


class Misuse(Case):
    def test_without_a_command_there_is_help_on_standard_error(self):
        done = self.twinbed(status=BAD_USAGE)
        self.assertEqual(done.stdout, "")
        self.assertIn("usage:", done.stderr)

    def says(self, sentence, *arguments):
        """The whole sentence, without where help is."""
        done = self.twinbed(*arguments, status=BAD_USAGE)
        self.assert_one_line(done)
        self.assertEqual(done.stderr.removeprefix("twinbed: error: ").partition("; see twinbed ")[0], sentence)

    def test_unknown_command(self):
        self.says("there is no command 'analyse' (did you mean 'analyze'?)", "analyse")
        self.says("there is no command 'frobnicate'", "frobnicate")
        self.says("there is no option '--versoin' before the command (did you mean '--version'?)", "--versoin")
        self.says("there is no topic 'chekc' (did you mean 'check'?)", "help", "chekc")

    def test_three_things_can_be_wrong_with_an_option(self):
        self.says("there is no option '--fromat' (did you mean '--format'?)", "check", MANIFEST, "--fromat=json")
        self.says("there is no option '--nonsense'", "check", MANIFEST, "--nonsense")
        self.says("there is no option '-Z'", "check", MANIFEST, "-Z")
        self.says("--format needs a value", "check", MANIFEST, "--format")
        self.says("--output needs a value", "report", "x.h5", "-o")
        self.says("--format wants text or json, not 'jsn' (did you mean 'json'?)", "check", MANIFEST, "--format", "jsn")
        self.says("--ranks wants a number from 1 to 1000000, not '2x'", "plan", MANIFEST, "--ranks", "2x")
        self.says("--threshold wants a share such as 0.1, not 'ten'", "compare", "a", "b", "--threshold", "ten")
        self.says("--threshold wants a share such as 0.1, not '1e999'", "compare", "a", "b", "--threshold", "1e999")
        self.says("--verbose takes no value", "check", MANIFEST, "--verbose=yes")
        self.says("--process is empty", "calls", "x.scap", "--process", "")
        self.says("--only may be given 1024 times at most", "check", MANIFEST, *["--only=testbed=veth"] * 1025)

    def test_operands(self):
        self.says("CAMPAIGN is missing: the campaign file", "check")
        self.says("'y' is one argument too many", "check", MANIFEST, "y")
        self.says("--ranks is needed: ranks of the job", "plan", MANIFEST)

    def test_what_is_no_campaign_file_is_said_before_what_is_missing(self):
        run = os.path.join(SAMPLE, "e1000/500B-c4/rep-01")
        for name, command in (("link.pcap.gz", "twinbed flows"), ("client.scap", "twinbed calls"), ("", "twinbed init")):
            for arguments in (["analyze"], ["plan"], ["decode"]):
                done = self.twinbed(*arguments, os.path.join(run, name), status=BAD_USAGE)
                self.assert_one_line(done, "not a campaign file", command)

    def test_options_may_stand_anywhere_and_be_shortened(self):
        for arguments in (["--ranks", "2", MANIFEST], [MANIFEST, "--rank=2"], ["--ranks=2", "--", MANIFEST]):
            self.assertIn("on 2 ranks", self.twinbed("plan", *arguments).stdout)

    def test_unknown_option(self):
        for command in COMMANDS:
            for option in ("--nonsense", "-Z"):
                done = self.twinbed(command, option, status=BAD_USAGE)
                self.assert_one_line(done, f"'{option}'", f"twinbed {command} --help")

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
                          ["calls"], ["calls", "x.scap", "--process", ""], ["calls", "x.scap", "--process", "ab", "--format", "xml"],
                          ["flows"], ["flows", ""], ["flows", "x.pcap", "--format", "xml"],
                          ["schema", "extra"]):
            with self.subTest(arguments):
                self.assert_one_line(self.twinbed(*arguments, status=BAD_USAGE), "--help")
        self.assert_nothing_is_left()

    def test_one_line_from_many_ranks(self):
        done = self.twinbed("analyze", "--nonsense", status=BAD_USAGE, ranks=3)
        self.assertEqual(sum(line.startswith("twinbed: error:") for line in done.stderr.splitlines()), 1, done.stderr)

    def test_the_nearest_field_and_level(self):
        for only, meant in (("tesbted=veth", "testbed"), ("testbed=vteh", "veth"), ("szie=500B", "size")):
            self.assert_one_line(self.twinbed("check", MANIFEST, "--only", only, status=BAD_USAGE),
                                 f"(did you mean '{meant}'?)")

    def test_a_selection_of_nothing(self):
        for command in (["check", MANIFEST], ["plan", MANIFEST, "--ranks", "2"], ["analyze", MANIFEST, "-o", "x.h5"]):
            for only in ("rep=77", "testbed=nobody", "colour=red", "size", "=500B"):
                with self.subTest(command=command[0], only=only):
                    self.assert_one_line(self.twinbed(*command, "--only", only, status=BAD_USAGE), "--only")
        self.assert_nothing_is_left()


if __name__ == "__main__":
    main()
