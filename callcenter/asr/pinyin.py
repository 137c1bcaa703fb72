"""How hanzi are read aloud, as pinyin syllables; the room's door to pypinyin."""

from __future__ import annotations

from callcenter.asr.phones import pronounce

Reading = tuple[str, ...]
"""Pinyin syllables with tone digits: ("zhong1", "xin1")"""


def read_aloud(text: str, *, sandhi: bool = False) -> list[str]:
    """The syllables of a text of hanzi only, one a character, with tone digits and ü as v.

    Phrases are read as a dictionary has them (银行 is yin2 hang2). `sandhi`: 不 and 一 with the
    tone that the next syllable gives them. A character without a known reading stays in its place.
    """
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(
        text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=sandhi
    )
    return [syllable.replace("ü", "v") for syllable in syllables]


def sayable(word: str, reading: Reading) -> bool:
    """True where each character of `word` has one syllable, and all of them have phones."""
    try:
        return 0 < len(reading) == len(word) and all(pronounce(syllable) for syllable in reading)
    except ValueError:
        return False
