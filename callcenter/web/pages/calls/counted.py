"""What a list of calls is narrowed to, as people read it: the figure that led to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

from callcenter.web.api.calls import CountedCalls
from callcenter.web.pages.calls.facts import person
from callcenter.web.pages.language import say
from callcenter.web.pages.render import masked
from callcenter.web.pages.words import category, word

Span = tuple[datetime | None, datetime | None]


def tags(counted: CountedCalls, span: Span, zone: tzinfo | None) -> list[str]:
    """A word for each thing that is asked for; empty for every call."""
    return [*_time(counted, span, zone), *_facts(counted), *_words(counted)]


def of_agent(people: Mapping[str, str], agent: str) -> list[str]:
    """Whose calls they are."""
    return [person(people, agent)] if agent else []


def _time(counted: CountedCalls, span: Span, zone: tzinfo | None) -> Iterator[str]:
    since, until = span
    if since and until:
        first = since.astimezone(zone)
        last = (until - timedelta(seconds=1)).astimezone(zone)
        if last - first < timedelta(hours=23):
            yield f"{first:%Y-%m-%d %H:%M} – {last + timedelta(seconds=1):%H:%M}"
        else:
            days = [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"]
            yield " – ".join(dict.fromkeys(days))
    if counted.weekday is not None:
        yield word("weekday", str(counted.weekday))
    if counted.hour is not None:
        yield say("{hour} 时", hour=counted.hour)


def _facts(counted: CountedCalls) -> Iterator[str]:
    told: list[tuple[bool | None, str, str]] = [
        (counted.nuisance, say("骚扰与拦截"), say("非骚扰")),
        (counted.blocked, say("黑名单拦下"), say("未拦截")),
        (counted.taken, say("座席接起"), say("未接起")),
        (counted.withheld, say("号码隐藏"), say("有号码")),
        (counted.overruled, say("改判"), say("未改判")),
        (counted.exposed or None, say("座席受扰"), ""),
    ]
    for fact, yes, no in told:
        if fact is not None:
            yield yes if fact else no


def _words(counted: CountedCalls) -> Iterator[str]:
    if counted.direction:
        yield word("direction", counted.direction)
    if counted.disposition:
        yield word("disposition", counted.disposition)
    if counted.category:
        yield category(counted.category)
    if counted.source:
        yield masked(counted.source)
    if counted.rung:
        yield word("report_rung", counted.rung)
    if counted.after:
        yield word("report_after", counted.after)
