#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smaller checks of the tree find each kind of fault, in a tiny tree that holds it.

The environment says which compiler and tools to take: CC, AR, NM.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import check_room_files  # noqa: E402 (it stands beside this file)
import check_walks  # noqa: E402
import check_words  # noqa: E402


def run(*command, **environment):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                            env={**os.environ, **environment})
    return result.returncode, result.stdout + result.stderr


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


class RoomFiles(unittest.TestCase):
    def check(self, files, large=None, scattered=None, lonely=frozenset()):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            write(root, {"src/os/a.c": "", "include/twinbed/os/a.h": "",
                         "tests/os/test_a.c": "tb_inline() tb_one() tb_two()", **files})
            return check_room_files.Checker(root, large or {}, scattered or {}, lonely).run()

    def test_folder_of_25_passes_and_one_of_26_does_not(self):
        for kind, folder in ((".c", "src/os"), (".h", "include/twinbed/os")):
            files = {f"{folder}/f{i}{kind}": "" for i in range(24)}
            self.assertEqual(self.check(files), [])
            self.assertEqual(self.check({**files, f"{folder}/g{kind}": ""}),
                             [f"{folder}: 26 files of a kind; at most 25 may be"])

    def test_listed_folder_may_only_shrink(self):
        files = {f"src/os/f{i}.c": "" for i in range(27)}
        self.assertEqual(self.check(files, {"src/os": 28}), [])
        self.assertEqual(self.check(files, {"src/os": 27}), ["src/os: 28 files of a kind; at most 27 may be"])
        self.assertIn("take it off the list", self.check({}, {"src/os": 28})[0])
        self.assertIn("is gone", self.check({}, {"src/net": 28})[0])

    def test_header_declares_what_its_sources_define(self):
        header = """#define tb_macro(x) tb_inner(x) /* int tb_told(void); */
            struct tb_s { int (*tb_pointer)(void); };
            typedef int (*tb_called)(int);
            static inline int tb_inline(void) { return tb_other(); }
            int tb_one(const char *text); TB_MUST_USE enum tb_status tb_two(int (*call)(void)) TB_PRINTF(1, 2);"""
        one = "int tb_one(const char *text)\n{\n    if (*text == '{') { return '\"'; }\n    return tb_two(0);\n}\n"
        two = "enum tb_status tb_two(int (*call)(void))\n{\n    return TB_OK;\n}\n"
        for folder in ("src/os/", "src/os/deeper/"):
            with self.subTest(folder):
                self.assertEqual(self.check({"src/os/b.h": header, folder + "b.c": one, folder + "b_pack.c": two}), [])
        where = "src/os/b.h: 1 functions defined in sources that it does not name: "
        for files, found in (({"src/os/b.c": one, "src/os/c.c": two}, [where + "tb_two (c.c)"]),
                             ({"src/os/b.c": one, "src/os/bc.c": two}, [where + "tb_two (bc.c)"]),
                             ({"src/os/b.c": one, "src/net/b.c": two}, [where + "tb_two (nowhere)"]),
                             ({"src/os/b.c": one + "static " + two}, [where + "tb_two (nowhere)"]),
                             ({"src/os/b.c": one + "enum tb_status tb_two();"}, [where + "tb_two (nowhere)"])):
            self.assertEqual(self.check({"src/os/b.h": header, **files}), found)
        self.assertEqual(self.check({"src/os/b.h": header + "/* more in c.c */", "src/os/b.c": one, "src/os/c.c": two}), [])

    def test_functions_that_a_macro_defines(self):
        files = {"src/os/b.h": "void tb_b_pack(void);\nvoid tb_b_unpack(void);\nint tb_one(void);\n",
                 "src/os/b.c": "TB_ARCHIVE_FUNCTIONS(tb_b, describe)\n\nint tb_one(void)\n{\n}\n",
                 "tests/os/test_a.c": "tb_b_pack() tb_b_unpack() tb_one()"}
        self.assertEqual(self.check(files), [])

    def test_function_that_nobody_uses_is_found(self):
        files = {"src/os/b.h": "int tb_three(int three);\n/* as tb_three() */",
                 "src/os/b.c": "int tb_three(int three)\n{\n    return three == 0 ? 0 : tb_three(three - 1);\n}\n"}
        fault = "src/os/b.h: nothing but b.c uses tb_three; it can be static or go"
        self.assertEqual(self.check(files), [fault])
        self.assertEqual(self.check(files, lonely={"tb_three"}), [])
        self.assertEqual(self.check({**files, "src/os/a.c": "/* tb_three */"}), [fault])
        user = "int tb_four(void) { return tb_three(4); }"
        for place in ("src/os/a.c", "tests/os/test_b.c", "bench/time.c"):
            self.assertEqual(self.check({**files, place: user}), [])
        inline = {**files, "src/os/b.h": files["src/os/b.h"] + "static inline " + user}
        self.assertEqual(self.check(inline), [])
        self.assertIn("take it off the list", self.check(inline, lonely={"tb_three"})[0])
        self.assertIn("is gone", self.check({}, lonely={"tb_three"})[0])

    def test_listed_header_may_only_shrink(self):
        files = {"src/os/b.h": "int tb_one(void);\nint tb_two(void);\n"}
        self.assertEqual(self.check(files, {}, {"src/os/b.h": 2}), [])
        self.assertIn("at most 1 may be", self.check(files, {}, {"src/os/b.h": 1})[0])
        self.assertIn("take it off the list", self.check({"src/os/b.h": ""}, {}, {"src/os/b.h": 1})[0])


class Symbols(unittest.TestCase):
    def check(self, text):
        tools = {name: os.environ.get(name, name.lower()) for name in ("CC", "AR", "NM")}
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            write(root, {"a.c": text})
            for command in ([tools["CC"], "-c", root / "a.c", "-o", root / "a.o"],
                            [tools["AR"], "rc", root / "lib.a", root / "a.o"]):
                self.assertEqual(run(*command), (0, ""))
            return run(sys.executable, HERE / "check_symbols.py", tools["NM"], root / "lib.a")

    def test_prefixed_and_static_symbols_pass(self):
        self.assertEqual(self.check("int tb_a; static int b; int tb_c(void) { return b; }"),
                         (0, "all 2 external symbols begin with tb_\n"))

    def test_each_kind_of_symbol_is_found(self):
        status, output = self.check("""int code(void) { return 0; } int zeros; int data = 1; const int constant = 1;
            _Thread_local int local; __attribute__((visibility("hidden"))) int hidden; __attribute__((weak)) int weak;""")
        self.assertEqual((status, sorted(output.splitlines())), (1, [
            f"lib.a: a.o: {name} does not begin with tb_"
            for name in ("code", "constant", "data", "hidden", "local", "weak", "zeros")]))

    def test_archive_without_symbols_is_refused(self):
        self.assertEqual(self.check("typedef int nothing;")[0], 2)


class Checkers(unittest.TestCase):
    """The checks that stand on programs which may be missing."""

    def check_without_programs(self, script, **environment):
        with tempfile.TemporaryDirectory() as name:
            for program in ("bash", "dirname", "grep"):
                (Path(name) / program).symlink_to(shutil.which(program))
            return run(HERE / script, ".", ".", PATH=name, **environment)

    def test_missing_program_fails_and_says_what_to_do(self):
        for script, program in (("check_format.sh", "clang-format 14"), ("check_scripts.sh", "shellcheck"),
                                ("check_tidy.sh", "clang-tidy 14")):
            with self.subTest(script):
                status, output = self.check_without_programs(script, TWINBED_WITHOUT_CHECKERS="")
                self.assertEqual(status, 1, output)
                self.assertIn(f"{program} is not installed: jobs/install_packages.sh --tests", output)
                self.assertEqual(self.check_without_programs(script, TWINBED_WITHOUT_CHECKERS="1"),
                                 (77, f"skipped: {program} is not installed\n"))

    def tidy(self, text):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            command = {"directory": name, "file": "src/a.c", "command": "cc -c src/a.c"}
            write(root, {"src/a.c": text, "compile_commands.json": json.dumps([command]),
                         ".clang-tidy": (HERE.parents[1] / ".clang-tidy").read_text(encoding="utf-8")})
            return run(HERE / "check_tidy.sh", root, root)

    def test_tidy_finds_faults_of_several_kinds(self):
        self.assertEqual(self.tidy("int tb_a(int b)\n{\n    return b;\n}\n"), (0, "1 sources, nothing found\n"))
        lines = "    b++;\n" * 61
        for text, name in (("int tb_a(int b);\nint tb_a(int b) { return 0; }\n", "misc-unused-parameters"),
                           ("int tb_a(int b);\nint tb_a(int b) { if (b < 0); return b; }\n", "bugprone-suspicious-semicolon"),
                           (f"int tb_a(int b)\n{{\n{lines}    return b;\n}}\n", "readability-function-size")):
            with self.subTest(name):
                status, output = self.tidy(text)
                self.assertEqual(status, 1, output)
                self.assertIn(name, output)


class Messages(unittest.TestCase):
    GOOD = "Captures: rows are merged\n\nRows came twice.\n"

    def git(self, root, *command):
        who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        status, output = run("git", "-C", root, *command, **who, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null")
        self.assertEqual(status, 0, output)
        return output

    def commit(self, root, files, message):
        write(root, files)
        self.git(root, "add", "-A")
        self.git(root, "commit", "-q", "--allow-empty", "-m", message)

    def check(self, root):
        return run(HERE / "check_messages.sh", root)

    def test_messages(self):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            self.assertEqual(self.check(root)[0], 77)
            self.git(root, "init", "-q")
            self.commit(root, {"a.c": "int tb_a;\n" * 20, "CMakeLists.txt": "a.c"}, "Begin: nothing before")
            for message, fault in ((self.GOOD, ""), ("Merge branch 'a'", ""), ("Rows came twice\n\nYes.", "its area"),
                                   ("Captures: " + "r" * 63 + "\n\nYes.", "73 characters"), ("Captures: rows", "no body"),
                                   ("Captures: rows\nare merged\n", "no empty line"),
                                   ("Captures: wip\n\nYes.", "in progress"), ("fixup! Captures: rows\n\nYes.", "in progress")):
                with self.subTest(message):
                    self.commit(root, {}, message)
                    status, output = self.check(root)
                    self.assertEqual((status, fault in output), (1 if fault else 0, True), output)

    def test_only_moves_need_no_body(self):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            self.git(root, "init", "-q")
            self.commit(root, {"a.c": "int tb_a;\n" * 20, "c.c": "", "CMakeLists.txt": "a.c"}, "Begin: nothing before")
            (root / "a.c").rename(root / "b.c")
            self.commit(root, {"CMakeLists.txt": "b.c"}, "Rooms: a is called b")
            self.assertEqual(self.check(root), (0, "1 messages read\n"))
            (root / "b.c").rename(root / "a.c")
            self.commit(root, {"c.c": "int tb_c;\n"}, "Rooms: b is called a")
            self.assertIn("no body", self.check(root)[1])

    def test_branch_that_was_merged(self):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            self.git(root, "init", "-q", "-b", "main")
            self.commit(root, {}, "Begin: nothing before")
            self.git(root, "checkout", "-q", "-b", "side")
            self.commit(root, {}, "Captures: rows")
            self.commit(root, {}, self.GOOD)
            self.git(root, "checkout", "-q", "main")
            self.git(root, "merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side")
            status, output = self.check(root)
            self.assertEqual(status, 1)
            self.assertIn('"Captures: rows": it has no body', output)
            clone = root / "clone"
            self.git(root, "clone", "-q", "--depth", "1", f"file://{root}", clone)
            self.assertEqual(self.check(clone)[0], 0)


class Walks(unittest.TestCase):
    PAGE = "| step | function | file |\n| --- | --- | --- |\n| first | `begin`, `go_on` | `os/a.c`, `os/a.h` |\n"

    def check(self, files):
        with tempfile.TemporaryDirectory() as name:
            write(Path(name), files)
            return list(check_walks.faults(Path(name), self.PAGE))

    def test_functions_that_are_there_pass(self):
        self.assertEqual(self.check({"src/os/a.c": "begin(1);", "include/twinbed/os/a.h": "void go_on(int);"}), [])

    def test_what_is_gone_is_found(self):
        self.assertEqual(self.check({"src/os/a.c": "begin(1); go_on;"}),
                         ["docs/architecture.md: go_on is not in os/a.c, os/a.h"])


class Words(unittest.TestCase):
    PAGE = """
| word | meaning |
| --- | --- |
| chunk, round | bytes; chunks |
| piece of cake | easy |

| room | holds | may use |
| --- | --- | --- |
| `os` | traces | |
"""
    SOUND = {"src/os/chunk_list.c": "", "include/twinbed/os/rounds.h": "struct tb_list_of_pieces {\n};",
             "src/os/list.c": "struct tb_nobody_looks {};", "src/os/list.h": "/* cake */ struct tb_unmade;"}

    def check(self, files, page=PAGE):
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            write(root, {**self.SOUND, **files})
            return list(check_words.faults(root, page, {"list", "of", "entry"}))

    def test_explained_and_general_words_pass(self):
        self.assertEqual(self.check({"src/os/entries.h": ""}), [])

    def test_unexplained_words_are_found(self):
        for path, text, name in (("src/os/crew_list.c", "", "crew_list"), ("src/os/chunk.h", "struct crew {", "crew"),
                                 ("include/twinbed/os/list.h", "  struct tb_list_crew {", "list_crew"),
                                 ("src/os/crew/list.c", "", "crew")):
            with self.subTest(path):
                place = path.removesuffix("/list.c")
                self.assertEqual(self.check({path: text}), [
                    f"{place} ({name}): crew is not in the word table of docs/architecture.md"])

    def test_table_is_held_to_the_code(self):
        again = self.PAGE.replace("| piece of cake |", "| chunk | the same |\n| piece of cake |")
        self.assertEqual(self.check({}, again), ["docs/architecture.md: chunk stands in the word table twice"])
        self.assertEqual(self.check({"src/os/list.h": ""}),
                         ["docs/architecture.md: cake stands in the word table, but not in the code"])


if __name__ == "__main__":
    unittest.main()
