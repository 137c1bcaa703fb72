"""The book of call scripts as it lies on disk: packs of patterns and prompts. Reads files only."""

from __future__ import annotations

import logging
import tomllib
import wave
from collections.abc import Iterable
from pathlib import Path

from callcenter.core.cards import Card
from callcenter.core.errors import PackError
from callcenter.core.marks import GROUPS as MARKS
from callcenter.core.ports import Listener
from callcenter.core.records import NOTHING_KNOWN, SAMPLE_RATE, Hit, Known, Prompt
from callcenter.scripts.cards import ASSIST, Cards
from callcenter.scripts.edited import Edited, fingerprints
from callcenter.scripts.match import CallListener, Matcher
from callcenter.scripts.opinion import GROUPS, Judge, SecondOpinion
from callcenter.scripts.pack import Rule, parse_pack, unique
from callcenter.scripts.verdict import Verdict, weigh

log = logging.getLogger(__name__)
HERE = Path(__file__).parent
PACKS = HERE / "packs" / "zh_cn"
PROMPTS = HERE / "prompts"


class Book:
    """Patterns and prompts; implements core.ports.Scripts.

    What `refresh` finds edited is in force from the next call on. A pack with an error is refused,
    the error told in `problem`, and the old rules stay in force.
    """

    def __init__(
        self,
        packs: Path = PACKS,
        prompts: Path = PROMPTS,
        judge: Judge | None = None,
        assist: Path = ASSIST,
    ) -> None:
        """`judge` gives a second opinion in each call. Raises PackError where there are no good
        rules to begin with."""
        self._packs, self._judge, self._assist = packs, judge, assist
        self._edited = Edited(packs)
        self._take(read_packs(packs))
        self._prompts = read_prompts(prompts)
        self._cards = Cards(assist)
        self._problem = ""

    @property
    def problem(self) -> str:
        """What is wrong with an edit, of packs or of cards; "" where nothing is."""
        return self._problem or self._cards.problem

    def cards(self) -> tuple[Card, ...]:
        """The cards with words to say, of this moment."""
        return self._cards.in_force

    def files(self) -> dict[str, str]:
        """The packs and cards as they lie on the disk: the SHA-256 of each by its name."""
        return fingerprints(self._packs) | fingerprints(self._assist)

    def refresh(self) -> bool:
        """Take up what was edited; whether anything was. Reading takes half a second: not for the
        event loop."""
        cards = self._cards.refresh()
        if not self._edited.again():
            return cards
        try:
            self._take(read_packs(self._packs))
            self._problem = ""
        except PackError as error:
            self._problem = f"{error}; the old rules stay in force"
            log.warning("%s", self._problem)
        return True

    def listener(self, known: Known = NOTHING_KNOWN) -> Listener:
        """A watcher for one call of which so much is known, with the rules of this moment."""
        rules = CallListener(self._matcher, known)
        return rules if self._judge is None else SecondOpinion(rules, self._judge)

    def prompt(self, name: str) -> Prompt:
        """Raises KeyError for a name that is not in the book."""
        return self._prompts[name]

    def phrases(self) -> tuple[str, ...]:
        """Every plain phrase that may be picked out of the sound itself."""
        spotting = (rule for rule in self._rules if rule.spot)
        return tuple(dict.fromkeys(phrase for rule in spotting for phrase in rule.phrases))

    def rules(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return tuple(self._rules)

    def group(self, category: str) -> str:
        """harassment, complaint, suggestion or agent; "" for a category that no rule has, nor the
        judge, nor who marks by hand."""
        groups = (rule.group for rule in self._rules if rule.category == category)
        return next(groups, {**MARKS, **GROUPS}.get(category, ""))

    def weigh(self, hits: Iterable[Hit], said: Iterable[str]) -> Verdict:
        """What a call comes to, from its hits and from each thing that the caller said."""
        opinions = [self._judge.score(text) for text in said] if self._judge else ()
        return weigh(hits, self.group, opinions)

    def _take(self, rules: list[Rule]) -> None:
        self._rules, self._matcher = rules, Matcher(rules)


def read_packs(folder: Path) -> list[Rule]:
    """The rules of every `*.toml` in `folder`. Raises PackError."""
    return unique(rule for file in pack_files(folder) for rule in read_pack(file))


def pack_files(folder: Path) -> list[Path]:
    """The packs in a folder, by name. Raises PackError where there is none."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise PackError(f"{folder}: holds no pack; expected at least one .toml file")
    return files


def read_pack(file: Path) -> list[Rule]:
    """The rules of one file. Raises PackError."""
    return parse_pack(_text(file), str(file))


def read_prompts(folder: Path) -> dict[str, Prompt]:
    """Every prompt that prompts.toml names, with its WAV. Raises PackError."""
    file = folder / "prompts.toml"
    table = tomllib.loads(_text(file))
    return {
        line["name"]: _read_prompt(folder / f"{line['name']}.wav", line["name"], line["say"])
        for line in table["line"]
    }


def _read_prompt(file: Path, name: str, say: list[str]) -> Prompt:
    text = "".join(part for part in say if not part.startswith("tone:"))
    try:
        with wave.open(str(file)) as sound:
            form = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            pcm = sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise PackError(f"{file}: {error}") from None
    if form != (SAMPLE_RATE, 1, 2):
        raise PackError(f"{file}: is {form} (Hz, channels, bytes); expected (8000, 1, 2)")
    return Prompt(name, text, pcm)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{file}: cannot be read: {error}") from None
