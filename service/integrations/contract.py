"""What a connector is: it proves that a call is its tool's, says it in our words, and tells it.

Three verbs: `check` and `read` are of a tool that sends us something (`Connector`), `tell` is of
one that is told what became of leads (`Listener`). A tool may be either, or both.

`POST /v1/connect/{name}` hands a call to the connector that the entry point `name` of the group
`giveget.connectors` makes; ours are registered the same way, in pyproject.toml. Somebody else's is
a package of its own: a function that takes a `Setup` and returns a connector, named there, and
tested by `service.integrations.contract_tests`. docs/connect/own-connector.md shows one.

A connector stores nothing: what it reads is stored by `use_cases/intake/inbound.take_reading`,
once however often it comes, in any order; what it wants to say of a lead is kept by
`use_cases/intake/telling.py` and said by `jobs/tellings.py`: once, retried with waits that double,
in the order in which it was asked for, and not at all in shadow mode.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, runtime_checkable

from service.domain.lead_now import LeadNow
from service.errors import ConfigurationError, NotKnown
from service.integrations.http import ToolError
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


@runtime_checkable
class Connector(Protocol):
    """One tool that sends us something."""

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
class Message:
    """One thing to tell a tool, as it is at this moment.

    What waits under the same `what` and `subject` is overtaken by it; one that says what was told
    last is not told again.
    """

    what: str
    """Its kind, a word of the connector's own."""
    subject: str
    """Whom or what it is about there."""
    body: Mapping[str, Any]
    """JSON. It is kept until it is overtaken or its lead is erased, and shown in an export."""
    is_once: bool = False
    """Whether it is told once for ever, whatever its body says later: a notification."""
    takes_back: bool = False
    """Whether it only undoes what was told: where nothing was, nobody hears it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A message that is due."""

    message: Message
    key: str
    """The same for each try of this message: an idempotency key, for tools that take one."""
    kept: Mapping[str, Any] | None = None
    """What `tell` answered the last time under this `what` and `subject`."""
    told: Mapping[str, Any] | None = None
    """The body that the tool took last; None where it took none, or nobody knows."""
    in_doubt: bool = False
    """Whether a message was under way before whose end nobody heard of: what it was to make may
    be there."""


Outcome = Mapping[str, Any] | None | ToolError
"""How telling one message ended: what is to be kept of it, nothing new, or why it was not taken."""


@runtime_checkable
class Listener(Protocol):
    """One tool that is told."""

    is_told: bool
    """Whether it is set up: nothing is asked of it else."""
    at_a_time: int
    """How many messages of one kind `tell` takes together, 1 to 100."""

    def to_tell(self, lead: LeadNow) -> Sequence[Message]:
        """What should be known there of a lead, whatever is known there now.

        Pure, and the same for the same lead. Of one that was erased only messages that take
        something back.
        """

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        """Tell messages of one `what`, 1 to `at_a_time`, the oldest first; an outcome for each.

        May be tried again after it was taken, where the answer was lost. Raises ToolBusy where the
        tool may take all of it later, ToolRefused where it never will, both of
        `service.integrations.http`; a try after which ToolBusy names a time counts for none.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a connector is made from."""

    settings: Settings
    own: Mapping[str, str]
    """Its part of the setting `connectors`: `[connectors.NAME]` of the file."""
    client: Any = None
    """The client of its tool, for those of ours that others of our parts call too."""


def load_connectors(
    settings: Settings, clients: Mapping[str, Any] | None = None
) -> Mapping[str, Connector | Listener]:
    """Every installed connector, by its name in the address. Raises ConfigurationError.

    `clients` are those of our own tools, by the same names.
    """
    made: dict[str, Connector | Listener] = {}
    clients = clients or {}
    for point in _installed(tuple(sys.path)):
        if point.name in made:
            raise ConfigurationError(f"two packages have a connector `{point.name}`: remove one")
        factory: Callable[[Setup], Connector | Listener] = point.load()
        own = settings.connectors.get(point.name, {})
        client = clients.get(point.name)
        made[point.name] = _whole(
            point.name, factory(Setup(settings=settings, own=own, client=client))
        )
    if unknown := settings.connectors.keys() - made.keys():
        said = ", ".join(sorted(unknown))
        raise ConfigurationError(f"connectors: not installed: {said}; installed: {', '.join(made)}")
    return made


def _whole(name: str, made: Connector | Listener) -> Connector | Listener:
    """What a package made, once it keeps one half of the contract, and no half by half."""
    halves = {
        "to be heard": ("media_types", "is_one", "at_once", "check", "read"),
        "to be told": ("is_told", "at_a_time", "to_tell", "tell"),
    }
    lacks = {
        to: [part for part in parts if not hasattr(made, part)] for to, parts in halves.items()
    }
    begun = {to: missing for to, missing in lacks.items() if len(missing) < len(halves[to])}
    if not begun:
        raise ConfigurationError(f"connector `{name}` keeps nothing of the contract of connectors")
    for to, missing in begun.items():
        if missing:
            raise ConfigurationError(f"connector `{name}` lacks, {to}: {', '.join(missing)}")
    return made


@cache
def _installed(path: tuple[str, ...]) -> Sequence[EntryPoint]:
    """What the packages of a path brought: reading all of their names takes a while."""
    return tuple(entry_points(group=GROUP))


def not_set_up(name: str, key: str) -> NotKnown:
    """The refusal of a connector of somebody else's whose part of `connectors` lacks a key."""
    return NotKnown("not_connected", f"{name} is not connected: set connectors.{name}.{key}")
