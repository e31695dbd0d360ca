"""The demo's story played through a real server, and set pieces: what pictures and benches look at.

`lived_in` is the demo of twelve days; `set_pieces` brings about what the story leaves out: a held
lead, a concession that waits and one to promise, a draft, offers in every state.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import sqlalchemy as sa

from service.db.tables.leads import account_ledger, captured_mail, leads, offers
from service.db.tables.leads import queue as queue_table
from service.demo.arrivals import arrive
from service.demo.caller import Caller
from service.demo.clock import StoryClock
from service.demo.simulate import simulate
from service.demo.stage import Stage, running_server, train_demo_model, work, write_export
from service.demo.story import REPS, Story

_OPEN = ("issued", "sent", "viewed")


@contextmanager
def lived_in() -> Iterator[Stage]:
    """A server after twelve days of sign-ups, work and outcomes, with a model trained on others."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    start = now - timedelta(days=12)
    with tempfile.TemporaryDirectory() as folder:
        export, model = Path(folder) / "leads.csv", Path(folder) / "model"
        past = simulate(1000, seed=20, start=start - timedelta(days=200), days=150)
        train_demo_model(export, write_export(past, export), model, lambda step: None)
        clock = StoryClock(start)
        with running_server(Path(folder), model, clock, list(REPS), port=0) as stage:
            caller = Caller(stage.url, stage.ingest, clock)
            for rep, desk in REPS.items():
                caller.person("PUT", f"/v1/reps/{rep}", stage.manager, desk)
            trials = simulate(360, seed=21, start=start, days=12)
            story = Story(caller, clock, trials, stage.reps, lambda: work(stage.runtime))
            story.play(start, now, lambda at, counts: None)
            clock.release()  # leases run by the browser's clock
            arrive(caller, stage.manager, clock.now())
            caller.close()
            yield stage


def paths_of(stage: Stage) -> dict[str, str]:
    """Every page of the console by a name, for a manager; `set_pieces` came before."""

    def look(connection: sa.Connection) -> dict[str, str]:
        def one(query: sa.Select[tuple[str]]) -> str:
            return str(connection.execute(query.limit(1)).scalar_one())

        held = one(sa.select(queue_table.c.lead).where(queue_table.c.state == "held"))
        offer = one(sa.select(offers.c.id).where(offers.c.state == "accepted"))
        waiting = one(sa.select(offers.c.id).where(offers.c.state == "awaiting_approval"))
        mail = one(sa.select(captured_mail.c.id))
        due = one(sa.select(offers.c.lead).where(offers.c.state == "accepted"))
        duartes = sa.select(leads.c.id).where(leads.c.id.like("duarte-%"))
        bought = one(
            sa.select(leads.c.account)
            .join(account_ledger, account_ledger.c.lead == leads.c.id)
            .where(leads.c.account.is_not(None))
        )
        promised = one(duartes.order_by(leads.c.received_at.desc()))
        return {
            "overview": "/",
            "leads": "/leads",
            "lead": f"/leads/{held}",
            "lead-with-offer": f"/leads/{due}",
            "lead-to-promise": f"/leads/{promised}",
            "account": f"/accounts/{bought}",
            "figures": "/figures",
            "offers": "/offers",
            "offer": f"/offers/{offer}",
            "offer-waiting": f"/offers/{waiting}",
            "to-do": "/tasks",
            "policy": "/policy",
            "model": "/model",
            "model-report": "/model/report",
            "mail": "/mail",
            "mail-one": f"/mail/{mail}",
            "ledger": "/ledger",
            "effect": "/effect",
            "team": "/team",
            "connections": "/connections",
            "calls": "/calls",
            "find": "/find?q=duarte",
            "sessions": "/sessions",
            "docs": "/docs",
            "docs-errors": "/docs/errors",
        }

    return stage.runtime.store.read_now(look)


def customer_paths(stage: Stage) -> dict[str, str]:
    """The customers' pages by a name, each address whole; `set_pieces` came before."""
    now = stage.runtime.clock.now()

    def look(connection: sa.Connection) -> dict[str, str]:
        rows = connection.execute(sa.select(offers.c.id, offers.c.state, offers.c.ends_at)).all()
        shown = {
            "open": next(r.id for r in rows if r.state in _OPEN and r.ends_at > now),
            "accepted": next(r.id for r in rows if r.state == "accepted"),
            "withdrawn": next(r.id for r in rows if r.state == "withdrawn"),
            "expired": next(r.id for r in rows if r.state in _OPEN and r.ends_at <= now),
        }
        ref = connection.execute(sa.select(leads.c.ref).limit(1)).scalar_one()
        links = stage.runtime.links
        return {f"o-{state}": links.offer(offer) for state, offer in shown.items()} | {
            "o-broken": links.offer("x")[:-3],
            "u": links.unsubscribe(ref),
            "code": links.code(ref, now),
        }

    return stage.runtime.store.read_now(look)


def set_pieces(stage: Stage) -> str:
    """Bring about what the story leaves out; the version of a policy's draft."""
    with httpx2.Client(base_url=stage.url, trust_env=False, timeout=60) as http:
        _offers_in_every_state(stage, http)
        _a_concession(stage, http)
        ben = {"authorization": f"Bearer {stage.reps['ben']}"}
        http.post("/v1/reps/ben/claim", headers=ben).raise_for_status()
        text = stage.runtime.policy.text
        draft = text.replace("rep_above_percent = 5", "rep_above_percent = 8")
        draft = draft.replace("days_between_offers = 180", "days_between_offers = 120")
        draft = draft.replace("trial_day >= 5 and seats_requested >= 60", "seats_requested >= 40")
        manager = {"authorization": f"Bearer {stage.manager}"}
        kept = http.post("/v1/policies", json={"text": draft}, headers=manager)
        kept.raise_for_status()
        return str(kept.json()["id"])


def _offers_in_every_state(stage: Stage, http: httpx2.Client) -> None:
    manager = {"authorization": f"Bearer {stage.manager}"}
    found = http.get("/v1/offers", headers=manager).json()["offers"]
    still = [offer["id"] for offer in found if offer["state"] in _OPEN]
    assert len(still) >= 4, "the story issues too few offers for the set pieces"
    http.post(f"/v1/offers/{still[0]}/withdraw", headers=manager).raise_for_status()
    http.post(f"{stage.runtime.links.offer(still[1])}/accept").raise_for_status()
    ended = stage.runtime.clock.now() - timedelta(hours=1)
    by_id = offers.c.id == still[2]

    def end(connection: sa.Connection) -> None:
        terms = json.loads(connection.execute(sa.select(offers.c.terms).where(by_id)).scalar_one())
        terms["ends_at"] = ended.isoformat()
        values = {"ends_at": ended, "terms": json.dumps(terms)}
        connection.execute(sa.update(offers).where(by_id).values(values))

    stage.runtime.store.write_now(end)


def _a_concession(stage: Stage, http: httpx2.Client) -> None:
    """A rep asks for a concession that somebody must approve: for the first of some new sign-ups
    that reaches a rep and is not of the accounts held out by chance; the second may be promised
    the same."""
    caller = Caller(stage.url, stage.ingest, stage.runtime.clock)
    for rep, desk in REPS.items():
        caller.person("PUT", f"/v1/reps/{rep}", stage.manager, {**desk, "capacity": 30})
    began = stage.runtime.clock.now() - timedelta(days=9)
    is_asked = False
    for number in range(30):
        answer = caller.signed(
            "/v1/signups",
            {
                "id": f"duarte-{number}",
                "locale": "pt-BR",
                "email": f"ines@duarte-{number}.example",
                "first_name": "Ines",
                "plan": "business",
                "last_name": "Duarte",
                "title": "Chief Executive Officer",
                "seats": 48,
                "attributes": {
                    "legal_form": {"value": "company", "source": "crm"},
                    "credit_limit_minor": {"value": 5_000_000, "source": "erp"},
                },
                "company": "Duarte & Filhos",
                "country": "PT",
                "phone": "+351 21 123 4567",
                "trial_started_at": began.isoformat(),
                "signed_up_at": began.isoformat(),
            },
        )
        if answer["rep"] is None:
            continue
        key = {"authorization": f"Bearer {stage.reps[answer['rep']]}"}
        path = f"/v1/leads/{answer['lead_id']}/offer"
        tried = http.post(path, json={"dry_run": True}, headers=key).json()
        if tried["offer"] is None or tried["offer"]["approval"] == "none":
            continue
        if is_asked:
            caller.close()
            return
        http.post(path, json={}, headers=key).raise_for_status()
        is_asked = True
    raise AssertionError("no two new leads are granted a concession")
