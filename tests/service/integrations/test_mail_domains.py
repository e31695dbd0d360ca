"""Whether mail domains take mail is asked of a real DNS server, beside everything else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from service.errors import ConfigurationError
from service.integrations import mail_domains
from service.integrations.mail_domains import MailDomains
from service.jobs.look_up_domains import look_up_domains
from tests.support.dns_server import NameServer, name_server
from tests.support.service import CONSENT, World

ZONE = {
    "firm.example": {"MX": "10 mail.firm.example."},
    "two.example": {"MX": "10 a.two.example.\n20 b.two.example."},
    "null.example": {"MX": "0 ."},
    "bare.example": {"A": "192.0.2.7"},
    "six.example": {"AAAA": "2001:db8::7"},
    "nothing.example": {"TXT": '"no mail here"'},
    "broken.example": "SERVFAIL",
    "refused.example": "REFUSED",
    "half.example": {"MX": "10 mail.firm.example."},
    "silent.example": "silence",
    "xn--mller-kva.example": {"MX": "5 mail.firm.example."},
}


@pytest.fixture
def names() -> Iterator[NameServer]:
    with name_server(ZONE) as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_domains, "_SECONDS", 0.5)


@pytest.mark.parametrize(
    ("domain", "takes_mail"),
    [
        ("firm.example", True),
        ("two.example", True),
        ("null.example", False),
        ("bare.example", True),
        ("six.example", True),
        ("nothing.example", False),
        ("gone.example", False),
        ("broken.example", None),
        ("refused.example", None),
        ("silent.example", None),
        ("müller.example", True),
        ("a" * 70 + ".example", None),
        ("..", None),
    ],
)
def test_a_domain_takes_mail_as_its_records_say(
    names: NameServer, domain: str, takes_mail: bool | None
) -> None:
    assert asyncio.run(MailDomains([names.address]).takes_mail(domain)) is takes_mail


def test_an_answer_is_kept_and_no_answer_is_asked_for_again_later(
    names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> list[bool | None]:
        domains = MailDomains([names.address])
        told = [await domains.takes_mail(d) for d in ("firm.example", "broken.example") * 3]
        before = len(names.asked)
        names.zone["broken.example"] = {"MX": "0 ."}
        later = time.monotonic() + 301
        monkeypatch.setattr(mail_domains, "time", SimpleNamespace(monotonic=lambda: later))
        told += [await domains.takes_mail(d) for d in ("firm.example", "broken.example")]
        assert {name for name, _ in names.asked[before:]} == {"broken.example"}
        return told

    assert asyncio.run(ask()) == [True, None] * 3 + [True, False]


def test_a_thousand_domains_are_asked_a_few_at_a_time(names: NameServer) -> None:
    running, most = 0, 0

    class Watched(MailDomains):
        async def _ask(self, domain: str) -> bool | None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return await super()._ask(domain)
            finally:
                running -= 1

    async def ask() -> list[bool | None]:
        domains = Watched([names.address])
        return await asyncio.gather(*(domains.takes_mail(f"d{i}.example") for i in range(200)))

    assert set(asyncio.run(ask())) == {False}
    assert most == 16


@pytest.mark.parametrize("server", ["dns.example", "127.0.0.1:x", ":53", "127.0.0"])
def test_a_server_that_is_no_address_is_refused(server: str) -> None:
    with pytest.raises(ConfigurationError, match="mx_servers"):
        MailDomains([server])


MakeWorld = Callable[..., World]


def test_a_lead_whose_domain_takes_no_mail_is_known_to_have_none(
    make_world: MakeWorld, names: NameServer
) -> None:
    world = make_world(mx=True, mx_servers=(names.address,))
    ends = {
        domain: world.sign_up(email=f"ann@{domain}.example", consent=CONSENT)["lead_id"]
        for domain in ("firm", "null", "gone", "broken", "silent")
    }
    assert names.asked == []  # a sign-up waits for no DNS

    world.wait(seconds=20)
    world.work()

    told = {d: world.get("manager", f"/v1/leads/{lead}").json() for d, lead in ends.items()}
    assert {d: each["lead"]["contact"].get("takes_mail") for d, each in told.items()} == {
        "firm": True,
        "null": False,
        "gone": False,
        "broken": None,
        "silent": None,
    }
    assert told["null"]["lead"]["attributes"]["takes_mail"] is False
    assert told["null"]["lead"]["lane"] == "self_serve"
    assert "takes_mail" not in told["silent"]["lead"]["attributes"]


def test_a_domain_that_begins_to_take_mail_is_noted_once_its_lead_changes(
    make_world: MakeWorld, names: NameServer
) -> None:
    world = make_world(mx=True, mx_servers=(names.address,))
    lead = world.sign_up(email="ann@nothing.example")["lead_id"]
    world.work()
    assert (
        world.get("manager", f"/v1/leads/{lead}").json()["lead"]["contact"]["takes_mail"] is False
    )

    world.sign_up(id=lead, email="ann@firm.example")
    world.wait(seconds=20)
    world.work()

    told = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    assert told["contact"]["takes_mail"] is True
    assert world.client.portal is not None
    assert world.client.portal.call(look_up_domains, world.runtime) == 0  # and nothing goes on


def test_without_the_setting_nobody_is_asked(make_world: MakeWorld, names: NameServer) -> None:
    world = make_world(mx_servers=(names.address,))
    world.sign_up(email="ann@firm.example")
    world.work()
    assert names.asked == []
