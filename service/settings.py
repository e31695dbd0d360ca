"""Every setting of the service, from the environment (`GIVEGET_…`), `.env` or the command line.

To add one: a field with a default and a docstring; all mistakes are reported in one message.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import ConfigurationError


class Settings(BaseSettings):
    """How this process runs; immutable once read."""

    model_config = SettingsConfigDict(
        env_prefix="GIVEGET_", env_file=".env", extra="ignore", frozen=True,
        use_attribute_docstrings=True, protected_namespaces=(),
    )  # fmt: skip

    db: str = "sqlite:///giveget.db"
    """The store: `sqlite:///file` or `postgresql+psycopg://user@host/name`."""
    host: str = "127.0.0.1"
    """The address `serve` listens on."""
    port: int = Field(8080, ge=0, le=65535)
    """The port `serve` listens on; 0 takes a free one."""
    model: Path | None = None
    """A trained model's directory; without one the shipped scorecard scores."""
    policy: Path | None = None
    """The policy file; without one the shipped policy decides."""
    public_url: str = "http://127.0.0.1:8080"
    """What customers' links start with."""
    secret_key: str | None = Field(None, min_length=32)
    """Signs customers' links; made once and kept in the store when absent."""

    body_limit_bytes: int = Field(262_144, ge=1024)
    """A larger body is refused."""
    signature_tolerance_seconds: int = Field(300, ge=1)
    """How far a webhook's time may be from ours: Standard Webhooks' own tolerance."""
    key_overlap_hours: int = Field(24, ge=0)
    """How long a rotated key's old secret still works."""

    touch_days: int = Field(30, ge=1)
    """`rep_contacted` means: a touch in the last so many days."""
    half_life_hours: float = Field(72.0, gt=0)
    """How fast a waiting lead's priority halves since its last hot signal."""
    lease_seconds: int = Field(1800, ge=1)
    """How long a claimed lead is a rep's before it goes back."""
    first_response_minutes: tuple[int, int, int, int] = (60, 240, 1440, 2880)
    """Due time by what the lead does (grade digits 1 to 4)."""
    handling_minutes: tuple[int, int, int, int] = (20, 15, 12, 10)
    """What a lead costs a rep by who they are (grade letters A to D)."""
    default_capacity: int = Field(20, ge=0)
    """Leads a rep takes a day, when the manager did not say."""
    seats_when_unknown: int = Field(10, ge=1)
    """Seats assumed for the expected value of a lead that named none."""
    plans_without_public_price: tuple[str, ...] = ("enterprise", "custom")
    """Plans whose leads always go to a rep."""
    look_again_days: int = Field(30, ge=1)
    """When a lead left in peace is looked at again after its trial."""

    live: bool = False
    """Off: mail lands in the captured mailbox. On: it leaves by SMTP."""
    mail_from: str = "Giveget <hello@giveget.example>"
    """The sender of offer mails."""
    mail_postal_address: str = "Giveget, 1 Example Street, 00000 Example"
    """The sender's postal address, which commercial mail must carry."""
    mail_per_worker_second: int = Field(50, ge=1)
    """Mails a worker claims at once."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: str | None = None
    smtp_starttls: bool = True
    """Whether the connection must be upgraded to TLS."""

    log_level: str = "INFO"


def read_settings(**given: Any) -> Settings:
    """Settings from the environment, overridden by what is `given` and not None.

    Raises ConfigurationError naming every wrong setting at once.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise ConfigurationError(f"settings: {wrong}") from None
