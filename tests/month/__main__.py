"""`python -m tests.month`: a simulated month of trials, then trades at random; are promises kept?

1,000 trials of four countries come through the signed calls and read their mails (a real SMTP
server on loopback); the shipped policy makes the offers; the customer's own system, told by
webhook, hands over what was given. The random trades go through the use cases, not HTTP
(`tests/service/offers/test_trades_at_random.py` plays some over HTTP). MONTH_TRIALS, MONTH_TRADES
and MONTH_SEED say otherwise. Prints the counts; ends with 1 when a named give never came through,
fewer than 95 % of the deliveries were made without a person, or a promise was broken.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random

from aiosmtpd.controller import Controller

from service.db import Store
from service.logs import set_up_logs
from tests.month.people import people_of
from tests.month.town import NAMED, Town, comes_before
from tests.support.service import World
from tests.support.smtp_server import Postbox
from tests.support.trade_doors import UseCaseDoor
from tests.support.trades import CONFIRMED, GETS, GIVES, TALKS, Trade
from tests.support.webhook_target import Target, listening, settings_for, unused_port

TRIALS = int(os.environ.get("MONTH_TRIALS", "1000"))
TRADES = int(os.environ.get("MONTH_TRADES", "10000"))
SEED = int(os.environ.get("MONTH_SEED", "1"))
DAYS = 45
LEAST_BY_MACHINES = 0.95


def main() -> int:
    """Run it all; the process's exit code."""
    set_up_logs("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        faults = a_month(Path(folder))
        faults += trades_at_random(Path(folder))
    for fault in faults:
        print(f"FAULT {fault}")
    print("month: " + ("promises were broken" if faults else "every promise was kept"))
    return 1 if faults else 0


def a_month(folder: Path) -> list[str]:
    """What was broken in a month of trials."""
    post, target = Postbox(), Target()
    smtp = Controller(post, hostname="127.0.0.1", port=unused_port())
    smtp.start()
    try:
        with listening(target), _world(folder, post, smtp, target) as world:
            for rep in ("ada", "ben"):
                world.hire(rep, capacity=3)
            people = people_of(TRIALS, world.clock.now(), Random(SEED))
            town = Town(world, people, post, target, SEED)
            begun = time.monotonic()
            town.run(DAYS)
            print(f"a month of {TRIALS} trials in {time.monotonic() - begun:.0f} s (seed {SEED})")
            return judged(town)
    finally:
        smtp.stop()


def _world(folder: Path, post: Postbox, smtp: Controller, target: Target) -> World:
    rates = folder / "rates.csv"
    rates.write_text(_falling(date(2026, 4, 1), 300))
    url = f"sqlite:///{folder}/month.db"
    Store(url).close()
    return World(
        url,
        live=True,
        smtp_host=smtp.hostname,
        smtp_port=smtp.port,
        smtp_starttls=False,
        mails_per_lead=6,
        rates=rates,
        unknown_calls_per_minute=10**9,
        ingest_calls_per_minute=10**9,
        person_calls_per_minute=10**9,
        log_level="ERROR",
        **settings_for(target, webhook_events="give.requested,give.taken_back"),
    )


def _falling(first: date, days: int) -> str:
    """Two currencies that lose a tenth of a percent a day, and two that stand still."""
    rows = ["date,currency,per_eur"]
    for day in range(days):
        at, fallen = first + timedelta(days=day), 1.001**day
        for code, start in (("BRL", 5.9), ("TRY", 48.0)):
            rows.append(f"{at},{code},{start * fallen:.4f}")
        rows += [f"{at},USD,1.10", f"{at},INR,95.0"]
    return "\n".join(rows) + "\n"


def judged(town: Town) -> list[str]:
    """Counts on the screen, and what is wrong."""
    offers = town.world.get("manager", "/v1/offers?limit=500").json()["offers"]
    faults, by, by_person = [], Counter(town.counts), 0
    for listed in offers:
        shown = town.world.get("manager", f"/v1/offers/{listed['id']}").json()
        kind = NAMED.get(shown["rule"], shown["rule"])
        by[f"{kind}: issued"] += 1
        by[f"{kind}: {shown['state']}"] += 1
        for give in shown["gives"]:
            by[f"{kind}: {give['state']} at the end"] += 1
        by_person += sum(t["kind"] == "grant" and t["state"] == "open" for t in shown["tasks"])
        faults += [f"{shown['id']} ({kind}): {said}" for said in _broken(town, shown)]
    for name in sorted(by):
        print(f"  {name:40} {by[name]:6}")
    for kind in NAMED.values():
        for step in ("issued", "seen", "accepted", "delivered"):
            if not by[f"{kind}: {step}"]:
                faults.append(f"{kind} was never {step}")
    every = town.delivered + by_person
    share = town.delivered / max(every, 1)
    print(f"  delivered without a person: {share:.1%} of {every}")
    if share < LEAST_BY_MACHINES:
        faults.append(f"only {share:.1%} were delivered without a person")
    return faults


def _broken(town: Town, shown: dict[str, object]) -> list[str]:
    """What of one offer is not as it was promised, by what its person did."""
    deal = town.deals.get(str(shown["id"]))
    state = shown["state"]
    if deal is None:
        return [f"{state} though nobody took it"] if state == "redeemed" else []
    gets = deal.offer["terms"]["gets"]
    before = [get for get in gets if comes_before(get, gets[get])]
    undone = [get for get in before if get not in deal.deeds]
    is_bought = len(before) < len(gets)
    ends_at = town.ends_at(shown)
    is_paid = deal.told_at is not None and deal.paid_at is not None and deal.paid_at <= ends_at
    found = []
    if state == "redeemed" and (undone or (is_bought and not is_paid) or deal.refunded):
        found.append(f"conceded, though undone are {undone} and paid in time is {is_paid}")
    in_time = all(deal.deeds[get] <= ends_at for get in before if get in deal.deeds)
    is_met = not undone and in_time and (is_paid or not is_bought) and not deal.refunded
    if is_met and state != "redeemed":
        found.append(f"all was met in time, and it is {state}")
    return found


def trades_at_random(folder: Path) -> list[str]:
    """What was broken in so many random trades; each hundred has a store of its own."""
    random, faults, ends = Random(SEED), [], Counter[str]()
    empty = folder / "empty.db"
    Store(f"sqlite:///{empty}").close()
    limits = {f"{who}_calls_per_minute": 10**9 for who in ("unknown", "ingest", "person")}
    begun = time.monotonic()
    for first in range(0, TRADES, _A_STORE):
        file = folder / f"trades-{first}.db"
        shutil.copy(empty, file)
        with World(f"sqlite:///{file}", log_level="ERROR", **limits) as world:
            for number in range(first, min(first + _A_STORE, TRADES)):
                trade, steps, said = _played(world, random)
                ends[trade.shown()["state"]] += 1
                if said is not None:
                    what = f"{trade.gives} for {trade.gets} after {steps}"
                    faults.append(f"trade {number}: {said}; {what}")
        file.unlink()
        if first % 1000 == 1000 - _A_STORE:
            print(f"  {first + _A_STORE} trades, {len(faults)} broken", flush=True)
    spent = time.monotonic() - begun
    print(f"{TRADES} random trades in {spent:.0f} s, broken: {len(faults)}; {dict(ends)}")
    return faults


def _played(world: World, random: Random) -> tuple[Trade, list[str], str | None]:
    """One trade, looked at after every step; what was done, and what is wrong if anything."""
    gives = random.sample(sorted(GIVES), random.choice((1, 1, 2)))
    gets = random.sample(sorted(GETS), random.choice((1, 2, 2, 3)))
    trade = Trade(UseCaseDoor(world), tuple(gives), tuple(gets))
    trade.begin()
    steps: list[str] = []
    for _ in range(random.randint(4, 9)):
        steps.append(_step(trade, random))
        said = trade.complaint()
        if said is not None:
            return trade, steps, said
    return trade, steps, None


_A_STORE = 100
_STEPS = ("pay", "pay", "deed", "deed", "accept", "touch", "hold", "wait", "withdraw")


def _step(trade: Trade, random: Random) -> str:
    """Something that happens, more often what the trade asks for."""
    undone = [get for get in trade.before if get not in trade.deeds]
    name = random.choice(_STEPS)
    if name == "deed" and undone:
        get = random.choice(undone)
        if get in CONFIRMED:
            trade.confirm(get)
        elif get == "invite_teammates":
            trade.invite(random.randint(1, 3))
        else:
            trade.touch("call")
        return f"{name} {get}"
    if name == "pay":
        order = {
            "seats": random.choice((20, 20, 33, 19)),
            "term_months": random.choice((12, 12, 12, 1)),
            "prepaid": random.random() < 0.8,
            "days_ago": random.choice((0, 0, 1, 9)),
        }
        trade.pay(**order)
        return f"pay {order}"
    if name == "touch":
        trade.touch(random.choice((*TALKS, "email")))
    elif name == "hold":
        trade.hold(random.choice((0, 19, 20)))
    elif name == "withdraw" and random.random() < 0.3:
        trade.withdraw()
    elif name == "accept":
        trade.accept()
    else:
        trade.wait(random.choice((1, 30, 200, 500)))
    return name


if __name__ == "__main__":
    sys.exit(main())
