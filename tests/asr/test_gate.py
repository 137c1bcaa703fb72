"""The gate: every pair is in the table, and what it feeds is whole."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.asr.gate import HANGOVER, OPEN_AFTER, PRE_ROLL, TABLE, Gate, Input, State

runs = st.lists(st.tuples(st.booleans(), st.integers(1, 2 * HANGOVER)), max_size=12)
patterns = runs.map(lambda pairs: [voiced for voiced, n in pairs for _ in range(n)])


def utterances(pattern: list[bool]) -> list[list[int]]:
    """The frame numbers fed, one list an utterance."""
    gate: Gate[int] = Gate()
    found: list[list[int]] = [[]]
    for number, voiced in enumerate(pattern):
        step = gate.take(number, voiced=voiced)
        found[-1] += step.feed
        if step.ended:
            found.append([])
    return [utterance for utterance in found if utterance]


def test_every_pair_has_an_answer() -> None:
    assert set(TABLE) == {(state, given) for state in State for given in Input}


@settings(deadline=None)
@given(patterns)
def test_an_utterance_is_contiguous_and_nothing_is_fed_twice(pattern: list[bool]) -> None:
    fed = [number for utterance in utterances(pattern) for number in utterance]
    assert fed == sorted(set(fed))
    for utterance in utterances(pattern):
        assert utterance == list(range(utterance[0], utterance[-1] + 1))


@settings(deadline=None)
@given(patterns)
def test_every_voice_long_enough_is_fed_whole(pattern: list[bool]) -> None:
    fed = {number for utterance in utterances(pattern) for number in utterance}
    for number in range(len(pattern) - OPEN_AFTER + 1):
        run = range(number, number + OPEN_AFTER)
        if all(pattern[frame] for frame in run):
            assert fed.issuperset(run)


@settings(deadline=None)
@given(patterns)
def test_an_utterance_ends_only_after_the_hangover(pattern: list[bool]) -> None:
    for utterance in utterances(pattern)[:-1]:
        assert not any(pattern[frame] for frame in utterance[-HANGOVER:])


def test_silence_and_clicks_are_never_fed() -> None:
    click = [True] * (OPEN_AFTER - 1) + [False] * 10
    assert utterances([False] * 500 + click * 50) == []


def test_the_pre_roll_comes_with_the_first_voice() -> None:
    [fed] = utterances([False] * 100 + [True] * 10)
    assert fed[0] == 100 + OPEN_AFTER - PRE_ROLL
    assert fed[-1] == 109


def test_the_next_utterance_does_not_repeat_the_end_of_the_last() -> None:
    first, second = utterances([True] * 10 + [False] * HANGOVER + [True] * 10)
    assert first == list(range(10 + HANGOVER))
    assert second == list(range(10 + HANGOVER, 20 + HANGOVER))


def test_closing_tells_whether_somebody_was_speaking() -> None:
    gate: Gate[int] = Gate()
    assert not gate.close()
    gate.take(0, voiced=True)
    assert not gate.close()
    for number in range(OPEN_AFTER):
        gate.take(number, voiced=True)
    assert gate.close()
    assert gate.state is State.CLOSED
    assert gate.take(9, voiced=True).feed == ()
