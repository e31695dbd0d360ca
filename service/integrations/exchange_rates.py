"""Exchange rates as this process uses them."""

from __future__ import annotations

from pathlib import Path

from offers.fx import Rates, ecb_rates
from offers.own_rates import OwnRates, read_rates
from service.errors import ConfigurationError

_MOST_BYTES = 20_000_000


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
