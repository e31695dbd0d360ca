"""What waits for a person is a list that can be worked: tasks by name, leads by why they wait."""

from __future__ import annotations

import re

import sqlalchemy as sa

from service.db.tables.leads import leads
from tests.service.console.test_console import pressed, sign_in
from tests.service.offers.test_public_pages import an_offer_page
from tests.support.service import World


def page(world: World, path: str = "/") -> str:
    return world.client.get(path).text


def needs(world: World) -> dict[str, str]:
    """Each need of the overview by its words."""
    found = re.findall(
        r'<a href="([^"]+)">\s*<b>[^<]*</b>\s*<span class="link">([^<]*)</span>', page(world)
    )
    return {" ".join(says.split()): link for link, says in found}


def test_a_task_is_a_sentence_and_is_ticked_off_where_it_is_read(world: World) -> None:
    path = an_offer_page(world)
    world.client.post(f"{path}/question", data={"text": "May we pay in June?"})
    sign_in(world, "manager")
    assert needs(world)["task to do"] == "/tasks"
    shown = page(world, "/tasks")
    assert re.search(r"<b>Answer the question that \S.* asked on the offer&#39;s page</b>", shown)
    (task,) = world.get("manager", "/v1/tasks").json()["tasks"]
    done = pressed(world, f"/tasks/{task['id']}/done", back="/tasks")
    assert done.headers["location"] == "/tasks?said=task_done"
    assert "Nothing to do." in page(world, "/tasks")
    assert "task to do" not in needs(world)


def test_a_rep_has_the_tasks_of_their_own_leads(world: World) -> None:
    path = an_offer_page(world)
    world.hire("ada")
    world.hire("bob")
    world.client.post(f"{path}/question", data={"text": "May we pay in June?"})
    (task,) = world.get("manager", "/v1/tasks").json()["tasks"]
    assert task["kind"] == "question"
    ((owner,),) = world.rows(sa.select(leads.c.rep))
    assert owner in ("ada", "bob")
    sign_in(world, "ada" if owner == "bob" else "bob")
    assert "Nothing to do." in page(world, "/tasks")
    sign_in(world, owner)
    assert "Answer the question" in page(world, "/tasks")


def test_leads_without_a_rep_are_listed_with_the_reason(world: World) -> None:
    world.hire("ada", countries=["DE"])
    world.sign_up(id="L1", email="ines@duarte.example", first_name="Ines", country="PT")
    world.sign_up(id="L2", email="uwe@weber.example", first_name="Uwe", country="DE")
    sign_in(world, "manager")
    assert needs(world)["lead with no matching rep"] == "/team#without-rep"
    world.work()
    shown = page(world, "/leads?unreached=no_eligible_rep&country=PT")
    assert "Ines" in shown
    assert "Uwe" not in shown
    assert "covers the lead&#39;s language, country or segment" in shown
    assert "No lead matches these filters." in page(world, "/leads?unreached=shadow")
    wrong = page(world, "/leads?unreached=nonsense")
    assert "Not understood: unreached &#34;nonsense&#34;" in wrong
    assert "Uwe" not in wrong
    assert 'href="/leads?unreached=no_eligible_rep"' in page(world, "/team")


def test_response_times_are_counted_from_the_sign_up_and_are_a_file_too(world: World) -> None:
    world.hire("ada")
    sign_in(world, "manager")
    assert "No rep took up a lead" in page(world, "/team")
    world.sign_up(id="L1")
    world.wait(minutes=50)
    world.claim("ada")
    shown = page(world, "/team")
    assert 'id="response-times"' in shown
    assert "under ¼</text>" in shown
    assert "hours from sign-up to a rep</text>" in shown
    assert "number of leads</text>" in shown
    rows = world.client.get("/response-times.json").json()["response-times"]
    assert [row["leads"] for row in rows] == [0, 1, 0, 0, 0, 0]
    assert sum(row["share"] for row in rows) == 1
    assert sum(row["in_time"] + row["late"] for row in rows) == 1
    assert world.client.get("/response-times.csv").text.startswith("waited,leads,share")
    assert "/team#response-times" in page(world)
