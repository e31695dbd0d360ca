"""What a connector is: it proves that a call is its tool's own, and says it in our words.

`POST /v1/connect/{name}` hands a call to the connector that the entry point `name` of the group
`giveget.connectors` makes; ours are registered the same way, in pyproject.toml. Somebody else's is
a package of its own: a function that takes a `Setup` and returns a `Connector`, named there, and
tested by `service.integrations.contract_tests`. docs/connect/own-connector.md shows one.

A connector stores nothing and calls nothing back: what it reads is stored by
`use_cases/intake/inbound.take_reading`, once however often it comes, in any order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from service.errors import ConfigurationError, NotKnown
from service.integrations.hubspot import Change
from service.integrations.inbound import Told
from service.integrations.mail_providers import MailEvent
from service.settings import Settings

GROUP = "giveget.connectors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as it came."""

    method: str
    url: str
    """The whole address that was called, as `public_url` names it."""
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes
    json: Any
    """What the body holds."""
    now: datetime
    tolerance_seconds: int
    """How far a signature's time may be from `now`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one element of a call says; each part may be empty.

    Ids make a repeat known: the tool's own, with its name before it.
    """

    told: Told = field(default_factory=Told)
    """Leads, events and touches."""
    mail: Sequence[MailEvent] = ()
    """What became of mail we sent, and who wants no more, whoever tells it."""
    changes: Sequence[Change] = ()
    """Contacts and deals of a CRM that changed, were merged or are to be erased."""
    fetch: Sequence[tuple[str, str]] = ()
    """What is to be fetched by `jobs/run_deliveries.py`: what, and its id there; ours only."""


class Connector(Protocol):
    """One tool."""

    media_types: Sequence[str]
    """Of its bodies, all JSON."""
    is_one: bool
    """Whether all that a call says is stored in one transaction; else each element in its own."""
    at_once: int
    """How many things to fetch are fetched before the call is answered; the worker does others."""

    async def check(self, call: Call) -> Any:
        """Proof that the call is the tool's own, which `read` is given.

        Raises NotKnown: `signatures.off` where nothing is set up, else a code of its own; compares
        secrets in constant time. Raises BadInput where the whole call is refused once it is proven.
        """

    def read(self, element: Any, proof: Any, call: Call) -> Reading:
        """What an element of the body says, or the body where it is no list.

        Pure, and the same for the same element. Raises BadInput for what cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a connector is made from."""

    settings: Settings
    own: Mapping[str, str]
    """Its part of the setting `connectors`: `[connectors.NAME]` of the file."""


def load_connectors(settings: Settings) -> Mapping[str, Connector]:
    """Every installed connector, by its name in the address. Raises ConfigurationError."""
    made: dict[str, Connector] = {}
    for point in _installed(tuple(sys.path)):
        if point.name in made:
            raise ConfigurationError(f"two packages have a connector `{point.name}`: remove one")
        factory: Callable[[Setup], Connector] = point.load()
        own = settings.connectors.get(point.name, {})
        made[point.name] = factory(Setup(settings=settings, own=own))
    if unknown := settings.connectors.keys() - made.keys():
        said = ", ".join(sorted(unknown))
        raise ConfigurationError(f"connectors: not installed: {said}; installed: {', '.join(made)}")
    return made


@cache
def _installed(path: tuple[str, ...]) -> Sequence[EntryPoint]:
    """What the packages of a path brought: reading all of their names takes a while."""
    return tuple(entry_points(group=GROUP))


def not_set_up(name: str, key: str) -> NotKnown:
    """The refusal of a connector of somebody else's whose part of `connectors` lacks a key."""
    return NotKnown("not_connected", f"{name} is not connected: set connectors.{name}.{key}")
