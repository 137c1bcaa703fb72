"""Throws damaged files at everything that reads what people bring: tables, bills, packs, sound.

`python -m tests.fuzz_files --count 100000` throws so many; `--seed` throws others. What must hold:
a file is read, or refused in one line (CallcenterError), whatever is in it.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from openpyxl import Workbook

from callcenter.audio.wav import parse_wav, wav_header
from callcenter.casework.harassment.bill import read_bill
from callcenter.casework.paper.table_rows import rows
from callcenter.config import load
from callcenter.core.errors import CallcenterError, SealBroken
from callcenter.scripts.book import PACKS
from callcenter.scripts.cards import ASSIST, parse_cards
from callcenter.scripts.pack import parse_pack
from callcenter.vault.keys import Keys
from callcenter.vault.seal import AesSeal
from tests.sip.mutate import mutated

Reads = Callable[[bytes], object]
ROOT = Path(__file__).parent.parent
BILL = """主叫号码,被叫号码,开始时间,通话时长
13800006127,4008200001,2026-11-22 10:40:00,00:01:05
075512345678,4008200001,2026/11/22 10:41,65
"""
KEYS = Keys(Path("never read"), "A" * 43 + "=")


def _table() -> bytes:
    book = Workbook()
    for row in (
        ("姓名", "电话", "地址"),
        ("赵先生", 13800006127, "建设路 3 号"),
        ("=1+1", None, ""),
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def readers(folder: Path) -> dict[str, tuple[Reads, list[bytes]]]:
    """What reads, and whole files of its kind to damage; `folder` is for a reader of paths."""
    wav = [wav_header(2, 640) + bytes(640), wav_header(1, 320) + bytes(320)]
    packs = [file.read_bytes() for file in sorted(PACKS.rglob("*.toml"))]
    cards = [file.read_bytes() for file in sorted(ASSIST.rglob("*.toml"))]
    config = folder / "callcenter.toml"

    def configured(content: bytes) -> object:
        config.write_bytes(content)
        return load(config)

    def opened(content: bytes) -> object:
        try:
            return AesSeal(KEYS).open(content, "a")
        except SealBroken:
            return None

    return {
        "wav": (lambda content: parse_wav(content, "a.wav"), wav),
        "table": (lambda content: list(rows(content)), [_table(), BILL.encode()]),
        "bill": (read_bill, [BILL.encode(), BILL.encode("gb18030")]),
        "pack": (lambda content: parse_pack(content.decode("utf-8", "replace"), "a.toml"), packs),
        "cards": (lambda content: parse_cards(content.decode("utf-8", "replace"), "a"), cards),
        "config": (configured, [(ROOT / "callcenter.example.toml").read_bytes()]),
        "sealed": (opened, [AesSeal(KEYS).seal(b"words", "a")]),
    }


def throw(count: int, seed: int, folder: Path) -> Counter[str]:
    """So many files at each reader; how they were answered. Raises what should not be raised."""
    dice, answers = Random(seed), Counter[str]()
    for name, (read, corpus) in readers(folder).items():
        for number in range(count):
            content = mutated(dice, dice.choice(corpus), corpus)
            try:
                read(content)
            except CallcenterError as error:
                if "\n" in str(error):
                    raise AssertionError(f"{name} {number}: more than a line: {error}") from error
                answers[f"{name} refused"] += 1
            except Exception as error:
                told = f"{name} {number} of seed {seed}: {content[:200]!r}"
                raise AssertionError(told) from error
            else:
                answers[f"{name} read"] += 1
    return answers


def main() -> int:
    import tempfile

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_files", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="files for each reader")
    parser.add_argument("--seed", type=int, default=1)
    chosen, began = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        answers = throw(chosen.count, chosen.seed, Path(folder))
    for name, times in sorted(answers.items()):
        sys.stdout.write(f"{name}: {times}\n")
    sys.stdout.write(f"in {time.monotonic() - began:.0f} s, seed {chosen.seed}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
