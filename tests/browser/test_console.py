"""What people do in the console, in a real browser: the rep's hour and the manager's."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from offers.policy import parse_policy
from service.use_cases.access import users
from tests.browser.conftest import OpenPage
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

CONCESSION = """
[policy]
id = "team"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 1600

[guardrails]
max_percent_off = 30

[approval]
rep_above_percent = 5
manager_above_percent = 10

[[rule]]
id = "pay-the-year"
why = "A year paid up front lowers churn by more than the cut."
when = 'lane == "rep" and seats_requested >= 25'
get = { seats = 25, term_months = 12, prepay = true }
give = { percent_off = 15 }
valid_days = 14
"""


def log_in(site: World, page: Page, who: str) -> None:
    """By the secret of a key, typed into the form."""
    page.goto(site.settings.public_url)
    page.get_by_text("Sign in with a key").click()
    secret = site.bearer(who)["authorization"].removeprefix("Bearer ")
    page.get_by_label("Your key's secret").fill(secret)
    page.get_by_label("Your key's secret").press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_person_logs_in_by_mail_address_and_password(site: World, either_page: Page) -> None:
    made = site.runtime.store.write_now(
        lambda c: users.add(
            c,
            login="ada@team.example",
            name="Ada Wong",
            roles=("rep",),
            rep="ada",
            now=site.clock.now(),
        )
    )
    site.hire("ada")
    either_page.goto(site.settings.public_url)
    for password in ("not this one", made.password):
        either_page.get_by_label("Your email address").fill("ada@team.example")
        either_page.get_by_label("Your password").fill(password)
        either_page.get_by_role("button", name="Sign in").first.click()
        if password != made.password:
            expect(either_page.get_by_role("alert")).to_contain_text("That is not known")

    expect(either_page.get_by_text("Ada Wong, rep")).to_be_visible()
    expect(either_page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()


def write(page: Page, text: str) -> None:
    """Paste a policy over the one in the editor; without JavaScript the text area is filled."""
    field = page.get_by_label("The policy's text")
    if field.evaluate("element => element.tagName") == "TEXTAREA":
        field.fill(text)
        return
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    field.press("Control+A")
    field.press("Control+V")


CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def dispositions(site: World, lead: str) -> list[str]:
    timeline = site.get("manager", f"/v1/leads/{lead}").json()["timeline"]
    return [line["detail"] for line in timeline if line["what"] == "done"]


def test_a_rep_reads_the_reasons_claims_and_marks_done_by_keyboard(site: World, page: Page) -> None:
    site.hire("ada")
    score = site.sign_up(id="lead-1", first_name="Ines", title="CEO", seats=80)["score"]
    log_in(site, page, "ada")
    expect(page.get_by_role("heading", name="Ines", exact=True)).to_be_visible()
    page.locator("summary", has_text="Show the sum").click()
    sums = page.locator(".sum-box tbody tr")
    changes = [
        float(text) for text in sums.locator("td:nth-child(3)").all_inner_texts() if text.strip()
    ]
    chances = [float(text[:-1]) for text in sums.locator("td.stands").all_inner_texts()]
    assert (
        round(chances[0] + sum(changes), 1) == chances[-1] == round(100 * score["probability"], 1)
    )
    expect(page.get_by_text("Running total")).to_be_hidden()
    page.get_by_label("Show points").check()
    expect(page.get_by_text("Running total")).to_be_visible()
    points = [float(text) for text in sums.locator("td:nth-child(5)").all_inner_texts()]
    assert round(sum(points[:-1]), 2) == points[-1] == score["points"]

    press(page, "?")
    expect(page.get_by_text("claim the next lead")).to_be_visible()
    press(page, "c")
    expect(page.get_by_role("status")).to_contain_text("It's yours for 30 minutes")
    press(page, "d")
    press(page, "3")
    press(page, "Enter")

    expect(page.get_by_role("status")).to_contain_text("Done")
    assert dispositions(site, "lead-1") == ["meeting_booked"]


def test_a_rep_claims_and_marks_done_with_and_without_javascript(
    site: World, either_page: Page
) -> None:
    page = either_page
    site.hire("ada")
    site.sign_up(id="lead-1", first_name="Ines")
    log_in(site, page, "ada")

    page.get_by_role("button", name="Claim").click()
    page.locator("summary", has_text="Done").click()
    page.get_by_label("Reached").check()
    page.get_by_label("Their objection").select_option("price")
    page.get_by_role("button", name="Mark done").click()

    expect(page.get_by_role("status")).to_contain_text("Done")
    assert dispositions(site, "lead-1") == ["reached"]


def press(page: Page, key: str) -> None:
    """Press a key once the page's script listens for it."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_a_manager_approves_a_concession_that_a_rep_asked_for(
    site: World, open_page: OpenPage
) -> None:
    site.runtime.policy = parse_policy(CONCESSION)
    site.hire("ada")
    site.sign_up(first_name="Ines", seats=30, plan="business")
    rep, manager = open_page(), open_page()
    log_in(site, rep, "ada")
    press(rep, "c")
    expect(rep.get_by_role("status")).to_contain_text("yours")
    press(rep, "o")
    expect(rep.get_by_text("A manager must approve it.").first).to_be_visible()
    rep.get_by_role("button", name="Issue this offer").click()
    expect(rep.get_by_role("status")).to_contain_text("Waiting for approval")

    log_in(site, manager, "manager")
    manager.get_by_role("link", name="Offers", exact=True).click()
    manager.get_by_role("link", name="Read and approve No. 1").click()
    expect(manager.get_by_text("Costs at most", exact=True)).to_be_visible()
    manager.get_by_role("button", name="Approve as asked").click()

    expect(manager.get_by_role("status")).to_contain_text("Approved")
    assert site.get("manager", "/v1/offers").json()["offers"][0]["state"] == "issued"
    # no mail goes out: the rep hands the link over
    manager.get_by_role("link", name="The customer's page").click()
    expect(manager.get_by_role("button", name="Accept this offer")).to_be_visible()


def test_a_rep_copies_ready_words_in_the_leads_language(site: World, open_page: OpenPage) -> None:
    unasked = CONCESSION.replace("_percent = 5", "_percent = 20").replace("= 10", "= 20")
    site.runtime.policy = parse_policy(unasked)
    site.hire("ada")
    lead = site.sign_up(first_name="Ines", locale="de-DE", seats=30, plan="business")["lead_id"]
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    log_in(site, page, "ada")
    page.goto(f"{site.settings.public_url}/leads/{lead}")
    expect(page.get_by_text("Message draft (German)")).to_be_visible()
    text = page.locator(".ready pre").text_content()
    assert text is not None
    for said in ("Guten Tag Ines", "15\u00a0% Rabatt", "7.588,80\u00a0$", "8.928,00\u00a0$", "Ada"):
        assert said in text
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text

    plain = open_page(script=False)
    log_in(site, plain, "ada")
    plain.goto(page.url)
    expect(plain.locator(".ready pre")).to_have_text(text)
    expect(plain.get_by_role("button", name="Copy")).to_be_hidden()
    plain.get_by_role("button", name="Issue this offer").click()

    (offer,) = site.get("manager", "/v1/offers").json()["offers"]
    expect(plain.locator(".ready pre")).to_contain_text(site.runtime.links.offer(offer["id"]))


def test_a_manager_ticks_off_what_a_redeemed_offer_gives(site: World, either_page: Page) -> None:
    the_policy(site)
    site.did(a_lead_due_an_offer(site, email="bea@large.example", seats=100), "opened")
    (offer,) = site.get("manager", "/v1/offers").json()["offers"]
    order = {
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "paid_at": site.clock.now().isoformat(),
        "invoice": "in_1",
    }
    assert site.send(f"/v1/offers/{offer['id']}/redeem", {"order": order}).json()["redeemed"]
    log_in(site, either_page, "manager")
    either_page.goto(f"{site.settings.public_url}/offers/{offer['id']}")

    either_page.get_by_role("button", name="Done extra months").click()

    expect(either_page.get_by_role("status")).to_contain_text("Done")
    expect(either_page.get_by_role("button", name="Done extra months")).to_be_hidden()
    (task,) = site.get("manager", "/v1/tasks?state=done").json()["tasks"]
    assert task["give"] == "extra_months"


def test_a_draft_of_the_policy_is_compared_and_published_by_another_person(
    site: World, open_page: OpenPage
) -> None:
    author, publisher = open_page(**CLIPBOARD), open_page()
    log_in(site, author, "manager")
    author.get_by_role("link", name="Policy").click()
    author.get_by_text("Write a draft").click()
    expect(author.locator(".cm-content")).to_be_visible()
    text = site.runtime.policy.text.replace("rep_above_percent = 5", "rep_above_percent = 6")
    write(author, text)
    author.get_by_role("button", name="Keep this draft").click()
    expect(author.get_by_text("rep_above_percent: 5 → 6")).to_be_visible(timeout=60_000)
    expect(author.get_by_text("another person publishes it").first).to_be_visible()

    log_in(site, publisher, "admin")
    publisher.goto(author.url)
    publisher.get_by_label("Why it is published").fill("Reps asked for more room")
    publisher.get_by_role("button", name="Publish").click()

    expect(publisher.get_by_role("status")).to_contain_text("Published", timeout=60_000)
    assert site.runtime.policy.approval.rep_above_percent == 6


def test_times_are_in_the_readers_zone_and_in_utc_without_a_script(
    site: World, open_page: OpenPage
) -> None:
    site.hire("ada")
    site.sign_up(id="lead-1", signed_up_at="2026-11-02T06:30:00Z")
    there = open_page(timezone_id="Asia/Kolkata")
    log_in(site, there, "manager")
    there.goto(f"{site.settings.public_url}/leads/lead-1")
    expect(there.get_by_text("2 Nov 2026, 12:00").first).to_be_visible()
    expect(there.get_by_text("Times are in Asia/Calcutta")).to_be_visible()
    plain = open_page(script=False, timezone_id="Asia/Kolkata")
    log_in(site, plain, "manager")
    plain.goto(f"{site.settings.public_url}/leads/lead-1")
    expect(plain.get_by_text("2 Nov 2026, 06:30").first).to_be_visible()
    expect(plain.get_by_text("Times are in UTC")).to_be_visible()


def test_a_draft_with_errors_keeps_its_text_and_says_the_lines(
    site: World, open_page: OpenPage
) -> None:
    text = site.runtime.policy.text
    line = text.splitlines().index("max_percent_off = 30") + 1
    wrong = text.replace("max_percent_off = 30", "max_percent_of = 30")
    for script in (True, False):
        page = open_page(script=script, **CLIPBOARD)
        log_in(site, page, "manager")
        page.goto(f"{site.settings.public_url}/policy")
        page.locator("summary", has_text="Write a draft").click()
        if script:
            expect(page.locator(".cm-content")).to_be_visible()
        write(page, wrong)
        page.get_by_role("button", name="Keep this draft").click()

        expect(page.get_by_role("alert")).to_contain_text("1 error in your draft")
        expect(page.get_by_role("alert")).to_contain_text(f"Line {line}: unknown key")
        assert page.locator("textarea[name=text]").input_value().replace("\r", "") == wrong
        if script:
            expect(page.locator(".cm-lintRange-error")).to_have_text("max_percent_of = 30")
            expect(page.locator(".cm-lineNumbers")).to_contain_text(str(line))
        write(page, text.replace("max_percent_off = 30", "max_percent_off = 29"))
        page.get_by_role("button", name="Keep this draft").click()
        expect(page.get_by_text("max_percent_off: 30 → 29")).to_be_visible(timeout=60_000)
        expect(page.locator(".diff .changed .old")).to_have_text("max_percent_off = 30")
        expect(page.get_by_role("heading", name="Checks")).to_contain_text(" hold")
        expect(page.locator(".rules .state-proved").first).to_have_text("proved")


def test_the_editor_completes_a_fact(site: World, open_page: OpenPage) -> None:
    page = open_page(**CLIPBOARD)
    log_in(site, page, "manager")
    page.goto(f"{site.settings.public_url}/policy")
    page.locator("summary", has_text="Write a draft").click()
    expect(page.locator(".cm-content")).to_be_visible()
    write(page, "[[rule]]\n")
    field = page.get_by_role("textbox", name="The policy's text")
    page.keyboard.type("when = 'seats_req")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("seats_requested")
    page.wait_for_timeout(150)  # the list takes no key in its first moment
    page.keyboard.press("Enter")
    expect(field).to_contain_text("seats_requested")


def test_the_keys_of_the_page_are_off_in_the_editor(site: World, open_page: OpenPage) -> None:
    """`k` and `j` walk the page's rows, and Enter opens one: not for who is writing."""
    page = open_page(**CLIPBOARD)
    log_in(site, page, "manager")
    page.goto(f"{site.settings.public_url}/policy")
    page.locator("summary", has_text="Write a draft").click()
    expect(page.locator(".cm-content")).to_be_visible()
    write(page, "[[rule]]\n")

    page.keyboard.type("# look\n# judge / ask\n")

    expect(page.get_by_role("textbox", name="The policy's text")).to_contain_text("# judge / ask")
    expect(page).to_have_url(f"{site.settings.public_url}/policy")


def is_live(page: Page) -> bool:
    """Whether scripts run on the page."""
    return bool(page.locator("time[data-at]").count() == 0)


def bottom(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_a_manager_approves_less_and_the_rep_reads_why(site: World, either_page: Page) -> None:
    site.runtime.policy = parse_policy(CONCESSION)
    site.hire("ada")
    lead = site.sign_up(first_name="Ines", seats=30, plan="business")["lead_id"]
    offer = site.post("ada", f"/v1/leads/{lead}/offer").json()["offer_id"]
    log_in(site, either_page, "manager")
    either_page.goto(f"{site.settings.public_url}/offers/{offer}")

    comment = either_page.get_by_label("Comment for Ada")
    comment.fill("Eight, they are small.")
    either_page.get_by_label("Percent off").fill("8")
    show = either_page.get_by_role("button", name="Show what it costs")
    if is_live(either_page):
        expect(show).to_be_hidden()
    else:
        show.click()
    said = either_page.locator("#as-approved")
    expect(said).to_contain_text("With 30 seats and 8 % off it costs at most $")
    expect(comment).to_have_value("Eight, they are small.")
    approve = either_page.get_by_role("button", name="Approve with these numbers")
    turn_down = either_page.get_by_role("button", name="Turn down")
    ends = [bottom(each) for each in (comment, approve, turn_down)]
    assert max(ends) - min(ends) < 2, ends
    comment.press("Enter")  # shows the cost again, and approves nothing
    expect(comment).to_have_value("Eight, they are small.")
    expect(said).to_contain_text("With 30 seats and 8 % off")
    approve.click()

    expect(either_page.get_by_role("status")).to_contain_text("Approved")
    either_page.get_by_role("button", name="Sign out").click()
    log_in(site, either_page, "ada")
    either_page.goto(f"{site.settings.public_url}/offers/{offer}")
    expect(either_page.get_by_text("Eight, they are small.")).to_be_visible()
    expect(either_page.get_by_role("heading", level=1)).to_contain_text("8% off")
