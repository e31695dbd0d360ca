"""The mail page stays small however much mail there was; its files have the rest."""

from __future__ import annotations

import sqlalchemy as sa

from service.db.tables.leads import outbox
from tests.service.console.test_console import sign_in
from tests.support.service import CONSENT, World


def test_the_page_shows_the_newest_of_the_outbox_and_its_files_go_further(world: World) -> None:
    world.sign_up(id="L1", consent=CONSENT)

    def stage(connection: sa.Connection) -> None:
        for number in range(70):
            row = {"id": f"m{number}", "lead": "L1", "email": "offer", "state": "sent"}
            now = world.clock.now()
            times = {"decided_at": now, "due_at": now, "context": "{}", "attempts": 1}
            connection.execute(outbox.insert().values(**row, **times))

    world.runtime.store.write_now(stage)
    sign_in(world, "manager")

    page = world.client.get("/mail").text
    rows = world.client.get("/outbox.json").json()["outbox"]

    assert len(rows) == 70
    assert page.count('href="/leads/L1"') == 50
    assert "The newest 50; the CSV goes further." in page
