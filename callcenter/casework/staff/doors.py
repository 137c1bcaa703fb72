"""Logins: passwords, sessions, one-time links, tokens for programs (N2). Writes to the store.

Passwords are hashed with argon2id (RFC 9106); what is kept of cookies, links and tokens is their
SHA-256, which suffices because they are 256 random bits. Credentials are no facts of casework: they
go straight to the store, so that nothing of them is in the ledger; that somebody was let in by
whom is signed in the trail (signing.py).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from callcenter.casework.staff import accounts, second_factor
from callcenter.casework.staff.second_factor import Codes
from callcenter.casework.staff.signing import sign
from callcenter.casework.staff.strangers import LOCKED as LOCKED
from callcenter.casework.staff.strangers import TRIES as TRIES
from callcenter.casework.staff.strangers import Strangers
from callcenter.core.errors import CodeNeeded, NotLetIn, Refused
from callcenter.core.office import Seal
from callcenter.core.people import ADMIN, PAUSER, SCOPES, SYSTEM
from callcenter.core.visitor import Visitor
from callcenter.store.access_tables import ApiToken, Credential, Invitation, LoginSession
from callcenter.store.account_tables import Account
from callcenter.store.sql import Store

SHIFT = timedelta(hours=12)
"""So long a login lasts."""
INVITED = timedelta(hours=24)
"""So long a one-time link can be used."""
SHORTEST, LONGEST = 10, 200
"""Characters of a password."""
LONGEST_BROWSER = 200
"""Characters that are kept of what a browser says of itself."""
LONGEST_DAYS = 3660
"""Of a token."""
WRONG = "the name or the password is wrong"


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that is being followed; `person` is "" for the first to come in."""

    person: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session as its owner sees it: when, until when, in which browser, and whether in this."""

    opened_at: datetime
    until: datetime
    browser: str
    here: bool


@dataclass(frozen=True, slots=True)
class Factor:
    """Whether a login asks for a code, and how many recovery codes there are left."""

    on: bool
    codes_left: int


class Doors:
    """Who comes in, and as whom."""

    def __init__(self, store: Store, now: Callable[[], datetime], seal: Seal) -> None:
        self._store = store
        self._now = now
        self._codes = Codes(seal, now)
        self._hasher = PasswordHasher()
        self._strangers = Strangers()
        self._nobody = self._hasher.hash(secrets.token_hex())
        """What a name without a password is compared with, so that it takes as long."""

    def enter(self, person: str, password: str, code: str = "", browser: str = "") -> str:
        """The cookie of a new session. Raises CodeNeeded where the person has a second factor, and
        NotLetIn, which names no reason but a lock-out."""
        name = person.strip()
        self._prove(name, password, code)
        with self._store.session(write=True) as session:
            if _account(session, name) is None:
                raise NotLetIn(f"{name} has no open account; a manager opens one")
            return self._open(session, name, browser)

    def leave(self, cookie: str) -> None:
        """End the session; one that is over stays so."""
        with self._store.session(write=True) as session:
            session.execute(delete(LoginSession).where(LoginSession.secret == _hash(cookie)))

    def leave_others(self, person: str, cookie: str) -> None:
        """End every session of this person but the one with this cookie."""
        others = (LoginSession.person == person, LoginSession.secret != _hash(cookie))
        with self._store.session(write=True) as session:
            session.execute(delete(LoginSession).where(*others))

    def sessions(self, person: str, cookie: str) -> list[Opened]:
        """This person's sessions, the newest first."""
        mine = select(LoginSession).where(
            LoginSession.person == person, LoginSession.until > self._now()
        )
        with self._store.session() as session:
            rows = session.scalars(mine.order_by(LoginSession.opened_at.desc())).all()
            here = _hash(cookie)
            return [Opened(r.opened_at, r.until, r.browser, r.secret == here) for r in rows]

    def factor(self, person: str) -> Factor:
        """Whether this person's login asks for a code."""
        with self._store.session() as session:
            on, left = second_factor.is_on, second_factor.codes_left
            return Factor(on(session, person), left(session, person))

    def begin_factor(self, person: str, password: str) -> str:
        """A secret for the person's authenticator. Raises NotLetIn, Refused."""
        self._prove_password(person, password)
        with self._store.session(write=True) as session:
            return self._codes.begin(session, person)

    def confirm_factor(self, person: str, code: str) -> list[str]:
        """A first code: from now on one is asked for; the recovery codes. Raises Refused."""
        with self._store.session(write=True) as session:
            told = self._codes.confirm(session, person, code)
            sign(session, "factor_on", person, person, self._now())
            return told

    def drop_factor(self, person: str, password: str, code: str) -> None:
        """No code is asked for any more. Raises CodeNeeded, NotLetIn."""
        self._prove(person, password, code)
        with self._store.session(write=True) as session:
            second_factor.drop(session, person)
            sign(session, "factor_off", person, person, self._now())

    def seal_factors(self) -> list[str]:
        """Seal the secrets of second factors that an older callcenter, or key, left behind; whose
        cannot be opened. For start-up. Raises ConfigError where the key cannot be read."""
        with self._store.session(write=True) as session:
            return self._codes.seal_all(session)

    def of_cookie(self, cookie: str) -> Visitor | None:
        """Whose session it is; None where it is over, or their account is closed."""
        with self._store.session() as session:
            found = session.get(LoginSession, _hash(cookie))
            if found is None or found.until <= self._now():
                return None
            return visitor(session, found.person)

    def of_token(self, token: str) -> Visitor | None:
        """Which program's token it is; None where it is unknown or over."""
        with self._store.session() as session:
            found = session.get(ApiToken, _hash(token))
            if found is None or found.until <= self._now():
                return None
            return Visitor(found.name, frozenset(found.roles), for_others=found.for_others)

    def is_new(self) -> bool:
        """True where nobody has a password yet."""
        with self._store.session() as session:
            return not session.scalar(select(func.count()).select_from(Credential))

    def invite(self, person: str, by: str = SYSTEM) -> str:
        """What a one-time link holds, in place of any earlier one; `person` "" is the first one.

        Raises Refused where that person has no open account, or somebody is in already.
        """
        secret = secrets.token_urlsafe(32)
        with self._store.session(write=True) as session:
            if person and _account(session, person) is None:
                raise Refused(f"{person} has no open account; open one first")
            if not person and session.scalar(select(func.count()).select_from(Credential)):
                raise Refused("somebody is in already; they open accounts for others")
            session.execute(delete(Invitation).where(Invitation.person == person))
            session.add(
                Invitation(secret=_hash(secret), person=person, until=self._now() + INVITED)
            )
            sign(session, "invite", person, by, self._now())
        return secret

    def link(self, secret: str) -> Link:
        """Whose one-time link it is. Raises NotLetIn."""
        with self._store.session() as session:
            return Link(self._invitation(session, secret).person)

    def accept(self, secret: str, person: str, password: str, browser: str = "") -> str:
        """Use a link up: set the password; the cookie of a new session. Raises NotLetIn, Refused.

        `person` is the link's, or for the first to come in the one whose account was opened.
        Whoever gave the link has seen the person: a second factor that they had is gone.
        """
        check_password(password, person)
        kept = self._hasher.hash(password)
        with self._store.session(write=True) as session:
            found = self._invitation(session, secret)
            if found.person not in ("", person) or _account(session, person) is None:
                raise NotLetIn("this link is for somebody else")
            session.delete(found)
            second_factor.drop(session, person)
            self._keep(session, person, kept)
            sign(session, "set_password", person, person, self._now())
            return self._open(session, person, browser)

    def change(self, person: str, old: str, new: str, browser: str = "") -> str:
        """Another password: every session ends but a new one. Raises NotLetIn, Refused."""
        self._prove_password(person, old)
        check_password(new, person)
        kept = self._hasher.hash(new)
        with self._store.session(write=True) as session:
            self._keep(session, person, kept)
            sign(session, "change_password", person, person, self._now())
            return self._open(session, person, browser)

    def make_token(
        self,
        name: str,
        roles: Collection[str],
        days: int,
        made_by: str,
        for_others: bool = False,
    ) -> str:
        """A new token, told this once. Raises Refused."""
        _check_token(name, roles, days)
        secret = secrets.token_urlsafe(32)
        with self._store.session(write=True) as session:
            taken = select(ApiToken.name).where(ApiToken.name == name)
            if session.scalar(taken) or _account(session, name) is not None:
                raise Refused(f"the name {name} is taken; expected another")
            session.add(
                ApiToken(
                    secret=_hash(secret),
                    name=name,
                    roles=sorted(roles),
                    for_others=for_others or set(roles) == {PAUSER},
                    made_by=made_by,
                    made_at=self._now(),
                    until=self._now() + timedelta(days=days),
                )
            )
            why = ", ".join((*sorted(roles), *(["for others"] if for_others else [])))
            sign(session, "make_token", name, made_by, self._now(), why)
        return secret

    def take_token(self, name: str, by: str = SYSTEM) -> None:
        """End a token. Raises Refused where there is none of that name."""
        with self._store.session(write=True) as session:
            found = session.scalar(select(ApiToken).where(ApiToken.name == name))
            if found is None:
                raise Refused(f"no token is called {name}")
            session.delete(found)
            sign(session, "take_token", name, by, self._now())

    def _prove_password(self, person: str, password: str) -> None:
        """Raises NotLetIn, as soon for a name that is unknown as for one that is known."""
        with self._store.session() as session:
            found = session.get(Credential, person)
            self._check_not_locked(found.locked_until if found else self._strangers.until(person))
        right = self._is_right(found, password)
        if found is None:
            self._strangers.count(person, self._now())
        elif not right:
            self._count(person, right=False)
        if found is None or not right:
            raise NotLetIn(WRONG)

    def _prove(self, person: str, password: str, code: str) -> None:
        """The password, and the code where one is asked for. Raises CodeNeeded, NotLetIn.

        A right password forgives nothing while its code is missing. The code is looked at where
        tries are counted, in one transaction: no two guesses are counted as one.
        """
        self._prove_password(person, password)
        with self._store.session(write=True) as session:
            self._check_not_locked(session.get_one(Credential, person).locked_until)
            asked = second_factor.is_on(session, person)
            if asked and not code:
                raise CodeNeeded("expected the code that your authenticator shows")
            right = not asked or self._codes.fits(session, person, code)
            self._counted(session, person, right)
        if not right:
            raise CodeNeeded("the code is wrong, or was used already")

    def _is_right(self, found: Credential | None, password: str) -> bool:
        try:
            return self._hasher.verify(found.password if found else self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False

    def _check_not_locked(self, until: datetime | None) -> None:
        if until is not None and until > self._now():
            raise NotLetIn(
                f"too many wrong passwords; try again after {LOCKED.seconds // 60} minutes"
            )

    def _count(self, person: str, right: bool) -> None:
        with self._store.session(write=True) as session:
            self._counted(session, person, right)

    def _counted(self, session: Session, person: str, right: bool) -> None:
        """Keep how this try went; the last wrong one in a row locks."""
        found = session.get_one(Credential, person)
        failures = 0 if right else found.failures + 1
        locked = failures >= TRIES
        found.failures = 0 if locked else failures
        if not right:
            found.locked_until = self._now() + LOCKED if locked else found.locked_until

    def _open(self, session: Session, person: str, browser: str) -> str:
        now, secret = self._now(), secrets.token_urlsafe(32)
        session.execute(delete(LoginSession).where(LoginSession.until <= now))
        opened = LoginSession(secret=_hash(secret), person=person, opened_at=now, until=now + SHIFT)
        opened.browser = browser[:LONGEST_BROWSER]
        session.add(opened)
        return secret

    def _keep(self, session: Session, person: str, password: str) -> None:
        session.execute(delete(LoginSession).where(LoginSession.person == person))
        session.merge(
            Credential(
                person=person,
                password=password,
                changed_at=self._now(),
                failures=0,
                locked_until=None,
            )
        )

    def _invitation(self, session: Session, secret: str) -> Invitation:
        found = session.get(Invitation, _hash(secret))
        if found is None or found.until <= self._now():
            raise NotLetIn("this link was used already or is too old; ask for another")
        return found


def visitor(session: Session, person: str) -> Visitor | None:
    """This person with the roles of their open accounts; None where they have none."""
    found = session.scalars(
        select(Account).where(Account.person == person, Account.state == accounts.OPEN)
    ).all()
    if not found:
        return None
    roles = {role for account in found for role in account.roles}
    agent = next((account.agent for account in found if account.agent), "")
    lines = [frozenset(account.lines) for account in found]
    narrowed = frozenset().union(*lines) if all(lines) else frozenset()
    return Visitor(person, frozenset(roles), agent, lines=narrowed)


def tokens(session: Session) -> Sequence[ApiToken]:
    """Every token that is kept, by name."""
    return session.scalars(select(ApiToken).order_by(ApiToken.name)).all()


def _account(session: Session, person: str) -> str | None:
    """The number of this person's open account."""
    return session.scalar(
        select(Account.number)
        .where(Account.person == person, Account.state == accounts.OPEN)
        .limit(1)
    )


def check_password(password: str, person: str) -> None:
    """By length alone, as NIST SP 800-63B would have it. Raises Refused."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(f"a password has {SHORTEST} to {LONGEST} characters")
    if password.strip().casefold() == person.strip().casefold():
        raise Refused("the password is the name; expected another")


def _check_token(name: str, roles: Collection[str], days: int) -> None:
    if not name.strip() or name == SYSTEM:
        raise Refused("a token needs the name of its program")
    if not roles or set(roles) - set(SCOPES):
        raise Refused(f"a token needs some of the roles: {', '.join(SCOPES)}")
    if ADMIN in roles and days > 366:
        raise Refused("a token of an administrator lasts 366 days at most")
    if not 1 <= days <= LONGEST_DAYS:
        raise Refused(f"a token lasts 1 to {LONGEST_DAYS} days")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
