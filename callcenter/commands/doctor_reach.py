"""What the doctor says of what lies elsewhere: recognition servers, the archive of recordings."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing

from callcenter.asr.vosk_remote import RemoteEngine
from callcenter.commands.finding import Finding
from callcenter.config import Config
from callcenter.core.errors import ArchiveAway, CallcenterError
from callcenter.core.office import Archive
from callcenter.outfit import recordings_of


def examine_recognisers(config: Config) -> Iterator[Finding]:
    """Each server: whether it answers. One that does is enough to hear calls."""
    with closing(RemoteEngine(*config.recognition.remote, legs=1)) as engine:
        servers = engine.servers()
    for one in servers:
        if not one.problem:
            yield Finding("recogniser", True, f"{one.name}, answers in {one.lag_ms} ms")
        elif any(not other.problem for other in servers):
            yield Finding("recogniser", None, f"{one.problem}; the others are asked")
        else:
            told = "calls are answered and recorded all the same"
            yield Finding("recogniser", False, f"{one.problem}; {told}")


def examine_archive(config: Config) -> Iterator[Finding]:
    """A small file is put there, read back and deleted."""
    if not config.archive.url:
        return
    try:
        archive = recordings_of(config).archive
        assert archive is not None
        _try_out(archive)
    except (CallcenterError, OSError) as error:
        told = "recordings stay in the folder until it can be used"
        yield Finding("archive", False, f"{error}; {told}")
        return
    open_way = config.archive.endpoint.startswith("http://")
    warning = ", over plain http: anybody on the way can listen" if open_way else ""
    yield Finding("archive", True, f"{archive.where}: written, read and deleted{warning}")


def _try_out(archive: Archive) -> None:
    """Raises ArchiveAway."""
    path, content = f".doctor-{secrets.token_hex(8)}", secrets.token_bytes(64)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        archive.put(path, file.name, hashlib.sha256(content).hexdigest())
    try:
        if archive.read(path, 0, len(content)) != content:
            raise ArchiveAway(f"{archive.where}: gives back other than it was given")
    finally:
        archive.delete(path)
