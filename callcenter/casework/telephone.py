"""What kind of number a telephone number is, through phonenumbers (Google's libphonenumber). Pure.

Numbers without a country's prefix are Chinese. `number` agrees with core.numbers.plain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from callcenter.core.errors import Refused
from callcenter.core.numbers import is_withheld, plain

REGION = "CN"
LONGEST = 40
"""Characters."""
_DIGITS = re.compile(r"\+?[0-9]{3,20}")
_EXTENSION = re.compile(r"(.+?)\s*(?:转|轉|分机|分機|ext\.?|x|#)\s*([0-9]{1,8})", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.TOLL_FREE: "service",
    PhoneNumberType.SHARED_COST: "service",
    PhoneNumberType.PREMIUM_RATE: "service",
}


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone number as a file keeps it."""

    number: str
    """In its plain form: as it is compared with who rings."""
    e164: str
    """+86…; "" for a number that has none: an inner one, a short one."""
    kind: str
    """mobile, landline, service (400, 800), or other."""
    extension: str = ""


def read(written: str) -> Telephone:
    """A number however people write it. Raises Refused for what is none, or is withheld."""
    main, extension = written.strip(), ""
    if found := _EXTENSION.fullmatch(main[:LONGEST]):
        main, extension = found.groups()
    if is_withheld(main):
        raise Refused("a withheld number belongs in no file; expected a telephone number")
    number = plain(main)
    if len(written.strip()) > LONGEST or not _DIGITS.fullmatch(number):
        raise Refused("this is no telephone number; expected 3 to 20 digits")
    if _MOBILE.fullmatch(number):
        kind = _mobile(number[:7])
        return Telephone(number, f"+86{number}" if kind else "", kind or "other", extension)
    parsed = _parsed(number)
    if parsed is None:
        return Telephone(number, "", "other", extension)
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    kind = _KINDS.get(phonenumbers.number_type(parsed), "other")
    return Telephone(plain(e164), e164, kind, extension)


@lru_cache(maxsize=10_000)
def _mobile(prefix: str) -> str:
    """What kind Chinese mobile numbers are that begin so, "" where there are none: what the last
    four digits are makes no difference, and a table of customers has many alike."""
    parsed = _parsed(prefix + "0000")
    return "" if parsed is None else _KINDS.get(phonenumbers.number_type(parsed), "other")


def _parsed(number: str) -> PhoneNumber | None:
    """None where the world has no such number."""
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None
