"""Keeps recordings in an S3-compatible store, by obstore. Touches the network, reads files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from callcenter.core.errors import ArchiveAway, MissingPiece
from callcenter.core.office import Archived

CONNECT_SECONDS, ANSWER_SECONDS = 3, 30
RETRY_SECONDS = 5
"""So long a request is tried again by itself; whoever asked has a patience of their own."""
PART_BYTES = 8 << 20
"""A longer file goes in parts of so much, two at once."""
MARK = "sha256"
"""The metadata that says what was handed in: x-amz-meta-sha256."""


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, a prefix in it, the server that has it, and what opens it.

    `endpoint` is "" for Amazon's own; `in_host`: the server wants the bucket's name in its own.
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = field(default="", repr=False)
    in_host: bool = False

    @property
    def server(self) -> str:
        """The endpoint as it is asked."""
        if not (self.in_host and self.endpoint):
            return self.endpoint.rstrip("/")
        url = urlsplit(self.endpoint)
        return f"{url.scheme}://{self.bucket}.{url.netloc}"


class S3Archive:
    """core.office.Archive. Raises MissingPiece without obstore, ArchiveAway for a wrong place."""

    def __init__(self, place: Place) -> None:
        try:
            import obstore
            from obstore import exceptions, store
        except ImportError:
            raise MissingPiece("needs obstore: pip install 'callcenter[s3]'") from None
        self._ask: Any = obstore
        self._failure = exceptions.BaseError
        make: Any = store.S3Store
        self._where = "s3://" + "/".join(filter(None, (place.bucket, place.prefix.strip("/"))))
        with self._told():
            self._store = make(
                place.bucket,
                prefix=place.prefix.strip("/") or None,
                region=place.region or "us-east-1",
                access_key_id=place.key,
                secret_access_key=place.secret,
                virtual_hosted_style_request=place.in_host,
                client_options={
                    "allow_http": place.endpoint.startswith("http://"),
                    "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                    "timeout": timedelta(seconds=ANSWER_SECONDS),
                },
                retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
                **({"endpoint": place.server} if place.endpoint else {}),
            )

    @property
    def where(self) -> str:
        """s3://bucket/prefix."""
        return self._where

    def put(self, path: str, file: str, sha256: str) -> None:
        """Keep this file; the store sees it whole or not at all."""
        attributes = {"Content-Type": "audio/wav", MARK: sha256}
        how = {"chunk_size": PART_BYTES, "max_concurrency": 2}
        with open(file, "rb") as sound, self._told():
            try:
                self._ask.put(self._store, path, sound, attributes=attributes, **how)
            except FileNotFoundError:
                raise ArchiveAway(f"{self._where}: there is no such bucket") from None

    def find(self, path: str) -> Archived | None:
        """What is kept there; None where nothing is, or no such bucket."""
        try:
            with self._told():
                found = self._ask.get(self._store, path, options={"head": True})
        except FileNotFoundError:
            return None
        return Archived(found.meta["size"], found.attributes.get(MARK, ""))

    def read(self, path: str, first: int, stop: int) -> bytes:
        """The bytes from `first` up to `stop`."""
        if first >= stop:
            return b""
        with self._told():
            return bytes(self._ask.get_range(self._store, path, start=first, end=stop))

    def delete(self, path: str) -> None:
        """Keep it no longer."""
        try:
            with self._told():
                self._ask.delete(self._store, path)
        except FileNotFoundError:
            pass

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the store says, as one line of ours."""
        try:
            yield
        except self._failure as error:
            reason = str(error).partition("\n")[0].strip()
            raise ArchiveAway(f"{self._where}: {reason}") from None
