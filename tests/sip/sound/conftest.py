"""One leg, and the far end that speaks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from callcenter.sip.sound.rtp_leg import RtpLeg
from tests.sip.far import Far, new_leg


@pytest.fixture
def leg() -> Iterator[RtpLeg]:
    leg = new_leg()
    yield leg
    leg.close()
    leg.close()


@pytest.fixture
def far(leg: RtpLeg) -> Iterator[Far]:
    far = Far(leg)
    yield far
    far.socket.close()
