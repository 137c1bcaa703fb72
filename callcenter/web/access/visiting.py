"""Who asks, for as long as the request lasts. Touches nothing."""

from __future__ import annotations

from contextvars import ContextVar

from callcenter.core.visitor import ANYBODY, Visitor

ASKING: ContextVar[Visitor] = ContextVar("asking", default=ANYBODY)
"""Set by the gate for each request."""
