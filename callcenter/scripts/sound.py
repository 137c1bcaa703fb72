"""How characters sound, as far as a recogniser and a dialect tell sounds apart. Pure.

A syllable without its tone; what is often confused is one: zh/z, ch/c, sh/s, n/l, f/h, in/ing,
en/eng, an/ang. Each folded syllable is one private-use character, so a sound is searched as text.
"""

from __future__ import annotations

from functools import lru_cache

from pypinyin import lazy_pinyin

DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
F_AS_H = {
    f"f{final}": f"h{glided}"
    for final, glided in (
        *(("a", "ua"), ("an", "uan"), ("ang", "uang"), ("ei", "ui"), ("en", "un")),
        *(("eng", "ong"), ("o", "uo"), ("ou", "ou"), ("u", "u")),
    )
}
"""Where f and h are confused, h is followed by a u."""
INITIALS = ("b", "p", "m", "d", "t", "n", "g", "k", "h", "j", "q", "x", "z", "c", "s", "r", "y")
FINALS = (
    *("", "a", "o", "e", "i", "u", "v", "ai", "ei", "ui", "ao", "ou", "iu", "ie", "ue", "ve", "er"),
    *("an", "en", "in", "un", "ong", "ia", "iao", "ian", "iong", "ua", "uo", "uai", "uan"),
)
FIRST = 0xE000
"""Of Unicode's private use: such a character is never in normalised text."""


def sounds(text: str) -> str:
    """The text's sound, a character for a character; what is not Chinese stands for itself."""
    return "".join(map(code, text))


@lru_cache(maxsize=65536)
def syllable(char: str) -> str:
    """Pinyin without tone; the character itself where it is not Chinese."""
    return "".join(lazy_pinyin(DIGITS.get(char, char)))


@lru_cache(maxsize=65536)
def code(char: str) -> str:
    """The folded syllable as one character."""
    said = fold(syllable(char))
    initial = said[:1] if said[:1] in (*INITIALS, "w") else ""
    final = said[len(initial) :]
    if (len(said) < 2 and said == char) or final not in FINALS:
        return char
    row = (*INITIALS, "w", "").index(initial)
    return chr(FIRST + row * len(FINALS) + FINALS.index(final))


def fold(said: str) -> str:
    """The syllable that stands for all that it is confused with: zhang → zan."""
    said = F_AS_H.get(said, said)
    if said[:2] in ("zh", "ch", "sh"):
        said = said[0] + said[2:]
    if said.startswith("l"):
        said = "n" + said[1:]
    return said[:-1] if said.endswith(("ang", "eng", "ing")) else said
