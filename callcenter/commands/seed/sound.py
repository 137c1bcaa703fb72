"""Sound for a handful of calls, from the demo's rendered voices; the others have no recording."""

from __future__ import annotations

import hashlib
from pathlib import Path

from callcenter.audio.wav import read_wav, write_wav
from callcenter.commands.seed import calls
from callcenter.commands.seed.company import Company
from callcenter.core import events as ev
from callcenter.core.records import SAMPLE_RATE, Party, RecordingInfo, Segment, Word
from callcenter.demo.scenarios import Scenario, Spoken, scenarios

PAUSE_MS = 900


def with_sound(company: Company, recordings: Path) -> int:
    """The demo's scenes as calls of the last day, with sound; how many."""
    made = 0
    for scenario in scenarios():
        if scenario.caller and scenario.agent:
            _scene(company, scenario, recordings)
            made += 1
    return made


def _scene(company: Company, scenario: Scenario, recordings: Path) -> None:
    agent = company.agents[0]
    rung = calls.ring(company, company.rng.choice(company.customers).phone, agent)
    said, left, right = _spoken(scenario)
    heard = calls.hear(company, rung, said)
    if scenario.expect.disposition == "harassment":
        over = calls.terminate(company, heard, agent, "line_fault", heard.hits[-1].category)
        right += company.scripts.prompt("line_fault").pcm
    else:
        over = calls.end(company, heard)
    length = round((over - rung.at).total_seconds() * SAMPLE_RATE) * 2
    path = f"{rung.at:%Y/%m/%d}/{rung.call_id}.wav"
    file = recordings / path
    file.parent.mkdir(parents=True, exist_ok=True)
    write_wav(file, *(side[:length].ljust(length, b"\0") for side in (left, right)))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    info = RecordingInfo(path, read_wav(file).seconds, digest)
    company.write(ev.RecordingClosed(rung.call_id, over, info))
    company.now = over


def _spoken(scenario: Scenario) -> tuple[list[Segment], bytes, bytes]:
    """Who says what when; the caller's side and the agent's, as long as each other."""
    said: list[Segment] = []
    sides = {Party.CALLER: b"", Party.AGENT: b""}
    at = calls.OPENING_MS
    for party, line in _in_turn(scenario):
        end = at + len(line.pcm) * 1000 // 2 // SAMPLE_RATE
        said.append(Segment(party, at, end, line.text, _words(line, at, end)))
        sides[party] = sides[party].ljust(at * SAMPLE_RATE // 1000 * 2, b"\0") + line.pcm
        at = end + PAUSE_MS
    length = at * SAMPLE_RATE // 1000 * 2
    return said, sides[Party.CALLER].ljust(length, b"\0"), sides[Party.AGENT].ljust(length, b"\0")


def _in_turn(scenario: Scenario) -> list[tuple[Party, Spoken]]:
    both: list[tuple[Party, Spoken]] = []
    for n in range(max(len(scenario.agent), len(scenario.caller))):
        both += [(Party.AGENT, one) for one in scenario.agent[n : n + 1]]
        both += [(Party.CALLER, one) for one in scenario.caller[n : n + 1]]
    return both


def _words(line: Spoken, start: int, end: int) -> tuple[Word, ...]:
    """Each character its share of the time."""
    spoken = [sign for sign in line.text if sign.isalnum()]
    each = (end - start) / max(1, len(spoken))
    return tuple(
        Word(sign, round(start + each * n), round(start + each * (n + 1)), 0.93)
        for n, sign in enumerate(spoken)
    )
