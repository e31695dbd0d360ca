"""Seals what the store keeps secret, under a master key that the store does not hold.

Each purpose has a key of its own, derived from the master by HKDF (RFC 5869): what was sealed
for one purpose is no use for another. Sealing is Fernet's (AES-128-CBC, HMAC-SHA256), both
of the `cryptography` package.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.errors import Unavailable


class Vault:
    """Seals with the newest master key, opens with any; reads them again when none fits."""

    def __init__(self, read: Callable[[], tuple[str, ...]]) -> None:
        """`read` returns the master keys, newest first."""
        self._read = read
        self._masters = read()

    def seal(self, purpose: str, text: str) -> str:
        """The text as the store may keep it."""
        return _ring(self._masters, purpose).encrypt(text.encode()).decode()

    def open(self, purpose: str, sealed: str) -> str:
        """What was sealed for a purpose. Raises Unavailable when no key here opens it."""
        for _ in range(2):
            try:
                return _ring(self._masters, purpose).decrypt(sealed).decode()
            except (InvalidToken, ValueError):
                self._masters = self._read()  # another process may have exchanged them
        raise Unavailable(
            "other_secret_key", "the store's secrets are sealed with a key that is not here"
        )

    def is_newest(self, purpose: str, sealed: str) -> bool:
        """Whether the newest key, and no older one, opens it."""
        try:
            _ring(self._masters[:1], purpose).decrypt(sealed)
        except InvalidToken:
            return False
        return True


def _ring(masters: tuple[str, ...], purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(m, purpose))) for m in masters])


@lru_cache(maxsize=64)
def _key(master: str, purpose: str) -> bytes:
    info = f"giveget {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(master.encode())
