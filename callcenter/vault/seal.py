"""AES-256-GCM over the house's keys. The only file that imports cryptography.

A sealed text is `CCS1`, the id of its key (4 bytes), a random nonce (12), and what GCM makes of the
text and what it is about (NIST SP 800-38D). Random nonces are safe for 2³² texts a key, a hundred
years of a hundred thousand calls a day; the key can be changed all the same.
"""

from __future__ import annotations

import base64
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callcenter.core.errors import SealBroken
from callcenter.vault.keys import ID_BYTES, Keys

MARK = b"CCS1"
NONCE_BYTES = 12
TAG_BYTES = 16
HEAD_BYTES = len(MARK) + ID_BYTES
LEAST = HEAD_BYTES + NONCE_BYTES + TAG_BYTES
ALIAS_LETTERS = 10
"""50 bits: of a million numbers, two have the same alias once in two thousand houses."""
OVERHEAD = LEAST
"""So many bytes are added to a text."""


class AesSeal:
    """core.office.Seal. May be used from any thread. Raises ConfigError where there is no key."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def seal(self, plain: bytes, about: str) -> bytes:
        key_id, key = self._keys.newest()
        head, nonce = MARK + key_id, secrets.token_bytes(NONCE_BYTES)
        return head + nonce + AESGCM(key).encrypt(nonce, plain, head + about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        head, key_id = sealed[:HEAD_BYTES], sealed[len(MARK) : HEAD_BYTES]
        if len(sealed) < LEAST or not head.startswith(MARK):
            raise SealBroken(f"{about}: not sealed, or cut off")
        key = self._keys.find(key_id)
        if key is None:
            raise SealBroken(
                f"{about}: sealed with the key {key_id.hex()}, which is not in {self._keys.where}"
            )
        nonce, rest = sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES], sealed[LEAST - TAG_BYTES :]
        try:
            return AESGCM(key).decrypt(nonce, rest, head + about.encode())
        except InvalidTag:
            raise SealBroken(f"{about}: was changed, or is about something else") from None

    def alias(self, of: str) -> str:
        """By the oldest key: a new one changes no alias."""
        oldest = list(self._keys.all().values())[-1]
        found = hmac.digest(oldest, b"callcenter alias" + of.encode(), "sha256")
        return base64.b32encode(found).decode().lower()[:ALIAS_LETTERS]

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals today."""
        return sealed[:HEAD_BYTES] == MARK + self._keys.newest()[0]
