"""The store's own keys, one a purpose: one sealed row, opened when a process starts.

A new master key seals them anew and starts new keys for links, entrances and codes. Links mailed
before are read on for 400 days, to unsubscribe always. The key that blurs addresses never changes:
what is looked up by it (people, suppressions, consents, who was erased) is all over the store, and
of an erased person nothing is left to blur anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from service.auth import book_heads
from service.auth.keyring import is_plain
from service.auth.master_keys import MasterKeys
from service.auth.vault import Vault
from service.db import Store
from service.db.engines import overwrite_what_is_freed
from service.domain.actor import OPERATOR
from service.errors import ConfigurationError, Unavailable
from service.settings import Settings
from service.store.leads import leads
from service.store.ops import audit, keys

ROTATED = "secret_key.rotated"
LINK_DAYS = 400
_SEALED = "sealed"
_OF_0_1_0 = "signing"
_OWN, _INGEST = "own keys", "ingest secrets"  # purposes of the vault
_MOST = 64  # bytes a blake2b key may have
_SAMPLE = 50
_TABLES = ("secrets", "key_secrets")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKey:
    """A key that signs customers' links, or did until it was replaced."""

    key: bytes
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The keys, and the text they were read from."""

    address: bytes
    links: tuple[LinkKey, ...]
    """The newest first."""
    books: tuple[bytes, ...] = field(default_factory=lambda: (_fresh(),))
    """What the heads of the books are signed with, the newest first."""
    entrances: bytes = field(default_factory=lambda: _fresh())
    codes: bytes = field(default_factory=lambda: _fresh())
    sealed: str = field(default="", compare=False)

    def reading(self, now: datetime) -> list[bytes]:
        """The keys whose links are still read, the newest first."""
        return [each.key for each in self.links if each.until is None or each.until > now]

    def renewed(self, now: datetime) -> KeySet:
        """The set with new keys before those whose links are out in the world."""
        until = now + timedelta(days=LINK_DAYS)
        old = tuple(replace(each, until=each.until or until) for each in self.links)
        return KeySet(
            address=self.address, links=(LinkKey(key=_fresh()), *old), books=(_fresh(), *self.books)
        )


def unlock(store: Store, settings: Settings, now: datetime) -> tuple[Vault, KeySet]:
    """The vault and the store's keys; a new store's, and those of 0.1.0, are sealed first.

    Raises ConfigurationError when the master key is missing or another one.
    """
    masters = MasterKeys(settings)
    sealed = store.read_now(lambda connection: keys.own(connection, _SEALED))
    if not masters.read():
        if sealed is not None:
            raise _another(masters)
        masters.make()
    vault = Vault(masters.read)
    if sealed is None or store.read_now(_has_plain):
        sealed = store.write_now(lambda connection: _settle(connection, vault, settings, now))
        store.scrub(_TABLES)
    try:
        return vault, read_keys(sealed, vault)
    except Unavailable:
        raise _another(masters) from None


def find_sealed(connection: sa.Connection) -> str | None:
    """The text of the store's keys, to see whether they changed."""
    return keys.own(connection, _SEALED)


def rotate(store: Store, settings: Settings, now: datetime) -> None:
    """Seal everything with a new master key and begin new keys. Raises ConfigurationError."""
    vault, known = unlock(store, settings, now)
    if vault.is_newest(_OWN, known.sealed):
        masters = MasterKeys(settings)
        masters.renew()
        vault = Vault(masters.read)

    def reseal(connection: sa.Connection) -> None:
        overwrite_what_is_freed(connection)
        before = read_keys(str(keys.own(connection, _SEALED)), vault)
        renewed = before.renewed(now)
        keys.put_own(connection, _SEALED, _seal(renewed, vault))
        keys.change_signing_secrets(
            connection, lambda text: seal_secret(open_secret(text, vault), vault)
        )
        audit.note(connection, OPERATOR, ROTATED, audit.STORE, now)
        book_heads.begin(connection, renewed.books, now)

    store.write_now(reseal)
    store.scrub(_TABLES)


def seal_secret(secret: str, vault: Vault) -> str:
    """An ingest key's secret as the store keeps it."""
    return vault.seal(_INGEST, secret)


def open_secret(kept: str, vault: Vault) -> str:
    """An ingest key's secret; one of 0.1.0 stands there as it is. Raises Unavailable."""
    return kept if is_plain(kept) else vault.open(_INGEST, kept)


def blur(email: str, key: bytes) -> str:
    """What a mail address is looked up by: the same for any spelling of case and space."""
    spelled = email.strip().casefold().encode("utf-8")
    return hashlib.blake2b(spelled, key=key, digest_size=16).hexdigest()


def read_keys(sealed: str, vault: Vault) -> KeySet:
    """The keys of a row. Raises Unavailable when it cannot be opened."""
    told = json.loads(vault.open(_OWN, sealed))
    return KeySet(
        address=_bytes(told["address"]),
        links=tuple(
            LinkKey(key=_bytes(key), until=until and datetime.fromisoformat(until))
            for key, until in told["links"]
        ),
        books=tuple(_bytes(key) for key in told["books"]),
        entrances=_bytes(told["entrances"]),
        codes=_bytes(told["codes"]),
        sealed=sealed,
    )


def _seal(made: KeySet, vault: Vault) -> str:
    told = {
        "address": _text(made.address),
        "links": [[_text(k.key), k.until and k.until.isoformat()] for k in made.links],
        "books": [_text(key) for key in made.books],
        "entrances": _text(made.entrances),
        "codes": _text(made.codes),
    }
    return vault.seal(_OWN, json.dumps(told))


def _settle(connection: sa.Connection, vault: Vault, settings: Settings, now: datetime) -> str:
    overwrite_what_is_freed(connection)
    sealed = keys.own(connection, _SEALED)
    if sealed is None:
        until = now + timedelta(days=LINK_DAYS)
        old = _of_0_1_0(connection, settings)
        made = KeySet(
            address=next(iter(old), _fresh()),
            links=(LinkKey(key=_fresh()), *(LinkKey(key=key, until=until) for key in old)),
        )
        sealed = _seal(made, vault)
        keys.put_own(connection, _SEALED, sealed)
        keys.drop_own(connection, _OF_0_1_0)
        book_heads.begin(connection, made.books, now)
    keys.change_signing_secrets(
        connection, lambda text: seal_secret(text, vault) if is_plain(text) else text
    )
    return sealed


def _of_0_1_0(connection: sa.Connection, settings: Settings) -> list[bytes]:
    """What 0.1.0 used for everything, the one that addresses are blurred with first.

    It was the setting, or a row where there was none; the setting may also be new, and then stands
    for the master key only. The addresses that are here tell.
    """
    row = keys.own(connection, _OF_0_1_0)
    here = leads.newest(connection, _SAMPLE)
    known = {lead.fields["email"]: lead.email_key for lead in here if "email" in lead.fields}
    if row is None and not known:
        return []
    given: Iterable[str | None] = (row, settings.secret_key, settings.secret_key_old)
    found = [text.encode()[:_MOST] for text in given if text is not None]
    return sorted(found, key=lambda k: -sum(blur(email, k) == known[email] for email in known))


def _has_plain(connection: sa.Connection) -> bool:
    found = keys.working(connection)
    return any(is_plain(key.signing_secret) for key in found if key.signing_secret is not None)


def _another(masters: MasterKeys) -> ConfigurationError:
    if masters.file is None:
        return ConfigurationError(
            "secret_key: GIVEGET_SECRET_KEY does not open the store's secrets; give this process "
            "the one that the service runs with"
        )
    return ConfigurationError(
        f"secret_key: the key that opens the store's secrets is not in {masters.file.absolute()}, "
        "where this command looks; run it as the service runs (with the same GIVEGET_SECRET_KEY or "
        "GIVEGET_SECRET_KEY_FILE, user and folder), or copy the file that belongs to the store (or "
        "to its backup) there"
    )


def _fresh() -> bytes:
    return secrets.token_bytes(_MOST)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
