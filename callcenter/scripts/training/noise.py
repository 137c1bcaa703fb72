"""Writes a line as an imperfect recogniser would: homophones, lost and added characters. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

from callcenter.scripts.sound import sounds

HOMOPHONE = 0.6
LOST = 0.2
"""Of the characters that go wrong; the rest get a character beside them."""


OPENINGS = (
    *(
        "你好",
        "喂",
        "喂你好",
        "您好",
        "你好我想问一下",
        "请问",
        "我想问一下",
        "那个",
        "我跟你说",
        "哎",
    ),
    *("麻烦你", "就是", "不好意思", "是这样的", "我想", "我要", "喂喂", "你听我说", "我就是"),
)
CLOSINGS = ("", "", "啊", "吧", "呢", "好吗", "行不行", "知道吗", "谢谢", "对不对", "听见没有")
"""Said by every kind of caller: learnt with all three labels, they weigh nothing."""


def framed(line: str, random: Random) -> str:
    """The line between an opening and a closing that say nothing about it."""
    return random.choice(OPENINGS) + line + random.choice(CLOSINGS)


class Noise:
    """Knows which characters sound alike, and how common each is, from the lines it is given."""

    def __init__(self, lines: Iterable[str]) -> None:
        known: dict[str, Counter[str]] = {}
        self._common: Counter[str] = Counter()
        for line in lines:
            for char, sound in zip(line, sounds(line), strict=True):
                if char != sound and char.isalpha():
                    known.setdefault(sound, Counter())[char] += 1
                    self._common[char] += 1
        self._alike = {sound: (list(c), list(c.values())) for sound, c in known.items()}
        self._any = list(self._common), list(self._common.values())

    def heard(self, line: str, rate: float, random: Random) -> str:
        """The line with about `rate` of its characters wrong."""
        return "".join(
            self._misheard(char, sound, random) if random.random() < rate else char
            for char, sound in zip(line, sounds(line), strict=True)
        )

    def _misheard(self, char: str, sound: str, random: Random) -> str:
        chance = random.random()
        if chance < HOMOPHONE:
            return self._alike_to(char, sound, random)
        if chance < HOMOPHONE + LOST:
            return ""
        return char + random.choices(*self._any)[0]

    def _alike_to(self, char: str, sound: str, random: Random) -> str:
        chars, counts = self._alike.get(sound, ([], []))
        others = [(c, n) for c, n in zip(chars, counts, strict=True) if c != char]
        if not others:
            return char
        return random.choices([c for c, _ in others], [n for _, n in others])[0]
