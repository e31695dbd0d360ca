"""Exchange rates as this process uses them: the shipped ones, those fetched, those of a file.

Files of the European Central Bank's are of the form described at
ecb.europa.eu/stats/policy_and_exchange_rates: `Cube` elements with a `time`, around `Cube`
elements with a `currency` and its `rate` for one euro. Read by the standard library's expat, which
is told to refuse entities: defusedxml would wrap the same parser.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.parsers import expat

import httpx2

from offers.fx import Rates, ecb_rates
from offers.own_rates import HEADER, OwnRates, read_rates
from service.errors import ConfigurationError
from service.integrations.http import ToolBusy, trusted

_MOST_BYTES = 20_000_000
_MOST_FETCHED = 10_000_000
_SECONDS = 20.0
_KEPT_DAYS = 400


def read_exchange_rates(file: Path | None) -> Rates:
    """The shipped rates, under those of a file. Raises ConfigurationError."""
    if file is None:
        return ecb_rates()
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ConfigurationError(f"rates: {file}: larger than {_MOST_BYTES:,} bytes")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"rates: {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"rates: {file}: must be UTF-8 text") from None
    try:
        return OwnRates(ecb_rates(), read_rates(text))
    except ValueError as error:
        raise ConfigurationError(f"rates: {file}: {error}") from None


class FetchedRates(OwnRates):
    """The shipped rates, under fetched ones, under those of a file."""

    def __init__(self, file: Path | None, fetched: str) -> None:
        base = OwnRates(ecb_rates(), read_rates(fetched))
        own = "" if file is None else file.read_text(encoding="utf-8")
        super().__init__(base, read_rates(own) if own else ())
        self.fetched = fetched


async def fetch_ecb(url: str) -> list[tuple[date, str, Decimal]]:
    """The rates of a file of the ECB's. Raises ToolBusy for what cannot be had or read."""
    try:
        async with (
            httpx2.AsyncClient(timeout=_SECONDS, trust_env=False, verify=trusted()) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise ToolBusy(f"status_{answer.status_code}")
            raw = bytearray()
            async for chunk in answer.aiter_bytes():
                raw += chunk
                if len(raw) > _MOST_FETCHED:
                    raise ToolBusy("answer_too_large")
    except httpx2.HTTPError as error:
        raise ToolBusy(f"unreachable_{type(error).__name__}") from None
    return read_ecb(bytes(raw))


def read_ecb(raw: bytes) -> list[tuple[date, str, Decimal]]:
    """The rows of a file of the ECB's. Raises ToolBusy where it holds none."""
    rows: list[tuple[date, str, Decimal]] = []
    days: list[date] = []
    parser = expat.ParserCreate()

    def start(name: str, said: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "Cube":
            return
        if "time" in said:
            days.append(date.fromisoformat(said["time"]))
        elif "currency" in said and days:
            rate = Decimal(said["rate"])
            if rate.is_finite() and rate > 0:
                rows.append((days[-1], said["currency"].upper(), rate))

    def refuse(*_: object) -> None:
        raise ToolBusy("answer_unreadable")

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, KeyError, InvalidOperation):
        raise ToolBusy("answer_unreadable") from None
    if not rows:
        raise ToolBusy("no_rates")
    return rows


def merged(before: str, rows: list[tuple[date, str, Decimal]]) -> str:
    """A rates file of what was kept and what came, without what is older than a year."""
    found = {
        (day, code): rate for day, code, rate in (*(read_rates(before) if before else ()), *rows)
    }
    newest = max(day for day, _ in found)
    kept = [(d, c, r) for (d, c), r in sorted(found.items()) if (newest - d).days <= _KEPT_DAYS]
    return "\n".join([",".join(HEADER), *(f"{day},{code},{rate:f}" for day, code, rate in kept)])
