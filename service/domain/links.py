"""Addresses that a page or a mail may show as links."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PLAIN = re.compile(r"[!#-&(-;=?-\[\]_a-z~]{1,1000}")  # neither quotes, brackets nor spaces
_NEAR = ("127.0.0.1", "localhost")


def is_web_address(text: str) -> bool:
    """Whether a text is an https address without a user, safe in any attribute; http only here."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _NEAR)
    named = bool(host) and parts.username is None and ";" not in parts.netloc
    return is_safe and named and "," not in parts.netloc and _PLAIN.fullmatch(text) is not None
