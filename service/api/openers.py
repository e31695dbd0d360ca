"""Who opens a customer's link: a person, or a program that looks at links in mails.

Gateways and previews fetch what a mail links to before anybody reads it. Those that say so, by a
prefetch header or their user agent's usual words, move no offer on; one that imitates a browser
cannot be told apart, which is why the console says *opened* and not *read*. Ready lists of crawlers
(`crawler-user-agents`) leave mail gateways out, which are most of what comes here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PROGRAMS = re.compile(
    r"bot\b|crawl|spider|preview|scanner|prefetch|safelinks|mimecast|proofpoint|barracuda|"
    r"symantec|trendmicro|googleimageproxy|yahoomailproxy|facebookexternalhit|whatsapp|"
    r"\b(curl|wget|go-http-client|okhttp|python-[a-z]+|aiohttp|httpx|java)/",
    re.IGNORECASE,
)


def is_program(headers: Mapping[str, str]) -> bool:
    """Whether a request says of itself that no person is looking."""
    ahead = " ".join(headers.get(name, "") for name in _AHEAD).lower()
    agent = headers.get("user-agent", "")
    return "prefetch" in ahead or "preview" in ahead or not agent or bool(_PROGRAMS.search(agent))
