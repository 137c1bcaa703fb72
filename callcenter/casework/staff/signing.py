"""What people decide about logins stands in the trail; credentials never do. Uses the session."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from callcenter.core.events import Accessed
from callcenter.store import trail

KIND = "login"


def sign(session: Session, action: str, whose: str, by: str, at: datetime, why: str = "") -> None:
    """Put it at the end of the chain, in the transaction in which it is done."""
    event = Accessed("", at, by, action, KIND, whose, why)
    trail.sign(session, event, KIND, whose, action, by)
