"""The archive of recordings in the configuration file."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from callcenter.config.table import Table

BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'()/-]*)?")
SERVER = re.compile(r"https?://[^\s/@?#]+/?")


class ArchiveConfig(Table):
    """An S3-compatible store to which recordings go once they are closed; none where `url` is
    empty."""

    url: str = ""
    """s3://bucket/prefix."""
    endpoint: str = ""
    """The server; Amazon's own where empty."""
    region: str = ""
    key: str = ""
    """The access key's name; or $CALLCENTER_ARCHIVE_KEY."""
    secret_file: str = ""
    """Its secret; or $CALLCENTER_ARCHIVE_SECRET."""
    bucket_in_host: bool = False
    """The server wants the bucket's name in its own: https://bucket.oss-cn-hangzhou.…"""
    local_days: int = Field(7, ge=0, le=36500)
    """So long a recording stays in the folder, too, once the archive has it."""

    @field_validator("url")
    @classmethod
    def _a_bucket(cls, url: str) -> str:
        if url and not BUCKET.fullmatch(url):
            raise ValueError("expected a bucket and perhaps a prefix: 's3://recordings/centre'")
        return url

    @field_validator("endpoint")
    @classmethod
    def _a_server(cls, endpoint: str) -> str:
        if endpoint and not SERVER.fullmatch(endpoint):
            raise ValueError("expected the server alone: 'https://s3.example.com'")
        return endpoint

    @model_validator(mode="after")
    def _names_a_bucket(self) -> ArchiveConfig:
        if not self.url and (self.endpoint or self.key or self.secret_file):
            raise ValueError('expected url = "s3://bucket/prefix" beside the other keys')
        return self

    @property
    def place(self) -> tuple[str, str]:
        """Bucket and prefix."""
        bucket, _, prefix = self.url.removeprefix("s3://").partition("/")
        return bucket, prefix.strip("/")
