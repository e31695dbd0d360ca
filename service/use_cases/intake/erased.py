"""Nobody who asked to be erased comes back by a list, a copy or a tool's word.

What is kept of them for that are blurred keys of their addresses and ids, from which neither can be
read. Leads that went by age alone are not meant: who comes again after years is welcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from service.domain.lead_record import time_text
from service.errors import Conflict
from service.runtime import Runtime
from service.store.leads import personal_data
from service.use_cases.tx import Tx

WAS_ERASED = "was_erased"


def keys_of(runtime: Runtime, lead: str | None, email_key: str | None) -> list[str]:
    """What a person is known by once they are erased."""
    named = [] if lead is None else [runtime.email_key(f"erased:{lead}")]
    return named if email_key is None else [*named, email_key]


def blurred_account(runtime: Runtime, account: str) -> str:
    """What an account is called once nobody of it is left."""
    return f"erased:{runtime.email_key(account)}"


def find_company_again(tx: Tx, account: str) -> None:
    """Somebody signs up for a company whose people were all erased: it goes on where it stood.

    It is no person: what it bought and was offered is its own. Its name is read from nothing but
    this sign-up.
    """
    blurred = blurred_account(tx.runtime, account)
    if personal_data.accounts_among(tx.connection, (blurred,)):
        personal_data.rename_account(tx.connection, blurred, account)


def forget_company(tx: Tx, account: str) -> None:
    """Nobody of a company is left but who was erased: its name goes."""
    is_theirs = personal_data.accounts_among(tx.connection, (account,))
    if is_theirs and not personal_data.has_people(tx.connection, account):
        personal_data.rename_account(tx.connection, account, blurred_account(tx.runtime, account))


def remember(tx: Tx, keys: Iterable[str], *, ref: str) -> None:
    """Keep that whoever has one of these keys was erased."""
    for key in dict.fromkeys(keys):
        personal_data.insert_erasure(tx.connection, lead_key=key, ref=ref, now=tx.now)


def refuse_erased(
    tx: Tx, keys: list[str], consent: Mapping[str, Any] | None, *, is_browser: bool
) -> None:
    """Raises Conflict for a person who was erased and has not given a ground anew since.

    Who signs up anew gives one, and their sender tells it, dated; a browser's word is none.
    """
    at = personal_data.erased_at(tx.connection, *keys)
    if at is None:
        return
    given_at = None if consent is None or is_browser else consent.get("at")
    if given_at is not None and datetime.fromisoformat(given_at) > at:
        return
    raise Conflict(
        WAS_ERASED,
        f"this person was erased at {time_text(at)}, and nothing was stored; if they signed up "
        "anew, send the consent they gave since",
    )
