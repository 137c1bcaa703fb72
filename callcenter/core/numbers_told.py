"""Whether digits that people said are a telephone, ID or bank card number that must not stay. Pure.

Groups of digits are one number as long as no more than a few words and seconds lie between them,
whoever says them: the agent reads back, the caller corrects. What is said before them tells what
they are; where nothing is, seven digits are a telephone number. A recogniser drops and doubles
digits, so lengths decide; checksums (GB 11643, ISO/IEC 7812) only where the words speak for
something harmless, such as an order's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from callcenter.core.records import Party, Segment
from callcenter.core.spoken_digits import Group, groups, stub, worth

CARD, ID, PHONE, OTHER = "card", "id", "phone", "other"
KINDS = (CARD, ID, PHONE)
JOIN_MS = 8000
"""Groups that lie further apart are two numbers."""
BREAK, BREAK_FEW = 16, 4
"""So many characters of other words end a number; so many, one of two digits."""
MOST_DIGITS = 64
LEAST_NAMED, LEAST = 6, 7
"""Digits from which on it is a number: where words say what it is, and where none do."""
LEAST_CARD = 13
WHOLE = {CARD: 19, ID: 18}
"""Digits of a whole one, and of a telephone number 11."""
ASKED_MS, ASKED_CHARS = 60_000, 60
"""So long a question (您的订单号多少) says what the digits are that follow."""
ECHO = 3

_LABEL = re.compile(
    "(?P<other>(?:订单|工单|单据|运单|快递|发票|会员|房间|门牌|产品|设备|机器|序列|批次|流水|合同|"
    "交易|商品|货|单|编|版本|验证|尾|户|工|房|桌|车牌|航班|学|股票|邮政|凭证|报修|受理|投诉|回执|"
    "彩票|条形|条|货|型|款)(?:编?号码?|码)|邮编|密码|口令|(?:[后末前头]|最后)[二两三四五六2-6]位|"
    "尾数|生日|出生|型号|积分|代码|序号|订单|单子|热线|打过)"
    "|(?P<id>身份证?(?:号码?)?|证件(?:号码?)?)"
    "|(?P<card>(?:银行|信用|储蓄|借记|工资|社保|医保)?卡(?:号码?|片)|银行卡|信用卡|储蓄卡|[账帐]号|"
    "[账帐]户|卡(?=是|尾))"
    "|(?P<phone>电话|手机|号码|座机|固话|联系方式|打给|拨打|回拨|回电|微信|传真)"
)
_CALLED_AFTER = re.compile(f"(?:这个?|就|才|都)*是[我你您他她]?们?的?(?:{_LABEL.pattern})")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_DATE = r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ID = re.compile(rf"[1-8]\d{{5}}{_DATE}\d{{3}}[\dX]")
_ID_LIKE = re.compile(rf"\d{{4,7}}{_DATE}\d{{2,5}}X?")
_CARD = re.compile(r"(?:62|4|5[1-5]|3[457]|60|9)\d{11,18}")
_PUBLIC = re.compile(r"400\d{7}")
_DAY = re.compile(_DATE)
_COUNTING = "01234567890123456789"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(slots=True)
class Told:
    """Groups that are one number, as far as it was told."""

    label: str
    """What the words before it say that it is: a kind, OTHER, or ""."""
    groups: list[Group] = field(default_factory=list)
    after: str = ""
    """What was said since."""

    @property
    def digits(self) -> str:
        """The number; what was only repeated of it is not in it twice."""
        told = ""
        for group in self.groups:
            if len(group.digits) < ECHO or group.digits not in told:
                told += group.digits
        return told

    @property
    def longest(self) -> str:
        """What one of them told alone: the other repeats, and may have heard wrong."""
        alone = (
            Told("", [one for one in self.groups if one.party is party]).digits for party in Party
        )
        return max(alone, key=len)

    @property
    def end_ms(self) -> int:
        """When its last digit was said."""
        return max(group.end_ms for group in self.groups)

    def is_over(self, heard_to_ms: float) -> bool:
        """Whether nothing that comes can belong to it, everything to this moment being heard."""
        count = sum(len(group.digits) for group in self.groups)
        words = BREAK if count > 2 else BREAK_FEW
        if heard_to_ms > self.end_ms + JOIN_MS or len(worth(self.after)) > words:
            return True
        return count >= MOST_DIGITS

    @property
    def kind(self) -> str:
        """CARD, ID or PHONE; "" where it is nothing that must be hidden."""
        label = self.label or _label(_CALLED_AFTER.match(self.after))
        told = self.digits
        if label == OTHER:
            return next(filter(None, map(_proved, [told, *_by_party(self.groups)])), "")
        if _harmless(told, label):
            return ""
        return _proved_id(told) or label or _likely(self.longest)


def told_in(segments: Sequence[Segment]) -> list[Told]:
    """Every number in these segments, in the order in which they were begun."""
    found: list[Told] = []
    between, asked_ms = "", 0
    for piece in sorted(_pieces(segments), key=lambda one: one.start_ms):
        if piece.stub is not None and found and _completes(found[-1], piece.stub, between):
            found[-1].groups.append(piece.stub)
            continue
        if piece.group is None:
            between, asked_ms = between + piece.text, piece.start_ms
            if found:
                found[-1].after += piece.text
            continue
        recent = between if piece.start_ms - asked_ms <= ASKED_MS else ""
        label = _last_label(recent[-ASKED_CHARS:])
        if not (found and _goes_on(found[-1], piece.group, label, between)):
            found.append(Told(label))
        found[-1].groups.append(piece.group)
        found[-1].after = between = ""
    return found


def same(one: str, other: str) -> bool:
    """Whether two numbers, each perhaps misheard, are one."""
    return one in other or other in one or any(one[i : i + 6] in other for i in range(len(one) - 5))


def is_id(digits: str) -> bool:
    """True for a Chinese ID card's number with its check digit (GB 11643-1999)."""
    if not _ID.fullmatch(digits):
        return False
    total = sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def is_card(digits: str) -> bool:
    """True for a bank card's number: a known beginning and the check digit of ISO/IEC 7812-1."""
    return bool(_CARD.fullmatch(digits)) and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others."""
    if not digits.isdigit():
        return False
    doubled = (int(d) * (1 + at % 2) for at, d in enumerate(reversed(digits)))
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """A group, or the words between two of them."""

    start_ms: int
    text: str
    group: Group | None = None
    stub: Group | None = None
    """A digit or two within `text`, which may complete a number."""


def _pieces(segments: Sequence[Segment]) -> Iterator[_Piece]:
    for number, segment in enumerate(segments):
        text, done, at_ms = segment.text, 0, segment.start_ms
        for group in groups(segment, number):
            yield _Piece(at_ms, text[done : group.first])
            yield _Piece(max(group.start_ms, at_ms), "", group)
            done, at_ms = group.stop, group.end_ms
        yield _Piece(at_ms, text[done:], stub=None if done else stub(segment, number))


def _completes(told: Told, rest: Group, between: str) -> bool:
    """Whether a digit or two belong to a number that was told, and lacks some."""
    late = rest.start_ms - told.end_ms > JOIN_MS or len(worth(between)) > BREAK_FEW
    whole = WHOLE.get(told.label, 11)
    return not late and told.label != OTHER and LEAST_NAMED <= len(told.digits) < whole


def _goes_on(told: Told, group: Group, label: str, between: str) -> bool:
    late = group.start_ms - told.end_ms > JOIN_MS or len(worth(between)) > BREAK
    if late or sum(len(one.digits) for one in told.groups) >= MOST_DIGITS:
        return False
    if _PUBLIC.fullmatch(group.digits) or _PUBLIC.fullmatch(told.digits):
        return False
    if not label:
        return True
    return label == told.label != OTHER and len(told.digits) < LEAST


def _label(match: re.Match[str] | None) -> str:
    return "" if match is None else match.lastgroup or ""


def _last_label(text: str) -> str:
    return _label(next(iter(list(_LABEL.finditer(text))[-1:]), None))


def _by_party(found: Iterable[Group]) -> Iterator[str]:
    """What each said for itself, and each group."""
    told = list(found)
    for party in Party:
        yield "".join(one.digits for one in told if one.party is party)
    yield from (one.digits for one in told)


def _proved(digits: str) -> str:
    """The kind of what can hardly be anything else."""
    if _MOBILE.fullmatch(digits):
        return PHONE
    return _proved_id(digits) or (CARD if is_card(digits) and len(digits) >= 16 else "")


def _proved_id(digits: str) -> str:
    return ID if any(is_id(digits[i : i + 18]) for i in range(len(digits) - 17)) else ""


def _harmless(digits: str, label: str) -> bool:
    """Too short, a hotline that everybody may know, somebody counting, or a day."""
    if len(digits) < (LEAST_NAMED if label else LEAST) or _PUBLIC.fullmatch(digits):
        return True
    return not label and (digits in _COUNTING or bool(_DAY.fullmatch(digits)))


def _likely(digits: str) -> str:
    """The kind by its length, where nobody says what it is."""
    if _MOBILE.match(digits) and len(digits) < LEAST_CARD:
        return PHONE
    if _ID_LIKE.fullmatch(digits):
        return ID
    return CARD if len(digits) >= LEAST_CARD else PHONE
