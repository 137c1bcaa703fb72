"""Gathers every sentence of the pages into web/locale and compiles it: `make catalogue`.

A sentence stands in Chinese where it is said, as `_("…")` in a template, `say("…")` in Python and
t("…") or t`…` in a script, and is its own key. What is not translated is told.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from callcenter.web.pages import words
from callcenter.web.pages.words import reports as report_words

WEB = Path(__file__).parent.parent / "callcenter" / "web"
LOCALE = WEB / "locale"
CHINESE = re.compile(r"[\u3400-\u9fff]")
HEADER = "# What the pages say. Edit the msgstr lines, then run: make catalogue"
SAID = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"')
SCRIPT = re.compile(r'\bt(?:\("((?:[^"\\]|\\.)*)"|`)')


def sentences() -> dict[str, str]:
    """Every key, and the file that says it."""
    found: dict[str, str] = {}
    for file in sorted(WEB.glob("pages/templates/**/*.html")):
        found |= dict.fromkeys(of_template(file.read_text("utf-8")), file.name)
    for file in sorted(f for f in WEB.glob("static/**/*.js") if "vendor" not in f.parts):
        found |= dict.fromkeys(of_script(file.read_text("utf-8")), file.name)
    for file in sorted(WEB.glob("pages/**/*.py")):
        found |= dict.fromkeys(SAID.findall(file.read_text("utf-8")), file.name)
    found |= dict.fromkeys(report_words.TEXTS, "words")
    named = [*words.WORDS.values(), words.GROUPS, {k: n for k, (_, n) in words.CATEGORIES.items()}]
    found |= dict.fromkeys((text for kind in named for text in kind.values()), "words")
    return {key: where for key, where in found.items() if CHINESE.search(key)}


def of_template(text: str) -> Iterator[str]:
    """What a template says by _("…")."""
    parsed = Environment(autoescape=True).parse(text)
    for _, _, told in extract_from_ast(parsed, gettext_functions=("_",)):
        yield from (one for one in (told if isinstance(told, tuple) else (told,)) if one)


def of_script(text: str) -> Iterator[str]:
    """What a script says by t("…") or t`…`; the parts of the latter as {0}, {1}, …"""
    for match in SCRIPT.finditer(text):
        if match[1] is not None:
            yield match[1]
        else:
            yield _template(text, match.end())


def _template(text: str, at: int) -> str:
    """The key of a template literal that starts here."""
    key, parts, depth = "", 0, 0
    while depth or text[at] != "`":
        if text.startswith("${", at) and not depth:
            key, parts, depth, at = key + f"{{{parts}}}", parts + 1, 1, at + 2
            continue
        if depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
        else:
            key += text[at]
        at += 1
    return key


def update(language: str, found: dict[str, str]) -> Catalog:
    """The language's catalogue with these sentences, no others, and what is known of them."""
    file = LOCALE / language / "pages.po"
    with file.open("rb") as source:
        known = read_po(source, locale=language)
    fresh = Catalog(locale=language, project="callcenter", header_comment=HEADER, fuzzy=False)
    fresh.creation_date = fresh.revision_date = known.creation_date
    fresh.msgid_bugs_address = fresh.last_translator = fresh.language_team = "callcenter"
    for key, where in sorted(found.items(), key=lambda one: (one[1], one[0])):
        told = known.get(key)
        fresh.add(key, told.string if told else "", locations=[(where, 0)])
    return fresh


def write(language: str, catalogue: Catalog) -> None:
    """As text for people and compiled for the service."""
    folder = LOCALE / language
    with (folder / "pages.po").open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False, omit_header=False)
    with (folder / "pages.mo").open("wb") as file:
        write_mo(file, catalogue)


def main() -> None:
    """Every language that has a folder."""
    found = sentences()
    for folder in sorted(path for path in LOCALE.iterdir() if path.is_dir()):
        catalogue = update(folder.name, found)
        write(folder.name, catalogue)
        missing = [message.id for message in catalogue if message.id and not message.string]
        for key in missing:
            print(f"{folder.name}: not translated: {key}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
