"""The master key: it opens the secrets that the store keeps, and lies outside the store.

`GIVEGET_SECRET_KEY` is one (`GIVEGET_SECRET_KEY_OLD` the one before, while it is exchanged);
otherwise a file holds them, one a line, the newest first. Beside an SQLite store, and in the user's
state folder for a database on a server, that file is made when it is first needed, so that nothing
has to be set up; processes on several machines are given the same key.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from service.db.engines import read_url
from service.errors import ConfigurationError
from service.settings import Settings

_LEAST = 32
"""Characters of a key, as of the setting."""


class MasterKeys:
    """Where this process's master keys are, and what they are."""

    def __init__(self, settings: Settings) -> None:
        given = (settings.secret_key, settings.secret_key_old)
        self._given = tuple(key for key in given if key) if settings.secret_key else ()
        self.file = None if self._given else settings.secret_key_file or _beside(settings.db)
        """The file; None where the environment holds the keys."""

    @property
    def place(self) -> str:
        """Where they are, for messages."""
        return "GIVEGET_SECRET_KEY" if self.file is None else str(self.file)

    def read(self) -> tuple[str, ...]:
        """The keys, newest first; none while the file is not there. Raises ConfigurationError."""
        if self.file is None:
            return self._given
        try:
            text = self.file.read_text(encoding="ascii")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "is no text"
            raise ConfigurationError(f"secret_key_file: {self.file}: {why}") from None
        keys = tuple(line.strip() for line in text.splitlines() if line.strip())
        if not keys or min(map(len, keys)) < _LEAST:
            raise ConfigurationError(
                f"secret_key_file: {self.file}: each line must be a key of at least {_LEAST} "
                "characters: openssl rand -base64 48"
            )
        return keys

    def make(self) -> None:
        """A first key in a file of its owner's alone; another process's stays."""
        with suppress(FileExistsError):
            self._put([_fresh()], is_first=True)

    def renew(self) -> None:
        """A new key before the others, which still open older backups.

        Raises ConfigurationError where the environment holds the keys.
        """
        if self.file is None:
            raise ConfigurationError(
                "secret_key: give every process a new GIVEGET_SECRET_KEY (openssl rand -base64 48) "
                "and the present one as GIVEGET_SECRET_KEY_OLD, then rotate again"
            )
        self._put([_fresh(), *self.read()], is_first=False)

    def _put(self, keys: Sequence[str], *, is_first: bool) -> None:
        assert self.file is not None
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.file.parent)  # mode 600
            with os.fdopen(handle, "w", encoding="ascii") as beside:
                beside.write("".join(f"{key}\n" for key in keys))
                beside.flush()
                os.fsync(beside.fileno())
            try:
                (os.link if is_first else os.replace)(name, self.file)  # whole, or not at all
            finally:
                Path(name).unlink(missing_ok=True)
        except FileExistsError:
            raise
        except OSError as error:
            raise ConfigurationError(
                f"secret_key_file: {self.file} cannot be written: {error.strerror}"
            ) from None


def _beside(db: str) -> Path:
    """Beside an SQLite store; for a server's database in this user's state folder.

    The folder is that of the XDG Base Directory Specification: specifications.freedesktop.org.
    """
    url = read_url(db)
    if url.get_backend_name() == "sqlite":
        return Path(f"{url.database}.key")
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    named = f"{url.host or 'local'}:{url.port or ''}/{url.database}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:16]
    return home / "giveget" / f"{url.database or 'store'}-{digest}.key"


def _fresh() -> str:
    return secrets.token_urlsafe(48)
