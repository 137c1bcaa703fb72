"""`python -m bench.redaction [--numbers N] [--seed S] [--json FILE]`: what is hidden of numbers.

Numbers are made up and told as people tell them: in groups, with pauses and fillers, asked for or
not, read back by the agent; then misheard as a recogniser mishears: digits dropped, doubled,
written as another word of that sound. Counted is what of them can still be read, or heard in the
recording, afterwards. Ordinary talk with amounts, dates, order numbers, addresses and prices, and
the lines that the judge was trained on, say how much is hidden that nobody asked for.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callcenter.core.numbers_told import luhn
from callcenter.core.records import Party, Segment, Word
from callcenter.core.redaction import MARGIN_MS, Settled, redacted

LINES = Path(__file__).parents[1] / "callcenter" / "scripts" / "training" / "lines"
SPOKEN = dict(zip("0123456789X", "零一二三四五六七八九X", strict=True))
OTHERWISE = {"0": "洞", "1": "幺", "2": "两", "7": "拐", "9": "勾"}
MISHEARD = {
    "零": "另灵领", "一": "医要", "幺": "要要妖腰", "二": "而儿", "三": "散山", "四": "是事",
    "五": "无", "六": "流", "七": "期", "八": "吧把", "九": "就久", "X": "叉",
}  # fmt: skip
DROPPED, DOUBLED, MISHEARS, FILLED = 0.02, 0.02, 0.06, 0.06
CHAR_MS, WRONG_MS = 240, 100
READABLE = 4
"""So many digits of a number that can still be read are a leak."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ASKS = {
    "phone": ("请问您的联系电话是多少", "方便留个手机号吗", "您的电话号码报一下", ""),
    "id": ("请报一下您的身份证号码", "需要核对身份证", "您的证件号码是多少", ""),
    "card": ("请提供一下银行卡号", "您退款的卡号是多少", "账号报给我", ""),
}
OPENS = {
    "phone": ("我的手机号是", "电话", "你记一下", "打这个号码", "", "嗯"),
    "id": ("我的身份证是", "身份证号", "我念给你听", "", "嗯"),
    "card": ("卡号是", "建设银行的卡", "你记一下", "", "那个"),
}
CLOSES = ("", "麻烦你了", "记下了吗", "就这个", "谢谢")
BACK = ("", "对吗", "是吧", "好的")
FILLERS = ("嗯", "啊", "那个", "呃")
TALK = (
    "这个一共是{price}块{small}毛，我付了两千五百块",
    "我是{year}年{month}月{day}号买的，到现在三个多月了",
    "订单号是{order}您查一下",
    "您的工单编号是{order}请记一下",
    "快递单号{order}显示已经签收",
    "我住在{place}路{house}号{block}栋{block}单元{room}室",
    "尾号{four}的那个，昨天下午三点四十五分打的",
    "早上八点半到十二点，下午一点半到六点都行",
    "原价一千九百九十九，现在卖{price}，便宜了二百五",
    "型号是{model}的那款空调，一点五匹",
    "你们客服热线是四零零{four}{three}吧，我打过一二三零六也打过九五五八八",
    "这批货一共一万两千三百四十五件，单价三块二",
    "验证码{six}我收到了",
    "邮编是{six}，合同编号{order}",
    "三三两两的来了七八个人，等了一两个小时",
    "今年二零二六年，我一九八五年生的，今年四十一",
    "会员号{seven}，积分有八千多分",
    "一二三四五六七八九数了一遍都不对",
    "我要两个，他要三个，一共是五个，四是四十是十",
    "利率百分之四点三五，分三十六期，每期一千零二十四块五",
)
PEOPLE = (Party.CALLER, Party.AGENT)


@dataclass
class Said:
    """A dialogue as it was heard; `digits` are the places of a number's characters."""

    kind: str
    number: str = ""
    segments: list[Segment] = field(default_factory=list)
    digits: set[tuple[Party, int]] = field(default_factory=set)
    """By who says it and when it was heard."""
    truly: list[tuple[Party, int, int]] = field(default_factory=list)
    """When each was truly said, in ms."""


class Teller:
    """Makes dialogues; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311
        self._at = 0

    def told(self, kind: str) -> Said:
        """A number of this kind, told and misheard."""
        dice, said = self._dice, Said(kind, self.number(kind))
        self._at = dice.randrange(0, 3000)
        if ask := dice.choice(ASKS[kind]):
            self._say(said, Party.AGENT, [(ask, False)])
        parts = self._parts(kind, said.number)
        how = dice.choice(("at once", "in groups", "echoed", "read back"))
        opening = dice.choice(OPENS[kind])
        if how == "at once" or how == "read back":
            self._at_once(said, opening, parts)
        else:
            self._in_groups(said, opening, parts, echoed=how == "echoed")
        if how == "read back":
            self._pause(300, 3000)
            written = [(self._spoken(part), True) for part in parts]
            self._say(said, Party.AGENT, [*written, (dice.choice(BACK), False)])
        return said

    def talk(self) -> Said:
        """Ordinary talk, in which nothing is to be hidden."""
        dice, said = self._dice, Said("talk")
        self._at = 0
        for _ in range(3):
            text = dice.choice(TALK).format_map(_Filled(dice))
            self._say(said, dice.choice(PEOPLE), [(text, False)])
            self._pause(300, 4000)
        return said

    def number(self, kind: str) -> str:
        """A number that there can be."""
        dice = self._dice
        match kind:
            case "phone":
                if dice.random() < 0.75:
                    return f"1{dice.choice('3456789')}{self._any(9)}"
                area = dice.choice(("010", "021", "0755", "0571", "028", ""))
                return f"{area}{dice.choice('2345678')}{self._any(7)}"
            case "id":
                day = f"{dice.randint(1950, 2012)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
                plain = (
                    f"{dice.choice(('110101', '330106', '440305', '510107'))}{day}{self._any(3)}"
                )
                total = sum(int(d) * w for d, w in zip(plain, WEIGHTS, strict=True))
                return plain + "10X98765432"[total % 11]
            case _:
                head = dice.choice(("622202", "621700", "622848", "4367", "5187"))
                plain = head + self._any((19 if head[0] == "6" else 16) - len(head) - 1)
                return next(plain + str(d) for d in range(10) if luhn(plain + str(d)))

    def _any(self, count: int) -> str:
        return "".join(self._dice.choice("0123456789") for _ in range(count))

    def _parts(self, kind: str, number: str) -> list[str]:
        """As people cut it."""
        sizes = {"phone": (3, 4, 4, 4), "id": (6, 4, 4, 4), "card": (4, 4, 4, 4, 3)}[kind]
        if self._dice.random() < 0.3:
            sizes = tuple(self._dice.randint(2, 5) for _ in range(10))
        parts, rest = [], number
        for size in sizes:
            parts.append(rest[:size])
            rest = rest[size:]
        return [part for part in [*parts, rest] if part]

    def _at_once(self, said: Said, opening: str, parts: Sequence[str]) -> None:
        pieces = [(opening, False)]
        for part in parts:
            pieces += [(self._spoken(part), True), (self._filler(), False)]
        self._say(said, Party.CALLER, [*pieces, (self._dice.choice(CLOSES), False)])

    def _in_groups(self, said: Said, opening: str, parts: Sequence[str], *, echoed: bool) -> None:
        for number, part in enumerate(parts):
            before = opening if not number else self._filler()
            after = self._dice.choice(CLOSES) if number == len(parts) - 1 else ""
            pieces = [(before, False), (self._spoken(part), True), (after, False)]
            self._say(said, Party.CALLER, pieces)
            self._pause(200, 3500)
            if echoed and self._dice.random() < 0.8:
                word = self._dice.choice(("嗯", "好", "对吗", ""))
                self._say(said, Party.AGENT, [(self._spoken(part), True), (word, False)])
                self._pause(200, 2500)

    def _pause(self, least: int, most: int) -> None:
        self._at += self._dice.randint(least, most)

    def _filler(self) -> str:
        return self._dice.choice(FILLERS) if self._dice.random() < FILLED * 4 else ""

    def _spoken(self, digits: str) -> str:
        dice = self._dice
        if dice.random() < 0.1:
            return digits
        style = 0.05 if dice.random() < 0.9 else 0.9
        said = []
        for digit in digits:
            likely = max(style, 0.7 * (digit == "1"))
            if digit in OTHERWISE and dice.random() < likely:
                said.append(OTHERWISE[digit])
            else:
                said.append(SPOKEN[digit])
        return "".join(said)

    def _say(self, said: Said, party: Party, pieces: Sequence[tuple[str, bool]]) -> None:
        """One segment, as the recogniser hears it."""
        start = self._at
        words: list[tuple[Word, bool]] = []
        for text, is_number in pieces:
            for char in text:
                if char in "，。":
                    continue
                first, self._at = self._at, self._at + CHAR_MS
                if is_number:
                    said.truly.append((party, first, self._at))
                for heard in self._heard(char) if is_number else [char]:
                    wrong = self._dice.randint(-WRONG_MS, WRONG_MS)
                    word = Word(heard, max(0, first + wrong + len(words) % 2), self._at + wrong)
                    words.append((word, is_number and heard not in FILLERS))
        words.sort(key=lambda one: one[0].start_ms)
        told = tuple(_apart(word for word, _ in words))
        said.digits |= {(party, told[i].start_ms) for i, one in enumerate(words) if one[1]}
        text = "".join(word.word for word in told)
        if text:
            said.segments.append(Segment(party, start, self._at, text, told))

    def _heard(self, char: str) -> list[str]:
        dice = self._dice.random()
        if dice < DROPPED:
            return []
        if dice < DROPPED + DOUBLED:
            return [char, char]
        if dice < DROPPED + DOUBLED + MISHEARS and char in MISHEARD:
            return [self._dice.choice(MISHEARD[char])]
        if dice < DROPPED + DOUBLED + MISHEARS + FILLED:
            return [char, self._dice.choice("嗯啊呃")]
        return [char]


class _Filled(dict[str, str]):
    """What stands in the templates of ordinary talk."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice

    def __missing__(self, name: str) -> str:
        dice = self._dice
        if name == "price":
            return dice.choice(("一百九十九", "三千八百六十", "九十九", "一万零五百", "两百三十五"))
        if name == "year":
            return dice.choice(("二零二六", "二零二五", "一九九八"))
        if name in ("month", "day", "small", "block", "house"):
            return dice.choice(("一", "三", "五", "八", "十二", "二十三", "一百零八"))
        if name == "place":
            return dice.choice(("中山", "解放", "五四", "八一", "人民"))
        if name == "model":
            return f"K{dice.choice(('三五', '七二', '二六'))}零{dice.choice('一三五')}"
        length = {"order": dice.randint(8, 14), "room": 3, "three": 3, "four": 4}.get(name, 0)
        length = length or {"six": 6, "seven": 7}[name]
        return "".join(SPOKEN[dice.choice("0123456789")] for _ in range(length))


def _apart(words: Any) -> Iterator[Word]:
    """No two begin at once, so that a word is known by its beginning."""
    last = -1
    for word in words:
        start = max(word.start_ms, last + 1)
        last = start
        yield Word(word.word, start, max(word.end_ms, start + 1))


def visible(said: Said, found: Settled) -> int:
    """The most digits of the number that can still be read in one piece, or nearly."""
    kept = {
        (one.party, word.start_ms) for one in found.segments for word in one.words if _plain(word)
    }
    return len(said.digits & kept)


def _plain(word: Word) -> bool:
    return "〔" not in word.word


def audible(said: Said, found: Settled) -> float:
    """The share of the number's sound, as it was truly said, that is left."""
    left = total = 0
    for party, start, end in said.truly:
        spans = [(one.start_ms, one.end_ms) for one in found.hidden if one.party is party]
        covered = {ms for a, b in spans for ms in range(max(a, start), min(b, end), 10)}
        total += (end - start) // 10
        left += max(0, (end - start) // 10 - len(covered))
    return left / total if total else 0.0


def measure(numbers: int, seed: int) -> dict[str, Any]:
    """Everything that is counted, by kind."""
    teller, results = Teller(seed), {}
    for kind in ("phone", "id", "card"):
        counts: Counter[str] = Counter()
        left, digits = 0.0, 0
        for _ in range(numbers):
            said = teller.told(kind)
            found = redacted(said.segments)
            seen = visible(said, found)
            counts["whole"] += not seen
            counts["unreadable"] += seen < READABLE
            counts["named"] += any(one.kind == kind for one in found.numbers)
            counts["visible"] += seen
            digits += len(said.digits)
            left += audible(said, found)
        results[kind] = {
            "numbers": numbers,
            "recall": counts["unreadable"] / numbers,
            "wholly_hidden": counts["whole"] / numbers,
            "digits_hidden": 1 - counts["visible"] / digits,
            "sound_left": left / numbers,
            "kind_right": counts["named"] / numbers,
        }
    return {"seed": seed, "told": results, "talk": _ordinary(teller, numbers), "lines": _lines()}


def _ordinary(teller: Teller, count: int) -> dict[str, Any]:
    alarms: Counter[str] = Counter()
    for _ in range(count):
        found = redacted(teller.talk().segments)
        alarms["false"] += bool(found.hidden)
    return {"dialogues": count, "false_alarms": alarms["false"]}


def _lines() -> dict[str, Any]:
    """The lines of ordinary talk, complaints and harassment that the judge learns from."""
    counts: dict[str, int] = defaultdict(int)
    examples = []
    for file in sorted(LINES.glob("*/*.txt")):
        for line in file.read_text("utf-8").splitlines():
            if not (text := line.strip()):
                continue
            counts["lines"] += 1
            words = tuple(Word(c, 200 * i, 200 * i + 200) for i, c in enumerate(text))
            found = redacted([Segment(Party.CALLER, 0, 200 * len(text), text, words)])
            if found.hidden:
                counts["hidden"] += 1
                examples.append(text)
    return {"lines": counts["lines"], "hidden": counts["hidden"], "examples": examples[:10]}


def speed(segments: int = 2000) -> float:
    """Microseconds that a finished segment of ordinary talk costs."""
    teller = Teller(1)
    dialogues = [teller.talk().segments for _ in range(segments // 3)]
    begun = time.perf_counter()
    for said in dialogues:
        redacted(said)
    return (time.perf_counter() - begun) / segments * 1e6


def tell(line: str) -> None:
    """A line of the table."""
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """Print the table, and the JSON where a file is named."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--numbers", type=int, default=5000, help="of each kind")
    asked.add_argument("--seed", type=int, default=8)
    asked.add_argument("--json", type=Path)
    wish = asked.parse_args()
    found = measure(wish.numbers, wish.seed) | {"us_a_segment": round(speed(), 1)}
    tell("kind    numbers  recall   wholly  digits hidden  sound left  kind right")
    for kind, row in found["told"].items():
        shares = "  ".join(
            f"{row[name]:8.2%}"
            for name in ("recall", "wholly_hidden", "digits_hidden", "sound_left", "kind_right")
        )
        tell(f"{kind:6} {row['numbers']:8}  {shares}")
    talk, lines = found["talk"], found["lines"]
    tell(f"ordinary talk: {talk['false_alarms']} false alarms in {talk['dialogues']} dialogues")
    tell(f"lines of talk: something hidden in {lines['hidden']} of {lines['lines']}")
    tell(f"{found['us_a_segment']} µs a segment; sound margin {MARGIN_MS} ms")
    if wish.json:
        wish.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
