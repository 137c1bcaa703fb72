"""The sentences of our own writing that the bundled model learns from; may touch files.

`corpus/*.txt` holds one sentence a line, by topic, `#` for remarks; a comma is a short pause.
`templates.txt` has slots. What is written in `corpus/later/` and what the judge learns from
(`scripts/training/lines/`) is for the graph alone: it may grow without a new acoustic network.
`held_out.txt` and `independent.txt` (for measuring; the second is by a
writer who has not read the corpus) and `tuning.txt` (for choosing settings) are never learnt.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).with_name("corpus")
SCRIPTS = Path(__file__).parents[2] / "scripts"
DEMO_LINES = Path(__file__).parents[2] / "demo" / "voices" / "lines.toml"
LATER = FOLDER / "later"
JUDGED = SCRIPTS / "training" / "lines"
TEMPLATES = "templates.txt"
HELD_OUT = "held_out.txt"
INDEPENDENT = "independent.txt"
TUNING = "tuning.txt"
FILLINGS = 40
"""How many fillings of a template are taken where it has more."""

DIGITS = "零一二三四五六七八九"
_WHOLE = re.compile("^=?([\u4e00-\u9fff，]{2,})$")
_SAID = frozenset({"phrases", "any", "all", "n_of", "and", "or", "order", "near"})
"""The keys of a rule under which stands what callers say."""
_PAUSES = re.compile(r"[，。！？、；：\s]+")
_SLOT = re.compile(r"<(\w+)>")


def plain(sentence: str) -> str:
    """The sentence without pauses: what the recogniser is expected to write."""
    return _PAUSES.sub("", sentence)


def sentences() -> list[str]:
    """Every hand-written sentence that is to be learnt."""
    files = sorted(FOLDER.glob("*.txt"))
    return [
        line
        for file in files
        if file.name not in (TEMPLATES, HELD_OUT, INDEPENDENT, TUNING)
        for line in _lines(file)
    ]


def later_sentences() -> list[str]:
    """What the graph learns besides, and the acoustic network does not."""
    files = [*sorted(LATER.glob("*.txt")), *sorted(JUDGED.glob("*/*.txt"))]
    return [line for file in files for line in _lines(file)]


def held_out() -> list[str]:
    """The sentences that are for measuring only."""
    return list(_lines(FOLDER / HELD_OUT))


def independent() -> list[str]:
    """Sentences for measuring only, by someone who has not read the corpus."""
    return list(_lines(FOLDER / INDEPENDENT))


def tuning() -> list[str]:
    """The sentences by which the language model's settings are chosen; not learnt either."""
    return list(_lines(FOLDER / TUNING))


def expanded(fillings: int = FILLINGS) -> list[str]:
    """The templates filled in: at most `fillings` sentences each, evenly spread."""
    lists: dict[str, list[str]] = {}
    filled: list[str] = []
    for line in _lines(FOLDER / TEMPLATES):
        name, is_list, values = line.partition(" = ")
        if is_list:
            lists[name] = values.split("|")
        else:
            filled += _fill(line, lists, fillings)
    return list(dict.fromkeys(filled))


def _lines(file: Path) -> Iterator[str]:
    for line in file.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def _fill(template: str, lists: dict[str, list[str]], fillings: int) -> list[str]:
    """Raises ValueError for a slot that no list above it fills."""
    slots = _SLOT.findall(template)
    if unknown := [slot for slot in slots if slot not in lists]:
        raise ValueError(f"{TEMPLATES}: {template}: no list is named {unknown[0]!r}")
    # A generator seeded by the template itself: a new line leaves the others as they were.
    chosen = _spread([lists[slot] for slot in slots], fillings, Random(template))  # noqa: S311
    pieces = _SLOT.split(template)[::2]
    return ["".join(_woven(pieces, values)) for values in chosen]


def _spread(choices: list[list[str]], fillings: int, random: Random) -> list[tuple[str, ...]]:
    total = 1
    for values in choices:
        total *= len(values)
    if total <= fillings:
        return list(product(*choices))
    columns = [_shuffled(values, fillings, random) for values in choices]
    return list(zip(*columns, strict=True))


def _shuffled(values: list[str], length: int, random: Random) -> list[str]:
    """`length` values in a random order in which each comes up about equally often."""
    column: list[str] = []
    while len(column) < length:
        column += random.sample(values, len(values))
    return column[:length]


def _woven(pieces: list[str], values: tuple[str, ...]) -> Iterator[str]:
    yield pieces[0]
    for value, piece in zip(values, pieces[1:], strict=True):
        yield value
        yield piece


def product_lines() -> list[str]:
    """What the product itself says and listens for: prompts, demo lines, the packs' phrases."""
    phrases = [phrase for file in sorted(SCRIPTS.glob("packs/*/*.toml")) for phrase in _pack(file)]
    spoken = [
        line for file in (SCRIPTS / "prompts/prompts.toml", DEMO_LINES) for line in _say(file)
    ]
    return list(dict.fromkeys(phrases + spoken))


def _pack(file: Path) -> list[str]:
    """Every phrase of a pack that is whole words: without wildcards, lists and marks."""
    return sorted(set(_phrases(tomllib.loads(file.read_text("utf-8")).get("rule", []))))


def _phrases(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield from _WHOLE.findall(entry)
    elif isinstance(entry, list):
        for part in entry:
            yield from _phrases(part)
    elif isinstance(entry, dict):
        for key in _SAID.intersection(entry):
            yield from _phrases(entry[key])


def _say(file: Path) -> list[str]:
    lines = tomllib.loads(file.read_text("utf-8")).get("line", [])
    spoken = (part for line in lines for part in line["say"] if not part.startswith("tone:"))
    return [re.sub(r"[。！？]+$", "", part) for part in spoken]


def number_lines(count: int, random: Random) -> list[str]:
    """Random telephone, order and plain digit strings as people read them out."""
    return [_number_line(random) for _ in range(count)]


def _number_line(random: Random) -> str:
    kind = random.choice(("mobile", "landline", "digits", "digits"))
    one = random.choice("幺一")
    if kind == "mobile":
        digits = "一" + random.choice("三五七八九") + _random_digits(9, random)
    elif kind == "landline":
        digits = random.choice(("零一零", "零二一", "四零零", "八零零")) + _random_digits(7, random)
    else:
        digits = _random_digits(random.randint(2, 12), random)
    return digits.replace("一", one)


def _random_digits(count: int, random: Random) -> str:
    return "".join(random.choices(DIGITS, k=count))
