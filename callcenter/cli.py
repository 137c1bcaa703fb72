"""The command line: reads the words, hands over to commands/ and demo/, tells errors in a line."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import datetime, time
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

from callcenter import __version__
from callcenter.commands import administration
from callcenter.commands.arguments import calls, day, seconds
from callcenter.core.errors import CallcenterError, ConfigError, PackError


def main(words: Sequence[str] | None = None) -> None:
    """Run a command; exit 2 for a wrong configuration or pack, 1 for another error."""
    # A command tells its errors itself; `serve` and `demo` set up a log of their own.
    logging.getLogger("callcenter").addHandler(logging.NullHandler())
    options = parser().parse_args(words)
    try:
        sys.exit(options.run(options))
    except (ConfigError, PackError) as error:
        _fail(error, 2)
    except CallcenterError as error:
        _fail(error, 1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _fail(error: CallcenterError, code: int) -> None:
    print(f"callcenter: {error}", file=sys.stderr)
    sys.exit(code)


def parser() -> argparse.ArgumentParser:
    """Every command and option."""
    root = argparse.ArgumentParser(
        prog="callcenter",
        description="A call-centre telephone that listens: offline, Chinese first.",
    )
    root.add_argument("--version", action="version", version=__version__)
    commands = root.add_subparsers(metavar="COMMAND", required=True)
    _add_demo(commands.add_parser("demo", help="five simulated callers ring a real service"))
    _add_serve(commands.add_parser("serve", help="take calls"))
    _add_backfill(commands.add_parser("backfill", help="transcribe what was not heard live"))
    _add_retranscribe(commands.add_parser("retranscribe", help="hear old calls by a better model"))
    _add_transcribe(commands.add_parser("transcribe", help="what is said in WAV files"))
    _add_models(commands.add_parser("models", help="list, fetch and choose recogniser models"))
    _add_match(commands.add_parser("match", help="what lines of text are (JSONL on stdin)"))
    _add_rules(commands.add_parser("rules", help="check and try the packs of patterns"))
    _add_render(commands.add_parser("render", help="speak prompts into WAV (needs espeak-ng)"))
    _add_evidence(commands.add_parser("evidence", help="calls as a package that verifies offline"))
    _add_withheld(commands.add_parser("withheld", help="calls without a number, carrier's bills"))
    _add_customers(commands.add_parser("customers", help="tables of customers, in and out"))
    administration.add(commands)
    _add_seed(commands.add_parser("seed", help="a demo company with a month of invented calls"))
    _add_doctor(commands.add_parser("doctor", help="what this machine has and what it lacks"))
    return root


def _add_demo(p: argparse.ArgumentParser) -> None:
    p.add_argument("--once", action="store_true", help="end after the five; exit 0 if all is well")
    p.add_argument("--json", type=Path, metavar="FILE", help="write what happened to FILE")
    p.add_argument("--port", type=int, default=8080, help="of the web page (0: any; default 8080)")
    p.add_argument("--headless", action="store_true", help="print nothing but the outcome")
    p.add_argument("--data", type=Path, metavar="DIR", help="keep database and recordings there")
    p.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    from callcenter.demo.run import demo

    return demo(options.once, options.json, options.port, options.headless, options.data)


def _add_serve(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", type=Path, required=True, help="see callcenter.example.toml")
    p.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from callcenter.commands.serve import serve

    return serve(options.config)


def _add_backfill(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", type=Path, required=True, help="the service's configuration")
    p.set_defaults(run=_backfill)


def _backfill(options: argparse.Namespace) -> int:
    from callcenter.commands.backfill import backfill

    return backfill(options.config)


def _add_retranscribe(p: argparse.ArgumentParser) -> None:
    p.description = "Both texts are kept. Give --since, or --call, or both; days are local ones."
    p.add_argument(
        "--model", metavar="NAME", required=True, help="a name in `models list`, or a folder"
    )
    p.add_argument("--since", type=day, metavar="DATE", help="calls from this day on: 2026-11-22")
    p.add_argument("--until", type=day, metavar="DATE", help="calls up to this day, included")
    p.add_argument("--call", metavar="ID", help="this call only")
    p.add_argument("--config", type=Path, metavar="FILE", help="the service's configuration")
    p.set_defaults(run=lambda options: _retranscribe(p, options))


def _retranscribe(p: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from callcenter.commands.retranscribe import Wish, retranscribe

    since, until, call_id = options.since, options.until, options.call
    if since is None and call_id is None:
        p.error("expected --since DATE, or --call ID")
    if since is not None and until is not None and until < since:
        p.error("--until is before --since")
    return retranscribe(options.model, Wish(since, until, call_id), options.config)


def _add_transcribe(p: argparse.ArgumentParser) -> None:
    p.add_argument("wav", nargs="+", type=Path, help="8 or 16 kHz, 16-bit PCM, mono or stereo")
    p.add_argument("--json", action="store_true", help="one JSON line a file")
    p.add_argument("--model", help="a Vosk model folder (default: the bundled one)")
    p.set_defaults(run=_transcribe)


def _transcribe(options: argparse.Namespace) -> int:
    from callcenter.commands.transcribe import transcribe

    return transcribe(options.wav, options.model, options.json)


def _add_models(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the official models and the bundled one")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=lambda options: _models().list_models(options.json))
    pull = actions.add_parser("pull", help="fetch an official model")
    pull.add_argument("name")
    pull.add_argument("--archive", type=Path, help="a zip that was brought by hand")
    pull.set_defaults(run=lambda options: _models().pull(options.name, options.archive))
    path = actions.add_parser("path", help="the folder of the model in use")
    path.set_defaults(run=lambda options: _models().path())
    use = actions.add_parser("use", help='choose a fetched model, or "mini"')
    use.add_argument("name")
    use.set_defaults(run=lambda options: _models().use(options.name))
    build = actions.add_parser("build-mini", help="build the bundled model (extra `train`)")
    build.add_argument("out", type=Path, help="the folder to make")
    build.add_argument(
        "--cache", type=Path, default=Path("data") / "mini", help="kept for resuming"
    )
    build.add_argument("--speech", type=Path, help="people's speech: a folder with manifest.jsonl")
    build.add_argument("--held-out", default="", help="a speaker of it to calibrate spotting on")
    build.add_argument("--seed", type=int, default=1)
    build.add_argument("--threads", type=int, default=2)
    build.set_defaults(run=_build_mini)


def _build_mini(options: argparse.Namespace) -> int:
    made = _models().build_mini(
        options.out,
        options.cache,
        options.speech,
        options.held_out,
        options.seed,
        options.threads,
    )
    return int(made)


def _models() -> ModuleType:
    from callcenter.commands import models

    return models


def _add_match(p: argparse.ArgumentParser) -> None:
    p.add_argument("--packs", type=Path, help="a folder of pattern packs (default: bundled)")
    p.add_argument("--rules-only", action="store_true", help="do not ask the statistical judge")
    p.set_defaults(run=_match)


def _match(options: argparse.Namespace) -> int:
    from callcenter.commands.match import match
    from callcenter.scripts import book
    from callcenter.scripts.judge import Judge

    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    judge = None if options.rules_only else Judge.open()
    return match(sys.stdin, sys.stdout, book.Book(options.packs or book.PACKS, judge=judge))


def _add_rules(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="what packs and cards hold, or what is wrong where")
    check.add_argument("--packs", type=Path, metavar="DIR", help="packs of patterns")
    check.add_argument("--cards", type=Path, metavar="DIR", help="cards with words to say")
    check.set_defaults(run=_rules_check)
    test = actions.add_parser("backtest", help="rules over kept calls, against people's verdicts")
    test.add_argument("--config", type=Path, required=True, help="the service's configuration")
    test.add_argument("--pack", type=Path, metavar="DRAFT", help="a pack that is not in force yet")
    test.add_argument("--since", type=day, metavar="DAY", help="calls from this day on")
    test.add_argument("--limit", type=calls, metavar="N", help="the last N calls only")
    test.add_argument("--json", type=Path, metavar="FILE", help="everything, for machines")
    test.add_argument("--rules-only", action="store_true", help="without the statistical judge")
    test.set_defaults(run=_rules_backtest)


def _rules_check(options: argparse.Namespace) -> int:
    from callcenter.commands.rules import check, check_cards
    from callcenter.scripts import book, cards

    nothing_named = not (options.packs or options.cards)
    failed = 0
    if options.packs or nothing_named:
        failed |= check(options.packs or book.PACKS)
    if options.cards or nothing_named:
        failed |= check_cards(options.cards or cards.ASSIST)
    return failed


def _rules_backtest(options: argparse.Namespace) -> int:
    from callcenter.commands.backtest import Options, backtest

    names = ("pack", "since", "limit", "json", "rules_only")
    return backtest(options.config, Options(*(getattr(options, name) for name in names)))


def _add_render(p: argparse.ArgumentParser) -> None:
    p.add_argument("toml", nargs="+", type=Path, help="a file with [[line]] entries")
    p.set_defaults(run=_render)


def _render(options: argparse.Namespace) -> int:
    from callcenter.audio.voice import render

    for file in options.toml:
        for made in render(file):
            print(made, flush=True)
    return 0


def _add_evidence(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    export = actions.add_parser("export", help="recordings, transcripts, decisions, hashes")
    export.add_argument("--config", type=Path, required=True, help="the service's configuration")
    wish = export.add_mutually_exclusive_group(required=True)
    wish.add_argument("--case", default="", metavar="ID", help="every call of a harassment case")
    wish.add_argument("--call", action="append", default=[], metavar="ID", help="may be repeated")
    wish.add_argument("--number", default="", help="every call from this number")
    export.add_argument("--since", type=day, metavar="DAY", help="with --number: from this day on")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="new or empty")
    export.add_argument("--by", default="", metavar="NAME", help="who exports (default: login)")
    export.set_defaults(run=lambda options: _evidence(export, options))


def _evidence(p: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    from callcenter.casework.evidence.gathering import Wish
    from callcenter.commands.evidence import export

    since = None
    if options.since is not None:
        if not options.number:
            p.error("--since goes with --number")
        since = datetime.combine(options.since, time.min).astimezone()
    wish = Wish(options.case, tuple(options.call), options.number, since)
    return export(options.config, wish, options.out, options.by)


def _add_withheld(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="harassing calls whose number was withheld")
    listing.add_argument("--config", type=Path, required=True, help="the service's configuration")
    listing.set_defaults(run=lambda options: _withheld().list_calls(options.config))
    bill = actions.add_parser("import", help="join a carrier's bill (CSV) on start and length")
    bill.add_argument("bill", type=Path, metavar="FILE", help="CSV in UTF-8 or GB18030")
    bill.add_argument("--config", type=Path, required=True, help="the service's configuration")
    bill.add_argument("--by", default="", metavar="NAME", help="who imports (default: login)")
    bill.add_argument("--tolerance", type=seconds, default=90, metavar="S", help="default 90")
    bill.set_defaults(run=_withheld_import)


def _withheld_import(options: argparse.Namespace) -> int:
    made = _withheld().import_bill(options.config, options.bill, options.by, options.tolerance)
    return int(made)


def _withheld() -> ModuleType:
    from callcenter.commands import withheld

    return withheld


def _add_customers(p: argparse.ArgumentParser) -> None:
    actions = p.add_subparsers(metavar="ACTION", required=True)
    reading = actions.add_parser("import", help="open a file for every line of a table")
    reading.add_argument("table", type=Path, metavar="FILE", help="CSV (UTF-8, GB18030) or XLSX")
    reading.add_argument("--some", action="store_true", help="the good lines, if others are not")
    writing = actions.add_parser("export", help="every standing customer, as a new file")
    writing.add_argument("table", type=Path, metavar="FILE", help="ends in .csv or .xlsx")
    writing.add_argument("--purpose", default="", help="what for, within the house")
    for action, run in ((reading, _customers_import), (writing, _customers_export)):
        action.add_argument("--config", type=Path, required=True, help="the service's settings")
        action.add_argument("--by", default="", metavar="NAME", help="who does it (default: login)")
        action.set_defaults(run=run)


def _customers_import(options: argparse.Namespace) -> int:
    from callcenter.commands import customers

    return customers.import_table(options.config, options.table, options.by, some=options.some)


def _customers_export(options: argparse.Namespace) -> int:
    from callcenter.commands import customers

    return customers.export_table(options.config, options.table, options.by, options.purpose)


def _add_seed(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", type=Path, required=True, help="the service to fill")
    p.add_argument("--seed", type=int, default=1, metavar="N", help="another number, another month")
    p.add_argument("--into-existing", action="store_true", help="though there are calls already")
    p.set_defaults(run=_seed)


def _seed(options: argparse.Namespace) -> int:
    from callcenter.commands.seed.month import seed

    return seed(options.config, options.seed, into_existing=options.into_existing)


def _add_doctor(p: argparse.ArgumentParser) -> None:
    p.add_argument("--config", type=Path, help="check this configuration's model, ports, folders")
    p.add_argument("--echo", action="store_true", help="try the headset: it says back what you say")
    p.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from callcenter.commands.doctor import doctor
    from callcenter.commands.echo import echo

    return echo(options.config) if options.echo else doctor(options.config)
