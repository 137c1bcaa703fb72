"""The demo's summary: what stands in the store about each call, and whether it went as it should.

Reads the store; the names in the JSON are a contract.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callcenter.core.records import Party
from callcenter.demo.measure import character_error_rate, prompt_heard_ms
from callcenter.demo.scenarios import Scenario
from callcenter.scripts.book import PROMPTS, read_prompts
from callcenter.store.tables import Base, Call

MOST_CER = 0.05


def call_summary(
    call: Call, scenario: Scenario, spoken: str, heard: bytes, recordings: Path
) -> dict[str, Any]:
    """One call: `heard` is what the caller's side recorded, 8 kHz mono 16-bit."""
    files = read_prompts(PROMPTS)
    by_caller = "".join(s.text for s in call.segments if s.party == Party.CALLER.value)
    return {
        "call_id": call.call_id,
        "scenario": scenario.name,
        "caller_number": call.caller_number,
        "transcript": [_picked(s, "party", "start_ms", "end_ms", "text") for s in call.segments],
        "spoken": spoken,
        "cer": round(character_error_rate(spoken, by_caller), 4),
        "hits": [_picked(h, "rule", "category", "start_ms", "end_ms", "text") for h in call.hits],
        "prompts": [
            {
                **_picked(prompt, "name", "file_ms", "sent_ms"),
                "heard_ms": prompt_heard_ms(heard, files[prompt.name].pcm),
            }
            for prompt in call.prompts
        ],
        "ended_by": call.ended_by,
        "disposition": call.disposition,
        "work_order": call.work_order
        and {
            **_picked(call.work_order, "number", "type"),
            "linked_by": call.work_order_linked_by,
        },
        "recording": call.recording
        and {
            "path": str(recordings / call.recording.path),
            **_picked(call.recording, "channels", "seconds", "sha256"),
        },
    }


def _picked(row: Base, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def complaints(call: dict[str, Any], scenario: Scenario) -> list[str]:
    """What did not go as it should, a sentence each; nothing where all is well."""
    expect = scenario.expect
    found: list[tuple[str, object, object]] = [
        ("ended by", call["ended_by"], expect.ended_by),
        ("disposition", call["disposition"], expect.disposition),
        ("categories", sorted({hit["category"] for hit in call["hits"]}), [*expect.categories]),
        ("prompts", [prompt["name"] for prompt in call["prompts"]], [*expect.prompts]),
        ("work order", (call["work_order"] or {}).get("type", ""), expect.work_order_type),
        ("spoken", call["spoken"], "".join(line.text for line in scenario.caller)),
        ("recording", bool(call["recording"]), True),
    ]
    wrong = [f"{what}: {got!r}, expected {want!r}" for what, got, want in found if got != want]
    if call["cer"] > MOST_CER:
        wrong.append(f"character error rate {call['cer']:.1%}, expected at most {MOST_CER:.0%}")
    return wrong + [
        f"prompt {prompt['name']}: {prompt['file_ms']} ms long, {prompt['sent_ms']} ms sent, "
        f"{prompt['heard_ms']} ms heard"
        for prompt in call["prompts"]
        if not prompt["file_ms"] == prompt["sent_ms"] == prompt["heard_ms"]
    ]
