"""A second telephone line, by pyVoIP: its signalling over our transactions, and our sound.

For calls that come in, from a PBX or directly: it can neither dial, hold nor transfer. pyVoIP is
under the GNU General Public License, version 3, and comes with the extra `callcenter[pyvoip]`.
Touches asyncio.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from callcenter.core.errors import MissingPiece, NotNow
from callcenter.sip.line.line_calls import Changes, DialledCall, NoChanges
from callcenter.sip.line.sip_line import SipLine, new_token
from callcenter.sip.signal.settings import Settings

if TYPE_CHECKING:
    from callcenter.sip.line.pyvoip_agent import PyVoipAgent

_MISSING = "a line with engine = \"pyvoip\" needs pyVoIP (GPLv3): pip install 'callcenter[pyvoip]'"


class PyVoipLine(SipLine):
    """The Line of core.ports whose calls pyVoIP keeps; built as a SipLine is."""

    can = frozenset()

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Raises MissingPiece where pyVoIP is not installed, and as SipLine."""
        self._new = agent()
        self._by_pyvoip: PyVoipAgent | None = None
        super().__init__(*args, **settings)

    async def dial(self, to: str | tuple[str, int, str], from_number: str) -> DialledCall:
        """Raises NotNow: pyVoIP waits for the answer to an INVITE and hears nothing meanwhile."""
        raise NotNow(
            f'line {self.name} only takes calls (engine = "pyvoip"); '
            'dial by a line with engine = "own"'
        )

    async def close(self) -> None:
        """Hang up, unregister, wait a moment for the confirmations, end the thread."""
        await super().close()
        if self._by_pyvoip is not None:
            self._by_pyvoip.close()
            self._by_pyvoip = None

    def _new_agent(self, settings: Settings) -> PyVoipAgent:
        self._by_pyvoip = self._new(settings, new_token, self._registrar, self._pump)
        return self._by_pyvoip

    def _changes(self, call_id: str) -> Changes:
        return NoChanges()


def agent() -> type[PyVoipAgent]:
    """The user agent over pyVoIP, imported when it is wanted. Raises MissingPiece."""
    try:
        with warnings.catch_warnings():
            # pyVoIP imports audioop, which leaves the standard library; its sound is not used.
            warnings.simplefilter("ignore", DeprecationWarning)
            from callcenter.sip.line.pyvoip_agent import PyVoipAgent
    except ImportError as error:
        raise MissingPiece(f"{_MISSING} ({error})") from None
    return PyVoipAgent
