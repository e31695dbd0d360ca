"""What the demo's story leaves for who looks around: an offer that waits, a draft to publish."""

from __future__ import annotations

import json

import sqlalchemy as sa

from offers.terms import Terms
from service.demo import boss
from service.demo.caller import Caller
from service.demo.ready_leads import ask_for_approval, offer_at_once
from service.demo.stage import Stage
from service.domain.lead import StoredLead
from service.mail.context import locale_of_lead
from service.runtime import Runtime
from service.store.leads import leads
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.ops import outbox

SELLER = {
    "brand_name": "Giveget Demo",
    "support_email": "hello@giveget.example",
    "terms_url": "https://giveget.example/terms",
    "privacy_url": "https://giveget.example/privacy",
}
"""Who sells, on the customers' pages and in their mails."""
EFFECT_ACCOUNTS, EFFECT_READINGS = 90, 1
_CHANGED = {
    "audience_share = 0.05 ": "audience_share = 0.5 ",
    "holdout = 0.10\n": "holdout = 0.40\n",
    "[readings] ": f"[readings]\nplanned = {EFFECT_ACCOUNTS} #",
    "count = 4 ": f"count = {EFFECT_READINGS} ",
    "budget_minor_per_month = 5_000_000": "budget_minor_per_month = 50_000_000",
    "rep_above_percent = 5": "rep_above_percent = 12",
}
"""A quarter of a small team: more accounts are offered something and more held out than a shop
would, so that the one reading of some hundred trials says something; a rep may give onboarding and
a locked price without asking."""
_MAILS = 2_000
_LOOKED_AT = 200
_DRAFTED = ("rep_above_percent = 12", "rep_above_percent = 14")


def demo_policy(shipped: str) -> str:
    """The shipped policy as the demo serves it. Raises ValueError where it reads otherwise."""
    text = shipped
    for old, new in _CHANGED.items():
        if text.count(old) != 1:
            raise ValueError(f"the shipped policy has no single {old!r}")
        text = text.replace(old, new)
    return text


def put_to_work(caller: Caller, stage: Stage, text: str) -> None:
    """Ana writes the policy and Vera publishes it, as the next one is to be."""
    kept = caller.person("POST", "/v1/policies", stage.keys["Ana Ribeiro"], {"text": text})
    reason = {"reason": "What the demo begins with."}
    path = f"/v1/policies/{kept['id']}/publish"
    caller.person("POST", path, stage.keys["Vera Lindt"], reason)


def try_this(stage: Stage, trigger: str) -> list[str]:
    """A line or more for each of the five who look around, and for a customer's admin."""
    links, store = stage.entrances, stage.runtime.settings
    admin, colleague = boss.links(stage)

    def newest(connection: sa.Connection) -> str | None:
        found = offers.newest(connection, limit=_LOOKED_AT, state="sent")
        shown = [each.id for each in found if _has_seats_in_english(connection, each)]
        return next(iter(shown or [each.id for each in found]), None)

    offer = stage.runtime.store.read_now(newest)
    page = "none is open just now" if offer is None else stage.runtime.links.offer(offer)
    return [
        f"Rep (Ben): {links['Ben Carter']}",
        "   claim the next lead (c), make an offer (o), mark it done (d, 1, Enter), take that back",
        f"Manager (Vera): {links['Vera Lindt']}",
        "   Overview over 90 days, what offers earned and why; under Offers approve what a rep",
        "   asked for, with a comment; find two leads with no matching rep, and cover them; acting",
        "   as admin, give somebody a log-in on Team",
        f"Revenue operations (Ana): {links['Ana Ribeiro']}",
        "   act as manager; Effect says what offers changed; Vera publishes Ana's draft on Policy",
        "Engineer: send one more sign-up, then find it under Calls and Leads",
        f"   {trigger}",
        "   (sign in as Vera); to be told events yourself, end the demo and go on with its store;",
        "   a receiver on this machine is in a private network, which must be allowed:",
        "   GIVEGET_WEBHOOK_URL=http://127.0.0.1:9000 GIVEGET_WEBHOOK_ALLOW_PRIVATE=true "
        "GIVEGET_WEBHOOK_SECRET=whsec_$(openssl rand -base64 32) "
        f"giveget serve --db {store.db} --model {store.model}",
        f"Customer: {page}",
        "   read the offer, change the seats, accept it or say why not",
        f"Their admin (Maya): {admin}",
        f"   change who gets the team's report; a colleague sees it at {colleague}",
    ]


def _has_seats_in_english(connection: sa.Connection, offer: StoredOffer) -> bool:
    """Whether its page is in English and has a price that follows the seats."""
    lead = leads.find(connection, offer.lead)
    terms = Terms.from_json(json.loads(offer.terms))
    is_priced = terms.quote is not None and any(give.changes_price for give in terms.give_terms())
    return lead is not None and is_priced and locale_of_lead(lead).name == "en"


def leave(caller: Caller, stage: Stage) -> None:
    """A team whose admin ordered a report, a lead to whom Ben can make an offer at once, an offer
    that a rep asked for and another must approve, a draft of Ana's, and three people who get no
    more mail."""
    boss.order_and_report(caller, stage)
    get_no_more_mail(caller, stage.runtime)
    text = stage.runtime.policy.text.replace(*_DRAFTED)
    caller.person("POST", "/v1/policies", stage.keys["Ana Ribeiro"], {"text": text})
    ask_for_approval(caller, stage)
    offer_at_once(caller, stage)


def get_no_more_mail(caller: Caller, runtime: Runtime) -> None:
    """Of the first three who were mailed one has no mailbox any more, one complains, one leaves."""

    def first_mailed(connection: sa.Connection) -> list[StoredLead]:
        mailed = dict.fromkeys(m["lead"] for m in outbox.captured(connection, limit=_MAILS)[::-1])
        found = leads.some(connection, [lead for lead in mailed if lead is not None])
        there = {each.id: each for each in found if each.erased_at is None}
        return [there[lead] for lead in mailed if lead in there][:3]

    mailed = runtime.store.read_now(first_mailed)
    now = runtime.clock.now().isoformat()
    for kind, lead in zip(("hard", "complaint"), mailed, strict=False):
        told = {"id": f"demo-{kind}", "lead_id": lead.id, "kind": kind, "at": now}
        caller.signed("/v1/bounces", told)
    for lead in mailed[2:]:
        assert caller.anybody("POST", runtime.links.unsubscribe(lead.pseudonym))
