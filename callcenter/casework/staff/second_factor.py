"""The second factor of a login: codes of an authenticator (TOTP, RFC 6238), and recovery codes.

The only file that imports pyotp and segno. Reads and writes through the session given; a code lets
in once (RFC 6238, section 5.2), and one of the half minute before or after is taken, too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
import segno
from sqlalchemy.orm import Session

from callcenter.core.errors import Refused
from callcenter.store.access_tables import SecondFactor

STEP_SECONDS = 30
AROUND = 1
"""Steps before and after the present one whose codes are taken: clocks differ."""
UNCONFIRMED = timedelta(minutes=30)
"""So long a secret that was shown waits for its first code."""
RECOVERY_CODES = 8
RECOVERY_BYTES = 5
ISSUER = "callcenter"


def is_on(session: Session, person: str) -> bool:
    """Whether this person's login asks for a code."""
    found = session.get(SecondFactor, person)
    return found is not None and found.confirmed_at is not None


def codes_left(session: Session, person: str) -> int:
    """Recovery codes that were not used yet."""
    found = session.get(SecondFactor, person)
    return len(found.recovery) if found is not None and found.confirmed_at else 0


def begin(session: Session, person: str, at: datetime) -> str:
    """A new secret for the authenticator, in force when a first code has come back from it.

    Raises Refused where one is in force already.
    """
    if is_on(session, person):
        raise Refused("the second factor is on already; switch it off first")
    secret = pyotp.random_base32()
    session.merge(
        SecondFactor(
            person=person, secret=secret, made_at=at, confirmed_at=None, last_step=0, recovery=[]
        )
    )
    return secret


def confirm(session: Session, person: str, code: str, at: datetime) -> list[str]:
    """From now on a code is asked for; the recovery codes, told this once. Raises Refused."""
    found = session.get(SecondFactor, person)
    if found is None or found.confirmed_at is not None or at - found.made_at > UNCONFIRMED:
        raise Refused("begin anew: there is no secret that waits for its first code")
    step = _step_of(found, code, at)
    if not step:
        raise Refused("code: not the one that the authenticator shows now")
    told = [_readable(secrets.token_hex(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    found.confirmed_at, found.last_step = at, step
    found.recovery = [_hash(one) for one in told]
    return told


def fits(session: Session, person: str, code: str, at: datetime) -> bool:
    """Whether this code lets the person in now, which uses it up; in a writing session."""
    found = session.get_one(SecondFactor, person)
    if step := _step_of(found, code, at):
        found.last_step = step
        return True
    hashed = _hash(code)
    if hashed not in found.recovery:
        return False
    found.recovery = [one for one in found.recovery if one != hashed]
    return True


def drop(session: Session, person: str) -> None:
    """No code is asked for any more."""
    if (found := session.get(SecondFactor, person)) is not None:
        session.delete(found)


def address(person: str, secret: str, house: str = "") -> str:
    """What an authenticator reads: an otpauth address, under the house's name where it has one."""
    return pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=house or ISSUER)


def squares(text: str) -> list[str]:
    """A text as a QR code (ISO 18004): a row a string, "1" a dark square; without the margin."""
    return ["".join("1" if dark else "0" for dark in row) for row in segno.make_qr(text).matrix]


def _step_of(found: SecondFactor, code: str, at: datetime) -> int:
    """The step whose code this is, later than the last one used; 0 where it is none."""
    now, given = int(at.timestamp()) // STEP_SECONDS, "".join(code.split()).encode()
    totp = pyotp.TOTP(found.secret)
    steps = range(now - AROUND, now + AROUND + 1)
    right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), given)]
    return max((step for step in right if step > found.last_step), default=0)


def _readable(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"


def _hash(code: str) -> str:
    """As read from paper: spaces, dashes and capitals do not count."""
    plain = "".join(char for char in code.casefold() if char.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
