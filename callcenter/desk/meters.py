"""What the service counts, in Prometheus' text form. Touches nothing; numbers only, no words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from callcenter.core import events
from callcenter.core.records import BANNED, LineState, LiveCall

PASSED_OVER = ("limited", "turned_away", "scanners", "shut_out", "ignored")
"""Why messages were not looked at: fields of LineState."""


class _Lines(Collector):
    """Each line by its name: whether it is registered, and what it passed over."""

    def __init__(self, lines: Callable[[], Sequence[LineState]]) -> None:
        self._lines = lines

    def collect(self) -> Iterator[Metric]:
        """Asked at every scrape."""
        registered = GaugeMetricFamily(
            "callcenter_line_registered",
            "1 where the line is registered, 0 where it should be; absent where it need not be",
            labels=["line"],
        )
        passed_over = CounterMetricFamily(
            "callcenter_line_passed_over",
            "Messages on the line's SIP port that were not looked at",
            labels=["line", "reason"],
        )
        wrong_logins = CounterMetricFamily(
            "callcenter_line_wrong_logins", "Calls with a wrong password", labels=["line"]
        )
        for line in self._lines():
            if line.registered is not None:
                registered.add_metric([line.name], line.registered)
            for reason in PASSED_OVER:
                passed_over.add_metric([line.name, reason], getattr(line, reason))
            wrong_logins.add_metric([line.name], line.wrong_logins)
        yield registered
        yield passed_over
        yield wrong_logins


class Meters:
    """Fed every event; `text` is what a scraper reads."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = self._counter("calls", "Calls that ended", "result", "disposition")
        self._hits = self._counter("hits", "Patterns found in callers' words", "category")
        self._terminations = self._counter("terminations", "Terminations confirmed", "prompt")
        self._prompt_file_ms = self._counter("prompt_file_ms", "Length of prompts played", "prompt")
        self._prompt_sent_ms = self._counter("prompt_sent_ms", "What of them was sent", "prompt")
        self._dials_refused = self._counter("dials_refused", "Calls out not allowed", "rule")
        self._gap_ms = self._counter("gap_ms", "Sound not listened to live", "reason")

    def watch(
        self,
        live: Callable[[], Sequence[LiveCall]],
        lines: Callable[[], Sequence[LineState]],
        ledger_waiting: Callable[[], int],
    ) -> None:
        """Read these at every scrape."""
        self._gauge("live_calls", "Calls that ring or run", lambda: len(live()))
        self._gauge(
            "hearing_lag_ms",
            "How far listening is behind talking, in the call where it is most",
            lambda: max((call.lag_ms for call in live()), default=0),
        )
        self._gauge("ledger_waiting", "Events not yet written", ledger_waiting)
        self._gauge(
            "lines_unregistered",
            "Lines that should be registered and are not",
            lambda: sum(line.registered is False for line in lines()),
        )
        self._registry.register(_Lines(lines))

    def add(self, collector: Collector) -> None:
        """Ask this at every scrape, too."""
        self._registry.register(collector)

    def take(self, event: events.Event) -> None:
        """Count what an event tells."""
        match event:
            case events.CallEnded():
                self._calls.labels(event.call_result, event.disposition).inc()
            case events.HitFound() if event.hit.category != BANNED:
                self._hits.labels(event.hit.category).inc()
            case events.TerminationConfirmed():
                self._terminations.labels(event.prompt).inc()
            case events.PromptEnded():
                self._prompt_file_ms.labels(event.name).inc(event.file_ms)
                self._prompt_sent_ms.labels(event.name).inc(event.sent_ms)
            case events.DialRefused():
                self._dials_refused.labels(event.rule).inc()
            case events.GapLeft():
                self._gap_ms.labels(event.gap.reason).inc(event.gap.end_ms - event.gap.start_ms)

    def text(self) -> bytes:
        """Prometheus' exposition format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"callcenter_{name}", what, labels, registry=self._registry)

    def _gauge(self, name: str, what: str, read: Callable[[], float]) -> None:
        Gauge(f"callcenter_{name}", what, registry=self._registry).set_function(read)
