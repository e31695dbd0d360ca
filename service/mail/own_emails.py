"""One's own mails, in the folder of `GIVEGET_EMAILS`: checked like the shipped, begun from one,
and packed beside a backup.

    emails/
      autumn-fair/words.toml     a new mail: `like = "extra-months"` says whose trade to show
      extra-months/words.toml    comes before the shipped one of that name
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from jinja2 import TemplateError

from service.errors import ConfigurationError
from service.mail.lint import complaints
from service.mail.locales import tongue_names
from service.mail.render import TEXTS, WORDS, email_names, own_names, shipped_names, words_of
from service.mail.samples import sample

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LARGEST = 100_000


def read_own_emails(folder: Path | None) -> None:
    """Check one's own mails as the process starts. Raises ConfigurationError with every fault."""
    if folder is None:
        return
    if not folder.is_dir():
        raise ConfigurationError(f"emails: {folder} is no folder")
    found = [said for name in sorted(own_names(folder)) for said in faults(name, folder)]
    if found:
        raise ConfigurationError("emails: " + "; ".join(found))


def faults(name: str, folder: Path | None) -> list[str]:
    """What is wrong with one mail, in every language; nothing when it may be sent."""
    if not _NAME.fullmatch(name):
        return [f"{name}: a mail's name has small letters, digits and dashes, at most 60"]
    try:
        words = words_of(name, folder)
    except (OSError, ValueError) as error:
        return [f"{name}/{WORDS}: {error}"]
    missing = [
        f"{name}/{WORDS} lacks {text} in [{tongue}]"
        for tongue in tongue_names()
        for text in TEXTS
        if not _said(words.get(tongue), text)
    ]
    like = words.get("like")
    if like is not None and like not in shipped_names():
        missing.append(f"{name}/{WORDS}: like = {like!r} names no shipped mail")
    return missing or list(_faults_when_rendered(name, folder))


def _said(words: object, text: str) -> bool:
    """Whether a table of words has a text that says something."""
    said = words.get(text) if isinstance(words, dict) else None
    return isinstance(said, str) and bool(said.strip())


def _faults_when_rendered(name: str, folder: Path | None) -> Iterator[str]:
    for tongue in tongue_names():
        try:
            made = sample(name, tongue, folder=folder)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            yield f"{name} [{tongue}]: {error}"
            continue
        for said in complaints(made.letter, made.context, made.tongue):
            yield f"{name} [{tongue}]: {said}"


def begin(name: str, like: str, folder: Path) -> Path:
    """A new mail with the words of a shipped one; its file. Raises ConfigurationError."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f'"{name}" must have small letters, digits and dashes, at most 60')
    if like not in shipped_names():
        known = ", ".join(sorted(email_names()))
        raise ConfigurationError(f'there is no mail "{like}"; there are {known}')
    path = folder / name / WORDS
    text = files("service.mail").joinpath("emails", like, WORDS).read_text(encoding="utf-8")
    head = "" if name in shipped_names() else f'like = "{like}"   # whose trade an example shows\n'
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as new:
            new.write(head + text)
    except FileExistsError:
        raise ConfigurationError(f"{path} exists already; nothing is overwritten") from None
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None
    return path


def pack(folder: Path) -> bytes:
    """The folder's mails as a zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob(f"*/{WORDS}")):
            archive.writestr(f"{path.parent.name}/{WORDS}", path.read_bytes())
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> int:
    """Put packed mails into a folder; what is there stays. How many were written.

    Raises ConfigurationError for what `pack` did not make.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = archive.infolist()
            kept = {entry.filename: archive.read(entry) for entry in entries if _is_ours(entry)}
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise ConfigurationError(f"the mails beside the backup cannot be read: {error}") from None
    if len(kept) != len(entries):
        raise ConfigurationError("the mails beside the backup hold files that are no mails")
    written = 0
    for name, text in kept.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
            written += 1
    return written


def _is_ours(entry: zipfile.ZipInfo) -> bool:
    name, _, file = entry.filename.partition("/")
    is_mail = _NAME.fullmatch(name) is not None and file == WORDS
    return is_mail and entry.file_size <= _LARGEST
