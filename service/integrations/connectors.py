"""The connectors we ship, but for mail providers: Segment, HubSpot, Stripe, Aircall, Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.domain.lead_now import LeadNow
from service.errors import NotKnown
from service.integrations import signatures
from service.integrations.aircall import call_named
from service.integrations.contract import Call, Message, Outcome, Reading, Setup, Telling
from service.integrations.http import Api
from service.integrations.hubspot import read_change
from service.integrations.hubspot_client import BATCH
from service.integrations.hubspot_client import HubSpot as HubSpotClient
from service.integrations.hubspot_telling import messages_of, tell_hubspot
from service.integrations.segment import Source, read_call, read_traits
from service.integrations.stripe_events import read_event

JSON = ("application/json",)


class Segment:
    """Segment's Webhooks destination: identify, track, page, screen, group, alias."""

    media_types = JSON
    is_one = False
    at_once = 0

    def __init__(self, setup: Setup) -> None:
        given = setup.settings
        secrets = ((given.segment_server_secret, True), (given.segment_secret, False))
        self._secrets = [(secret, is_server) for secret, is_server in secrets if secret]
        self._batch_secret = given.segment_batch_secret
        self._traits = read_traits(given.segment_map)

    async def check(self, call: Call) -> bool:
        """Whether a server's source sent it."""
        refused = signatures.off("Segment", "segment_secret")
        shown = call.headers.get("x-giveget-secret", "")
        is_shown = signatures.is_same(shown, self._batch_secret)
        for secret, is_server in self._secrets:
            try:
                signatures.check_segment(
                    call.headers.get("x-signature", ""),
                    call.body,
                    secret,
                    batch_secret_shown=is_shown,
                )
            except NotKnown as error:
                refused = error
            else:
                return is_server
        raise refused

    def read(self, element: Any, proof: bool, call: Call) -> Reading:
        """One of Segment's calls."""
        source = Source(is_server=proof, traits=self._traits, now=call.now)
        return Reading(told=read_call(element, source))


class HubSpot:
    """HubSpot's webhooks: changes of contacts and deals; the contacts are fetched at once.

    It is told our own properties of a contact and no others, and a task for the rep.
    """

    media_types = JSON
    is_one = True
    at_once = 5
    at_a_time = BATCH

    def __init__(self, setup: Setup) -> None:
        self._secret = setup.settings.hubspot_secret
        self._client: HubSpotClient | None = setup.client
        self.is_told = self._client is not None
        self._with_tasks = setup.settings.hubspot_tasks

    async def check(self, call: Call) -> None:
        """Signature v3."""
        if self._secret is None:
            raise signatures.off("HubSpot", "hubspot_secret")
        signatures.check_hubspot(
            call.headers.get("x-hubspot-signature-v3", ""),
            call.headers.get("x-hubspot-request-timestamp", ""),
            call.method,
            call.url,
            call.body,
            self._secret,
            call.now,
            call.tolerance_seconds,
        )

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """One change."""
        change = read_change(element)
        return Reading(changes=() if change is None else (change,))

    def to_tell(self, lead: LeadNow) -> Sequence[Message]:
        """Our properties of each of its contacts, once it has one, and the rep's task."""
        return messages_of(lead, with_tasks=self._with_tasks)

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        """Write properties; make, change and end tasks."""
        assert self._client is not None
        return await tell_hubspot(self._client, due)


class Stripe:
    """Stripe's events; what they are about is fetched anew by the worker."""

    media_types = JSON
    is_one = True
    at_once = 0

    def __init__(self, setup: Setup) -> None:
        self._secret = setup.settings.stripe_webhook_secret
        self._is_live = setup.settings.takes_live_money

    async def check(self, call: Call) -> None:
        """`Stripe-Signature`; what is no event, or of test mode where money is real, is refused."""
        if self._secret is None:
            raise signatures.off("Stripe", "stripe_webhook_secret")
        signatures.check_stripe(
            call.headers.get("stripe-signature", ""),
            call.body,
            self._secret,
            call.now,
            call.tolerance_seconds,
        )
        read_event(call.json, is_live=self._is_live)

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """One event."""
        asked = read_event(element, is_live=self._is_live)
        return Reading(fetch=() if asked is None else ((asked.what, asked.subject),))


class Aircall:
    """Aircall's events of calls; the call is fetched by the worker, and the body is not believed.

    Whatever shows the token is answered 200, since Aircall switches a failing webhook off.
    """

    media_types = JSON
    is_one = True
    at_once = 0

    def __init__(self, setup: Setup) -> None:
        self._tokens = setup.settings.aircall_token

    async def check(self, call: Call) -> None:
        """The token in the body."""
        if not self._tokens:
            raise signatures.off("Aircall", "aircall_token")
        shown = call.json.get("token") if isinstance(call.json, Mapping) else None
        if not signatures.is_one_of(shown if isinstance(shown, str) else "", self._tokens):
            raise NotKnown("wrong_token", "the body's token is not that of our webhook")

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """One event of a call."""
        named = call_named(element)
        return Reading(fetch=() if named is None else (("call", named),))


class Slack:
    """A channel that is told of hot leads and of approvals that wait, each once; it sends nothing.

    No word of a person is in it: the link shows who it is, to who may see that.
    """

    at_a_time = 1

    def __init__(self, setup: Setup) -> None:
        self._client: Api | None = setup.client
        self.is_told = self._client is not None

    def to_tell(self, lead: LeadNow) -> Sequence[Message]:
        """What is worth an interruption."""
        said = []
        if lead.lane == "rep" and (lead.grade or "").endswith("1") and lead.outcome is None:
            text = f"A hot lead ({lead.grade}) waits for a call: {lead.link}"
            said.append((f"hot:{lead.id}", text))
        for offer in lead.offers:
            if offer.state == "awaiting_approval":
                text = f"Offer {offer.number} waits for approval: {lead.link}"
                said.append((f"approval:{offer.id}", text))
        return [
            Message(what="say", subject=subject, body={"text": text}, is_once=True)
            for subject, text in said
        ]

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        """Say it."""
        assert self._client is not None
        for one in due:
            await self._client.call("POST", "", json=dict(one.message.body))
        return [None] * len(due)
