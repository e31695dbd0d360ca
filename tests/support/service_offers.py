"""One offer policy for tests, and a lead it grants an offer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from offers.policy import parse_policy
from tests.support.service import CONSENT, World

POLICY = """
[policy]
id = "story"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30
open_offers_per_account = 1
days_between_offers = 180

[[rule]]
id = "three-more-months"
why = "Time on the subscription costs little to give; a price cut never comes back."
when = 'lane == "offer" and trial_day >= 5 and seats_requested >= 60 and not rep_contacted'
get = { seats = 100, term_months = 12, pay_by = { by = "month_end", min_days = 7 } }
give = { extra_months = 3 }
email = "extra-months"
"""


def the_policy(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)


def a_lead_due_an_offer(world: World, **fields: Any) -> str:
    """Nobody can call; it wrote its consent, has been trying for six days and did something."""
    started = (world.clock.now() - timedelta(days=6)).isoformat()
    wanted = {"seats": 80, "title": "CFO", "consent": CONSENT, "trial_started_at": started}
    lead = world.sign_up(**(wanted | fields))["lead_id"]
    assert isinstance(lead, str)
    event = {"id": f"seen_{lead}", "lead_id": lead, "name": "project created"}
    answer = world.send("/v1/events", {"events": [event | {"at": world.clock.now().isoformat()}]})
    assert answer.status_code == 200, answer.text
    return lead
