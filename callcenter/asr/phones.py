"""The sounds of Mandarin as the bundled model numbers them: phones, pdfs, transition ids. Pure.

A syllable is an initial (no tone) and a final with its tone, 1 to 5. Each has an id for every place
that it can have in a word, so that the decoder can tell where words begin and end; the sound, the
pdf that the network scores, is the same in every place. Silence and initials have one state,
finals two (their first and second half).
"""

from __future__ import annotations

from collections.abc import Sequence

SIL = 1
"""The phone id of silence."""
EPSILON = 0
_INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s"
_FINALS = (
    "a ai an ang ao e ei en eng er o ou i ia ian iang iao ie in ing iong iou ii iii "
    "u ua uai uan uang uei uen ueng uo ong v van ve vn"
)
INITIALS = tuple(_INITIALS.split())
FINALS = tuple(_FINALS.split())
"""Pinyin's finals in full: iou for liu, uei for gui; ii is the vowel of zi, iii that of zhi."""
TONES = (1, 2, 3, 4, 5)
TONED_FINALS = tuple(f"{final}{tone}" for final in FINALS for tone in TONES)
INITIAL_PLACES = "BI"
FINAL_PLACES = "BIES"
PLACE_NAMES = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}

PHONES = (
    "<eps>",
    "SIL",
    *(f"{initial}_{place}" for initial in INITIALS for place in INITIAL_PLACES),
    *(f"{final}_{place}" for final in TONED_FINALS for place in FINAL_PLACES),
)
"""The phones' names; a phone's id is its index. `<eps>` (0) is no phone."""
PHONE_COUNT = len(PHONES) - 1
PHONE_IDS = {name: number for number, name in enumerate(PHONES)}

FIRST_FINAL = 2 + len(INITIALS) * len(INITIAL_PLACES)
"""The lowest phone id of a final; every phone below has one state, every other two."""
SIL_PDF = 0
PDF_COUNT = 1 + len(INITIALS) + 2 * len(TONED_FINALS)

INITIAL_PDFS = {initial: 1 + index for index, initial in enumerate(INITIALS)}
FINAL_PDFS = {
    final: (1 + len(INITIALS) + 2 * index, 2 + len(INITIALS) + 2 * index)
    for index, final in enumerate(TONED_FINALS)
}
"""The pdfs of a toned final ("uei4"): its first half, its second half."""

Pronunciation = tuple[str | None, str]
"""The initial, if there is one, and the final with its tone: ("zh", "ong1"), (None, "uo3")"""


def phone_pdfs(phone: int) -> tuple[int, ...]:
    """The pdfs of a phone id, one for each of its states."""
    name = PHONES[phone].partition("_")[0]
    if phone == SIL:
        return (SIL_PDF,)
    return (INITIAL_PDFS[name],) if phone < FIRST_FINAL else FINAL_PDFS[name]


TRIPLES = tuple(
    (phone, state, pdf)
    for phone in range(1, PHONE_COUNT + 1)
    for state, pdf in enumerate(phone_pdfs(phone))
)
"""(phone, state, pdf), sorted, as Kaldi's transition model lists them."""
TRANSITION_COUNT = 2 * len(TRIPLES)
_TRIPLE_NUMBER = {(phone, state): number for number, (phone, state, _) in enumerate(TRIPLES)}


def self_loop(phone: int, state: int) -> int:
    """The transition id that stays in the state."""
    return 2 * _TRIPLE_NUMBER[phone, state] + 1


def forward(phone: int, state: int) -> int:
    """The transition id that leaves the state."""
    return 2 * _TRIPLE_NUMBER[phone, state] + 2


def phone_transitions(phone: int) -> tuple[tuple[int, int], ...]:
    """(forward, self-loop) transition ids for each state of a phone, in order."""
    return tuple((forward(phone, s), self_loop(phone, s)) for s in range(len(phone_pdfs(phone))))


def transition_pdf(transition: int) -> int:
    """The pdf that a transition id (1 to TRANSITION_COUNT) scores."""
    return TRIPLES[(transition - 1) // 2][2]


def word_boundary() -> str:
    """The text of `phones/word_boundary.int`."""
    return "".join(f"{phone} {_place(phone)}\n" for phone in range(1, PHONE_COUNT + 1))


def _place(phone: int) -> str:
    return "nonword" if phone == SIL else PLACE_NAMES[PHONES[phone][-1]]


_WITHOUT_INITIAL = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in",
    "ying": "ing", "yong": "iong", "you": "iou", "yo": "o", "yai": "ai", "yu": "v", "yuan": "van",
    "yue": "ve", "yun": "vn", "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang",
    "wei": "uei", "wen": "uen", "weng": "ueng", "wo": "uo", "n": "en", "ng": "en", "m": "en",
}  # fmt: skip
_SHORT_FORMS = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
_AFTER_J_Q_X = {"u": "v", "uan": "van", "ue": "ve", "un": "vn"}


def pronounce(syllable: str) -> Pronunciation:
    """A pinyin syllable with its tone digit: "zhong1" → ("zh", "ong1"), "wo3" → (None, "uo3").

    ü may be written v; no digit is the neutral tone, 5. Raises ValueError for what is no syllable.
    """
    plain = syllable.strip().lower().replace("ü", "v")
    tone = plain[-1:] if plain[-1:].isdigit() else "5"
    body = plain.rstrip("0123456789")
    initial = next((i for i in (body[:2], body[:1]) if i in INITIALS), None)
    final = _final(body, initial) if body not in _WITHOUT_INITIAL else _WITHOUT_INITIAL[body]
    if final not in FINALS or int(tone) not in TONES:
        raise ValueError(f"{syllable!r}: expected pinyin with a tone digit from 1 to 5")
    return (None if body in _WITHOUT_INITIAL else initial), final + tone


def _final(body: str, initial: str | None) -> str:
    final = body.removeprefix(initial or "")
    if initial in ("j", "q", "x"):
        final = _AFTER_J_Q_X.get(final, final)
    if final == "i" and initial in ("z", "c", "s"):
        return "ii"
    if final == "i" and initial in ("zh", "ch", "sh", "r"):
        return "iii"
    return _SHORT_FORMS.get(final, final)


def word_phones(syllables: Sequence[str]) -> list[int]:
    """The phone ids of a word given as pinyin syllables, each for its place in the word.

    Raises ValueError.
    """
    sounds = [sound for syllable in syllables for sound in pronounce(syllable) if sound]
    last = len(sounds) - 1
    return [PHONE_IDS[f"{sound}_{_place_at(at, last)}"] for at, sound in enumerate(sounds)]


def _place_at(at: int, last: int) -> str:
    if last == 0:
        return "S"
    return {0: "B", last: "E"}.get(at, "I")
