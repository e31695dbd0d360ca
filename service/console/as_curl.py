"""A kept call as a command for a shell, which runs once its variables are set.

What is masked is named at the top and stands in the body as it was kept. The signature is worked
out by openssl when the command runs, under a new id: the old one may have been answered.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from service.domain.masking import NO_JSON, to_fill_in

_SIGNED = re.compile(
    r"POST /v1/(signups|events|touches|screenings|bounces|outcomes|consents/request)"
    r"|POST /v1/gives/\{give\}/(done|failed)|POST /v1/offers/\{offer\}/(redeem|reverse)"
    r"|GET /v1/accounts/\{account\}/(report-link|offer)"
)
"""Calls to us that are signed with an ingest key; the others show a person's."""
_TOOLS = "/v1/connect/"
_SIGN = """ID="msg_$(openssl rand -hex 8)"; AT=$(date +%s)
KEY=$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIG=$(printf %s "$ID.$AT.$BODY" |
  openssl dgst -sha256 -mac HMAC -macopt hexkey:$KEY -binary | base64)"""
_SIGNATURE = '-H "webhook-id: $ID" -H "webhook-timestamp: $AT" -H "webhook-signature: v1,$SIG"'


def is_signed(method: str, target: str) -> bool:
    """Whether a call to us is signed with an ingest key."""
    return _SIGNED.fullmatch(f"{method} {target}") is not None


def as_curl(call: Mapping[str, Any]) -> str:
    """The command, with what is to be set and filled in above it."""
    method, target = call["method"], call["target"]
    if call["direction"] == "in":
        url, signs = '"$GIVEGET_URL"' + shlex.quote(target), is_signed(method, target)
        needed = ["GIVEGET_URL", "GIVEGET_INGEST_SECRET" if signs else "GIVEGET_KEY"]
    elif call["tool"] == "webhook":
        url, signs = '"$GIVEGET_WEBHOOK_URL"', True
        needed = ["GIVEGET_WEBHOOK_URL", "GIVEGET_WEBHOOK_SECRET"]
    else:
        url, signs, needed = shlex.quote(f"https://{target}"), False, ["KEY"]
    lines = [f"# set first: {', '.join(needed)}", *_fill_in(call)]
    options = []
    if call["body"] or signs:
        lines.append(f"BODY={shlex.quote(call['body'])}")
    if signs:
        lines += [f'SECRET="${{{needed[-1]}%%,*}}"', _SIGN]  # of two the new one
        options.append(_SIGNATURE)
    elif not target.startswith(_TOOLS):
        options.append(f'-H "Authorization: Bearer ${needed[-1]}"')
    if call["body"]:
        options += ["-H 'Content-Type: application/json'", '--data-binary "$BODY"']
    return "\n".join([*lines, " \\\n  ".join([f"curl -X {method} {url}", *options])])


def _fill_in(call: Mapping[str, Any]) -> Iterator[str]:
    """What the one who runs it has to write in the place of what is not kept."""
    if call["target"].startswith(_TOOLS):
        yield "# signed by the tool: only the tool, or who has its secret, can send it"
    in_path = re.findall(r"\{(\w+)\}|(…)", call["target"])
    if in_path and call["tool"] != "webhook":
        yield "# fill in, in the path: " + ", ".join(name or "…" for name, _ in in_path)
    if not call["body"]:
        return
    names = to_fill_in(call["body"])
    if names is None:
        is_json = not call["body"].startswith(f"({NO_JSON}")
        why = "too long to be kept whole" if is_json else f"{NO_JSON}, so nothing of it is kept"
        yield f"# fill in: the body, which was {why}"
    elif names:
        yield "# masked, fill in: " + ", ".join(names)
