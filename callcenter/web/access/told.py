"""How the API tells: JSON, in which whoever asks sees whole only the numbers that are theirs."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

from callcenter.web.access.masking import masked
from callcenter.web.access.visiting import ASKING


class Told(JSONResponse):
    """The answer of every route that does not say otherwise."""

    def render(self, content: Any) -> bytes:
        """As who asks may read it."""
        return super().render(masked(content, ASKING.get()))
