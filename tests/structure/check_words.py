#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that name things are explained, once.

check_words.py ROOT

Names of folders, files and (in headers) structs are split at underscores. Each of their words stands in the table
headed "word | meaning" of docs/architecture.md or names a room there; or it is a general word, that anybody who programs
or measures networks knows: those stand in general_words.txt beside this file. And each word of the table occurs in the
code. Plurals count as their singular. Prints one line for each thing that does not hold. Exit status: 0 all holds, 1
something does not, 2 a table cannot be read.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from check_rooms import PageError, read_rooms, table_rows

STRUCT = re.compile(r"^\s*(?:typedef\s+)?struct\s+(?:tb_)?(\w+)\s*\{", re.MULTILINE)
WORD = re.compile(r"[a-z][a-z0-9]*")


def singulars(word):
    """The word and what it can be the plural of."""
    yield word
    for ending, singular in (("ies", "y"), ("ves", "fe"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            yield word.removesuffix(ending) + singular


def is_known(word, known):
    return any(singular in known for singular in singulars(word))


def read_table(page):
    """The terms of the word table, in order; a row may hold several."""
    return [term.strip() for row in table_rows(page, ["word", "meaning"]) for term in row[0].split(",")]


def beside(name):
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def general_words():
    return set(beside("general_words.txt").split())


def names(root):
    """{word: the first places that it names}"""
    places = defaultdict(list)
    for top in (root / "src", root / "include" / "twinbed"):
        for path in sorted(top.rglob("*")):
            named = [path.stem] if path.is_dir() or path.suffix in {".c", ".h"} else []
            if path.suffix == ".h":
                named += STRUCT.findall(path.read_text(encoding="utf-8"))
            for name in named:
                for word in WORD.findall(name.lower()):
                    places[word].append(f"{path.relative_to(root)} ({name})")
    return places


def used_words(root):
    """The words of all identifiers and comments."""
    used = set()
    for top in ("src", "include"):
        for path in (root / top).rglob("*.[ch]"):
            used.update(WORD.findall(path.read_text(encoding="utf-8").lower()))
    return used


def faults(root, page, general):
    terms = read_table(page)
    for term in sorted({term for term in terms if terms.count(term) > 1}):
        yield f"docs/architecture.md: {term} stands in the word table twice"
    explained = {word for term in terms for word in WORD.findall(term.lower())}
    named = names(root)
    used = {singular for word in used_words(root) | set(named) for singular in singulars(word)}
    for word in sorted(explained - used):
        yield f"docs/architecture.md: {word} stands in the word table, but not in the code"
    known = explained | general | set(read_rooms(page))
    for word, places in sorted(named.items()):
        if not is_known(word, known):
            yield f"{places[0]}: {word} is not in the word table of docs/architecture.md" + (
                f", nor is it in {len(places) - 1} names more" if len(places) > 1 else "")


def main():
    root = Path(sys.argv[1]).resolve()
    try:
        page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
        found = list(faults(root, page, general_words()))
    except (OSError, PageError) as error:
        print(f"check_words: {error}", file=sys.stderr)
        return 2
    print("\n".join(found) if found else "all words that name things are explained")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
