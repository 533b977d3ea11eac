#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shell offers while somebody types a command line of twinbed, asked of the shell itself."""
import os
import pty
import select
import shutil
import signal
import subprocess
import unittest

from command import COMMANDS, Case, main

# Calls the function as readline does: the line cut into words at spaces and '='.
BASH = r"""
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
compopt() { echo "compopt $*"; }
_twinbed
printf '%s\n' "${COMPREPLY[@]}"
"""

# The first lines of a zsh that is typed into; nothing of the user's own.
ZSH = r"""
fpath=("$PWD" $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep; LISTMAX=1000; PROMPT='READY''> '
"""


class Bash(Case):
    def setUp(self):
        super().setUp()
        with open("twinbed.bash", "w", encoding="utf-8") as file:
            file.write(self.twinbed("completion", "bash").stdout)

    def offers(self, *words):
        done = subprocess.run(["bash", "--norc", "-c", BASH, "bash", "twinbed.bash", *words], capture_output=True,
                              text=True, check=True, timeout=20)
        self.assertEqual(done.stderr, "")
        return [line for line in done.stdout.splitlines() if line and not line.startswith("compopt ")]

    def test_commands(self):
        self.assertEqual(set(self.offers("twinbed", "")), {*COMMANDS, "--help", "--version"})
        self.assertEqual(self.offers("twinbed", "co"), ["compare", "completion"])
        self.assertEqual(self.offers("twinbed", "--v"), ["--version"])

    def test_options_are_those_of_help(self):
        for command in COMMANDS:
            text = self.twinbed(command, "--help").stdout
            named = {word.rstrip(",") for line in text.splitlines() if line.startswith(("  -", "      --"))
                     for word in line.split()[:2] if word.startswith("--")}
            self.assertEqual(set(self.offers("twinbed", command, "--")), named, command)

    def test_values(self):
        self.assertEqual(self.offers("twinbed", "flows", "x.pcap", "--format", ""), ["text", "csv", "json"])
        self.assertEqual(self.offers("twinbed", "flows", "x.pcap", "--format", "=", "j"), ["json"])
        self.assertEqual(self.offers("twinbed", "flows", "x.pcap", "--format", "="), ["text", "csv", "json"])
        self.assertEqual(self.offers("twinbed", "check", "x.yaml", "--format", ""), ["text", "json"])
        self.assertEqual(self.offers("twinbed", "calls", "x.scap", "--process", ""), [])
        self.assertEqual(self.offers("twinbed", "completion", ""), ["bash", "zsh"])
        self.assertEqual(self.offers("twinbed", "help", "an"), ["analyze"])

    def test_paths(self):
        """Files are left to bash itself (complete -o default); directories are told apart."""
        os.mkdir("some where")
        with open("some file", "w", encoding="utf-8"):
            pass
        self.assertEqual(self.offers("twinbed", "manifest", "--layout", "que", "so"), ["some where"])
        self.assertEqual(self.offers("twinbed", "check", "so"), [])

    def test_the_script_is_taken(self):
        done = subprocess.run(["bash", "--norc", "-c", "source twinbed.bash; complete -p twinbed"], capture_output=True,
                              text=True, timeout=20, check=True)
        self.assertEqual(done.stdout, "complete -o default -F _twinbed twinbed\n")


@unittest.skipUnless(shutil.which("zsh"), "no zsh")
class Zsh(Case):
    """A zsh on a terminal of its own; what it answers is waited for, however long that takes."""

    def setUp(self):
        super().setUp()
        with open("_twinbed", "w", encoding="utf-8") as file:
            file.write(self.twinbed("completion", "zsh").stdout)
        child, self.terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="dumb", COLUMNS="200", LINES="60")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.close, self.terminal)
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.type(ZSH.strip() + "\n", "READY> ")

    def type(self, keys, *expected):
        """Sends the keys, and reads until all that is expected was there."""
        os.write(self.terminal, keys.encode())
        text = ""
        while not all(words in text for words in expected):
            self.assertTrue(select.select([self.terminal], [], [], 30)[0], f"{keys!r} gave {text!r}")
            text += os.read(self.terminal, 4096).decode(errors="replace")

    def test_words_are_completed(self):
        for keys, expected in (("twinbed completi\t", "completion "), ("twinbed manifest --lay\t", "--layout"),
                               ("twinbed flows --rules=tc\t", "--rules=tcptrace "),
                               ("twinbed flows --format js\t", "json "), ("twinbed completion z\t", "zsh "),
                               ("twinbed help analy\t", "analyze ")):
            self.type(keys, expected)
            self.type("\x15\n", "READY> ")  # away with the line

    def test_options_are_listed_with_what_they_are(self):
        self.type("twinbed plan --\t", "--ranks", "ranks of the job", "--only", "only runs with these values")


if __name__ == "__main__":
    main()
