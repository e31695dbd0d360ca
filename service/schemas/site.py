"""What the snippet on the customer's site tells: a browser's page views and events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from service.schemas.fields import Body, Time

_Hex = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class SiteEvent(Body):
    """One thing a visitor did."""

    model_config = ConfigDict(extra="ignore")

    id: _Hex
    name: Annotated[str, Field(min_length=1, max_length=100)]
    at: Time
    path: Annotated[str, Field(max_length=500)] = ""


class SiteEvents(Body):
    """What one visitor did who agreed to it."""

    model_config = ConfigDict(extra="ignore")

    key: Annotated[str, Field(max_length=200)]
    anonymous: _Hex
    consent: Literal[True]
    events: Annotated[list[SiteEvent], Field(min_length=1, max_length=20)]
