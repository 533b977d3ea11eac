#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a page: elements nest, ids are unique and found, tables have captions and heads, drawings have names."""
import sys
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link", "use"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.problems = [], set(), set(), []
        self.tables = []

    def problem(self, text):
        self.problems.append(f"line {self.getpos()[0]}: {text}")

    def handle_starttag(self, tag, attributes):
        self.note(tag, dict(attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.note(tag, dict(attributes))

    def note(self, tag, attributes):
        name = attributes.get("id")
        if name in self.ids:
            self.problem(f"id {name} occurs twice")
        if name:
            self.ids.add(name)
        for key in ("href", "xlink:href"):
            if attributes.get(key, "").startswith("#"):
                self.links.add(attributes[key][1:])
        if tag == "table":
            self.tables.append({"caption": False, "th": False})
        if self.tables and tag in ("caption", "th"):
            self.tables[-1][tag] = True
        if tag == "th" and "scope" not in attributes:
            self.problem("th without scope")
        if tag == "svg" and not attributes.get("aria-label"):
            self.problem("svg without a name")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problem(f"unexpected </{tag}>")
        if tag == "table":
            table = self.tables.pop()
            if not all(table.values()):
                self.problem(f"table lacks something: {table}")


page = Page()
with open(sys.argv[1], encoding="utf-8", errors="strict") as file:
    page.feed(file.read())
page.close()
if page.open:
    page.problems.append(f"never closed: {page.open}")
missing = page.links - page.ids
if missing:
    page.problems.append(f"links to nothing: {sorted(missing)[:5]}")
for problem in page.problems[:20]:
    print(problem)
sys.exit(1 if page.problems else 0)
