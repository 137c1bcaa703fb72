"""Recognisers that serve one party after another, and jobs that come when there is news."""

from __future__ import annotations

import json

import pytest

from bench.sounds import triggers
from callcenter.asr import VoskEngine, bundled
from callcenter.asr.decoder import IDLE_FRAMES, Decoder
from callcenter.asr.results import partial_words, shifted
from callcenter.asr.rhythm import Rhythm
from callcenter.core.records import Party, Segment
from callcenter.scripts.book import PACKS, Book
from tests.asr.sound import SAID, load, silence
from tests.asr.test_decoder import LOUD, CountingStream, heard
from tests.asr.test_vosk_engine import listen


async def test_a_rested_recogniser_hears_as_a_new_one() -> None:
    engine = VoskEngine(bundled(), workers=1)
    sound = silence(0.5) + load("order") + silence(1.2) + load("refund") + silence(1)
    first = await listen(engine, sound)
    kept = engine._rested[0]
    again = await listen(engine, sound)
    assert engine._rested[0] is kept
    assert len(engine._rested) == 1
    new, old = first.finals(), again.finals()
    assert [s.text for s in new] == [s.text for s in old] == [SAID["order"], SAID["refund"]]
    assert [(w.start_ms, w.end_ms) for s in new for w in s.words] == [
        (w.start_ms, w.end_ms) for s in old for w in s.words
    ]
    engine.forget_rested()
    assert not engine._rested
    engine.close()


async def test_partial_results_tell_words_where_they_are(engine: VoskEngine) -> None:
    call = await listen(engine, silence(1) + load("quality") + silence(1))
    [final] = call.finals()
    exact = {word.word: word for word in final.words}
    guessed = {word.word: word for partial in call.partials() for word in partial.words}
    shared = exact.keys() & guessed.keys()
    assert len(shared) >= 3
    assert all(abs(guessed[n].start_ms - exact[n].start_ms) <= 400 for n in shared)


async def test_a_phrase_in_partial_and_final_results_is_one_hit(engine: VoskEngine) -> None:
    """The guessed times overlap the exact ones, by which the listener knows it again."""
    book, sound = Book(PACKS), triggers(25)
    listener = book.listener()
    once = [h.rule for s in engine.transcribe(Party.CALLER, sound) for h in listener.heard(s)]
    call, listener = await listen(engine, sound), book.listener()
    live = [h.rule for s in call.segments for h in listener.heard(s)]
    assert len(once) > 8
    assert sorted(live) == sorted(once)


def make(told: list[Segment], stream: CountingStream) -> Decoder:
    return Decoder(
        Party.CALLER, lambda: stream, LOUD.__eq__, told.append, rhythm=Rhythm(3480, 1680)
    )


def test_the_stream_is_fed_in_the_models_rhythm() -> None:
    stream = CountingStream()
    decoder = make([], stream)
    for frame in heard([True] * 60):
        decoder.take([frame])
    ends = [sum(stream.blocks[: n + 1]) // 2 for n in range(len(stream.blocks))]
    assert ends == [3520, 5280, 6880, 8640]


def test_patience_is_the_way_to_the_next_news() -> None:
    decoder = make([], CountingStream())
    assert decoder.patience == IDLE_FRAMES
    sound = heard([True] * 30 + [False] * 40)
    decoder.take(sound[:3])
    assert decoder.patience == 22 - 3
    decoder.take(sound[3:22])
    assert decoder.patience == 33 - 22
    decoder.take(sound[22:50])
    assert decoder.patience == 10 - 6
    decoder.take(sound[50:58])
    assert decoder.patience == 60 - 58
    decoder.take(sound[58:60])
    assert decoder.patience == IDLE_FRAMES


class MumblingStream(CountingStream):
    """Hears no word in anything."""

    def final(self) -> str:
        return '{"text": ""}'


class TextStream(CountingStream):
    """Says the same words, without times."""

    def partial(self) -> str:
        return '{"partial": "你 好"}'


class GrowingStream(CountingStream):
    """Says a word more each time it is asked."""

    asked = 0

    def partial(self) -> str:
        self.asked += 1
        return json.dumps({"partial": "好 " * self.asked})


@pytest.mark.parametrize(
    ("party", "voice", "asked"),
    [
        (Party.CALLER, [True] * 400, 37),  # 8 s at each of 37 blocks
        (Party.CALLER, [True] * 800, 37 + 19),  # then at every second one
        (Party.AGENT, [True] * 400, 18),
        (Party.AGENT, [True] * 40 + [False] * 25, 4),  # in a pause at each
    ],
)
def test_partial_results_are_asked_for_where_they_are_worth_it(
    party: Party, voice: list[bool], asked: int
) -> None:
    stream = GrowingStream()
    decoder = Decoder(party, lambda: stream, LOUD.__eq__, lambda _: None, rhythm=Rhythm(3480, 1680))
    for frame in heard(voice):
        decoder.take([frame])
    assert stream.asked == asked


def test_the_same_partial_is_told_once_with_guessed_times() -> None:
    told: list[Segment] = []
    make(told, TextStream()).take(heard([False] * 20 + [True] * 60))
    [said] = told
    assert said.text == "你好"
    assert [word.word for word in said.words] == ["你", "好"]
    assert said.start_ms == 400


def test_an_utterance_without_words_tells_nothing() -> None:
    told: list[Segment] = []
    stream = MumblingStream()
    decoder = make(told, stream)
    decoder.take(heard([True] * 5))
    decoder.finish()
    assert told == []


def test_a_jump_back_forgets_where_the_voice_was() -> None:
    told: list[Segment] = []
    decoder = make(told, TextStream())
    decoder.take(heard([True] * 60, 800_000))
    decoder.take(heard([True] * 60))
    assert told[-1].start_ms == 0


def test_a_result_is_moved_in_time() -> None:
    raw = '{"result": [{"word": "好", "start": 1.5, "end": 2}], "text": "好"}'
    assert shifted(raw, 0) is raw
    assert json.loads(shifted(raw, 2)) == {
        "result": [{"word": "好", "start": 3.5, "end": 4}],
        "text": "好",
    }
    assert json.loads(shifted('{"text": ""}', 2)) == {"text": ""}
    with pytest.raises(ValueError, match="Expecting"):
        shifted("nothing", 2)


def test_the_words_of_a_partial_result() -> None:
    assert partial_words('{"partial": "你 [unk] 好"}') == ["你", "好"]
    assert partial_words("{}") == []
