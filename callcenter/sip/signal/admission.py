"""Whether who calls may call us: they log in where they must, and reach nobody through us. Pure."""

from __future__ import annotations

from callcenter.sip.signal.call_book import CallBook
from callcenter.sip.signal.doorkeeper import Doorkeeper, source_of
from callcenter.sip.signal.headers import Uri, numeric_host
from callcenter.sip.signal.hops import Hop
from callcenter.sip.signal.login import Login, Outcome
from callcenter.sip.signal.message import Header, Request
from callcenter.sip.signal.refusals import Refusal
from callcenter.sip.signal.replaces import Replaces
from callcenter.sip.signal.settings import Settings


class Entrance:
    """Lets those through who log in, or need not; tells the doorkeeper who guesses."""

    def __init__(self, login: Login, doorkeeper: Doorkeeper, *, strangers: bool) -> None:
        """`strangers`: only they must; else everybody, but for our registrar, who cannot."""
        self._login = login
        self._doorkeeper = doorkeeper
        self._strangers = strangers

    def must_log_in(self, host: str) -> bool:
        """Whether calls from this host need credentials."""
        if self._doorkeeper.is_registrar(host):
            return False
        return not self._strangers or self._doorkeeper.is_stranger(host)

    def ask(self, request: Request, host: str, now: float) -> tuple[Header, ...] | None:
        """The challenge that the sender has to meet; None where they have."""
        outcome = self._login.weigh(request, host, now)
        if outcome is Outcome.RIGHT:
            self._doorkeeper.logged_in(host)
            return None
        if outcome is Outcome.WRONG:
            self._doorkeeper.login_failed(host, now)
        return self._login.challenges(host, now, stale=outcome is Outcome.STALE)


class Admission:
    """Turns away who may not call us, before anything is kept of the call."""

    def __init__(self, settings: Settings, calls: CallBook) -> None:
        self._settings = settings
        self._calls = calls

    def refusal(
        self, invite: Request, replaces: Replaces | None, source: Hop, now: float
    ) -> Refusal | None:
        """What to refuse it with, if anything. Raises BadHeader."""
        host, entrance = source[0], self._settings.entrance
        if entrance is None or not entrance.must_log_in(host):
            return self._by_place(invite, replaces, source)
        asked = entrance.ask(invite, host, now)
        if asked is not None:
            return 401, asked
        return None

    def _by_place(self, invite: Request, replaces: Replaces | None, source: Hop) -> Refusal | None:
        """Of those who did not log in: strangers reach us alone, and nobody through us."""
        if self._settings.is_stranger(source[0]):
            if not self._is_for_us(invite):
                return 404, ()
            if replaces and not self._is_of(replaces, source):
                return 403, ()
        return None

    def _is_for_us(self, invite: Request) -> bool:
        """False where the address is surely another one (§8.2.2.1): names may be ours, and so may
        the address of a proxy, which has put its Via before the caller's."""
        ours, asked = self._settings.hosts, numeric_host(Uri.parse(invite.uri).host)
        return not ours or asked is None or asked in ours or len(invite.vias) > 1

    def _is_of(self, replaces: Replaces, source: Hop) -> bool:
        """Whether the call that is to be replaced is with this very host (RFC 3891 §7), or there
        is none."""
        call = self._calls.in_dialog((replaces.call_id, replaces.to_tag))
        if call is None or call.dialog is None:
            return True
        return source_of(call.dialog.peer[0]) == source_of(source[0])
