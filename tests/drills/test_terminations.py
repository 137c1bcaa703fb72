"""Harassing calls that are ended: each sample of the prompt at the far end, then the BYE."""

from __future__ import annotations

from tests.drills.short import held


async def test_the_far_end_hears_every_word_before_the_bye() -> None:
    outcome = await held("terminations", count=3, at_once=3, prompts=["line_fault"])
    assert outcome.figures["calls_ended"] == 3
    assert outcome.figures["prompts_heard_ms"] == outcome.figures["prompts_file_ms"] > 0
