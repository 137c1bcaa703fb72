"""The second factor of a login: codes of an authenticator (TOTP, RFC 6238), and recovery codes.

The only file that imports pyotp and segno. Reads and writes through the session given; a code lets
in once (RFC 6238, section 5.2), and one of the half minute before or after is taken, too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import segno
from sqlalchemy import select
from sqlalchemy.orm import Session

from callcenter.core.errors import Refused, SealBroken
from callcenter.core.office import Seal
from callcenter.store.access_tables import SecondFactor

STEP_SECONDS = 30
AROUND = 1
"""Steps before and after the present one whose codes are taken: clocks differ."""
UNCONFIRMED = timedelta(minutes=30)
"""So long a secret that was shown waits for its first code."""
RECOVERY_CODES = 8
RECOVERY_BYTES = 5
ISSUER = "callcenter"
SEALED = "sealed:"
"""Before the base64 of a secret that is closed with the house's key."""


def is_on(session: Session, person: str) -> bool:
    """Whether this person's login asks for a code."""
    found = session.get(SecondFactor, person)
    return found is not None and found.confirmed_at is not None


def codes_left(session: Session, person: str) -> int:
    """Recovery codes that were not used yet."""
    found = session.get(SecondFactor, person)
    return len(found.recovery) if found is not None and found.confirmed_at else 0


class Codes:
    """Compares codes with the secrets, which are sealed in the store.

    A secret that cannot be opened (the house's key is missing) fits no code; recovery codes still
    do, and another one-time link takes the second factor away.
    """

    def __init__(self, seal: Seal, now: Callable[[], datetime]) -> None:
        self._seal, self._now = seal, now

    def begin(self, session: Session, person: str) -> str:
        """A new secret for the authenticator, in force when a first code has come back from it.

        Raises Refused where one is in force already.
        """
        if is_on(session, person):
            raise Refused("the second factor is on already; switch it off first")
        secret = pyotp.random_base32()
        kept = {"secret": self._closed(secret, person), "made_at": self._now()}
        session.merge(
            SecondFactor(person=person, confirmed_at=None, last_step=0, recovery=[], **kept)
        )
        return secret

    def confirm(self, session: Session, person: str, code: str) -> list[str]:
        """From now on a code is asked for; the recovery codes, told this once. Raises Refused."""
        found, at = session.get(SecondFactor, person), self._now()
        if found is None or found.confirmed_at is not None or at - found.made_at > UNCONFIRMED:
            raise Refused("begin anew: there is no secret that waits for its first code")
        step = self._step_of(found, code)
        if not step:
            raise Refused("code: not the one that the authenticator shows now")
        told = [_readable(secrets.token_hex(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
        found.confirmed_at, found.last_step = at, step
        found.recovery = [_hash(one) for one in told]
        return told

    def fits(self, session: Session, person: str, code: str) -> bool:
        """Whether this code lets the person in now, which uses it up; in a writing session."""
        found = session.get_one(SecondFactor, person)
        if step := self._step_of(found, code):
            found.last_step = step
            return True
        hashed = _hash(code)
        if hashed not in found.recovery:
            return False
        found.recovery = [one for one in found.recovery if one != hashed]
        return True

    def seal_all(self, session: Session) -> list[str]:
        """Seal what an earlier callcenter kept in plain, or sealed with an older key; in a writing
        session. Returns whose secrets cannot be opened."""
        lost = []
        for found in session.scalars(select(SecondFactor)):
            secret = self._opened(found)
            if not secret:
                lost.append(found.person)
            elif not self._is_newest(found.secret):
                found.secret = self._closed(secret, found.person)
        return lost

    def _closed(self, secret: str, person: str) -> str:
        sealed = self._seal.seal(secret.encode(), _about(person))
        return SEALED + base64.b64encode(sealed).decode()

    def _opened(self, found: SecondFactor) -> str:
        """The secret in plain; "" where it cannot be opened."""
        if not found.secret.startswith(SEALED):
            return found.secret
        try:
            return self._seal.open(_bytes(found.secret), _about(found.person)).decode()
        except SealBroken:
            return ""

    def _is_newest(self, kept: str) -> bool:
        return kept.startswith(SEALED) and self._seal.is_newest(_bytes(kept))

    def _step_of(self, found: SecondFactor, code: str) -> int:
        """The step whose code this is, later than the last one used; 0 where it is none."""
        if not (secret := self._opened(found)):
            return 0
        now, given = int(self._now().timestamp()) // STEP_SECONDS, "".join(code.split()).encode()
        totp = pyotp.TOTP(secret)
        steps = range(now - AROUND, now + AROUND + 1)
        told = {step: totp.generate_otp(step).encode() for step in steps}
        right = [step for step in steps if hmac.compare_digest(told[step], given)]
        return max((step for step in right if step > found.last_step), default=0)


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


def _about(person: str) -> str:
    return f"second factor of {person}"


def _bytes(kept: str) -> bytes:
    """What is sealed; nothing where it is no base64, which no seal opens."""
    try:
        return base64.b64decode(kept.removeprefix(SEALED), validate=True)
    except ValueError:
        return b""


def _readable(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"


def _hash(code: str) -> str:
    """As read from paper: spaces, dashes and capitals do not count."""
    plain = "".join(char for char in code.casefold() if char.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
