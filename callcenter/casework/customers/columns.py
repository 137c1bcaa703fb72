"""What the columns of a table of customers are called, and how their cells are read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from callcenter.casework.customers.fields import KEY, ORDINARY, POTENTIAL
from callcenter.core.errors import Refused

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("客户名称", "客户姓名", "名称", "姓名", "客戶名稱", "name", "customer"),
    "contact": ("联系人", "联系人姓名", "聯系人", "聯系人姓名", "聯絡人", "contact"),
    "numbers": (
        *("联系方式", "电话", "联系电话", "电话号码", "手机", "手机号", "手机号码", "座机"),
        *("固定电话", "聯系方式", "電話", "phone", "mobile", "telephone", "number"),
    ),
    "address": ("公司地址", "地址", "联系地址", "address"),
    "business_scope": ("经营范围", "經營范圍", "經營範圍", "business scope"),
    "email": ("电子邮箱", "邮箱", "电子邮件", "邮件", "電子郵件", "email", "e-mail", "mail"),
    "remarks": ("备注", "備註", "備注", "remarks", "note"),
    "customer_class": ("客户类别", "类别", "客户分类", "客戶類別", "class"),
    "member": ("会员", "是否会员", "會員", "member"),
    "purchases": ("购买次数", "購買次數", "purchases"),
    "amount_fen": ("购买金额", "購買金額", "amount"),
    "potential_fen": ("潜在价值", "潛在價值", "potential"),
    "last_purchase_at": ("最近购买", "最近購買", "last purchase"),
}
"""By field; the first is what an export writes. Several columns may hold numbers."""
SHOWN = {"number": "编号", "agent": "负责专员", "opened_at": "建档时间"}
"""What an export shows besides; an import passes these columns over."""
SEPARATOR = "；"
"""Between numbers."""
CLASS_WORDS = {KEY: "重点客户", ORDINARY: "一般客户", POTENTIAL: "潜在客户"}
YES, NO = ("是", "yes", "y", "true", "1", "√"), ("否", "no", "n", "false", "0", "")
_CLASSES = {
    **dict.fromkeys(("重点客户", "重点", "重點", "重點客戶", KEY), KEY),
    **dict.fromkeys(("一般客户", "一般", "普通", "普通客户", "一般客戶", ORDINARY), ORDINARY),
    **dict.fromkeys(("潜在客户", "潜在", "潛在", "潛在客戶", POTENTIAL), POTENTIAL),
}
_BETWEEN = re.compile(r"[,;/|、，；\n]+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: (\d{1,2}):(\d{2})(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which field each column is, "" for those that are passed over; and what nobody knows."""

    fields: tuple[str, ...]
    unknown: tuple[str, ...]


def columns(headings: Sequence[str]) -> Columns:
    """What the columns are. Raises Refused where there is no name, or a field stands twice."""
    fields: list[str] = []
    unknown: list[str] = []
    for heading in headings:
        bare = re.sub(r"[（(\[].*", "", heading).strip().casefold()
        field = _FIELDS.get(bare, "")
        if bare and not field and bare not in SHOWN.values():
            unknown.append(heading[:40])
        if field not in ("", "numbers") and field in fields:
            raise Refused(f"two columns are {HEADINGS[field][0]}: {heading[:40]} is one of them")
        fields.append(field)
    if "name" not in fields:
        wanted = " ".join(names[0] for names in HEADINGS.values())
        found = " ".join(heading[:40] for heading in headings[:20])
        raise Refused(f"no column 客户名称 (name); expected of: {wanted}; found: {found}")
    return Columns(tuple(fields), tuple(unknown))


def fields_of(cells: Sequence[str], found: Columns, zone: tzinfo | None = None) -> dict[str, Any]:
    """What a row says, empty cells left out; moments are in `zone`. Raises Refused."""
    given: dict[str, Any] = {}
    for field, cell in zip(found.fields, cells, strict=False):
        if not field or not cell:
            continue
        if field == "numbers":
            many = given.setdefault("numbers", [])
            many += [one for one in _BETWEEN.split(cell) if one.strip()]
        elif field == "last_purchase_at":
            given[field] = _moment(cell, zone)
        else:
            given[field] = _READ.get(field, str)(cell)
    return given


def _class(cell: str) -> str:
    if cell.casefold() not in _CLASSES:
        raise Refused(f"the class is {cell[:40]!r}; expected {' '.join(CLASS_WORDS.values())}")
    return _CLASSES[cell.casefold()]


def _yes(cell: str) -> bool:
    if cell.casefold() not in (*YES, *NO):
        raise Refused(f"member is {cell[:40]!r}; expected 是 or 否")
    return cell.casefold() in YES


def _whole(cell: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", cell):
        raise Refused(f"the number of purchases is {cell[:40]!r}; expected a whole number")
    return int(cell)


def _fen(cell: str) -> int:
    """An amount in yuan."""
    bare = re.sub(r"[,，￥¥元\s]", "", cell)
    try:
        amount = Decimal(bare) * 100 if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", bare) else None
    except InvalidOperation:
        amount = None
    if amount is None:
        raise Refused(f"an amount is {cell[:40]!r}; expected yuan such as 1234.50")
    return int(amount.to_integral_value())


def _moment(cell: str, zone: tzinfo | None) -> datetime:
    found = _DAY.fullmatch(cell)
    try:
        if found is None:
            raise ValueError
        year, month, day, hour, minute = (int(part or 0) for part in found.groups())
        if not 1970 <= year < 9999:
            raise ValueError
        wall = datetime.combine(datetime(year, month, day), time(hour, minute))  # noqa: DTZ001
        return wall.astimezone() if zone is None else wall.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise Refused(
            f"the last purchase is {cell[:40]!r}; expected a day such as 2026-11-22"
        ) from None


_FIELDS = {name.casefold(): field for field, names in HEADINGS.items() for name in names}
_READ: Mapping[str, Callable[[str], Any]] = {
    "customer_class": _class,
    "member": _yes,
    "purchases": _whole,
    "amount_fen": _fen,
    "potential_fen": _fen,
}
