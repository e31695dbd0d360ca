"""SPF, DKIM and DMARC of the sending domain, as a DNS server on loopback tells them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.cli.checks import examine
from service.integrations.sender_domain import lacks
from service.settings import Settings
from tests.support.dns_server import Zone, name_server

SPF = '"v=spf1 include:_spf.post.test -all"'
KEY = '"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3" "DQEBAQUAA4GNADCB"'
DMARC = '"v=DMARC1; p=quarantine; rua=mailto:d@brightdesk.test"'
WHOLE: Zone = {
    "brightdesk.test": {"TXT": f'"google-site-verification=abc"\n{SPF}'},
    "pm1._domainkey.brightdesk.test": {"TXT": KEY},
    "_dmarc.brightdesk.test": {"TXT": DMARC},
}
CASES: dict[str, tuple[Zone, list[str]]] = {
    "all is there": ({}, []),
    "no SPF": ({"brightdesk.test": {"TXT": '"google-site-verification=abc"'}}, ["no_spf"]),
    "no TXT at all": ({"brightdesk.test": {"A": "192.0.2.1"}}, ["no_spf"]),
    "two SPF": ({"brightdesk.test": {"TXT": f'{SPF}\n"v=spf1 mx ~all"'}}, ["several_spf"]),
    "SPF in capitals": ({"brightdesk.test": {"TXT": '"V=SPF1 MX -ALL"'}}, []),
    "SPF2.0 is none": ({"brightdesk.test": {"TXT": '"spf2.0/pra mx -all"'}}, ["no_spf"]),
    "anybody": ({"brightdesk.test": {"TXT": '"v=spf1 mx +all"'}}, ["open_spf"]),
    "anybody, unsaid": ({"brightdesk.test": {"TXT": '"v=spf1 mx all"'}}, ["open_spf"]),
    "key gone": ({"pm1._domainkey.brightdesk.test": {"TXT": '"v=DKIM1; p="'}}, ["no_dkim"]),
    "key missing": ({"pm1._domainkey.brightdesk.test": {"TXT": '"hello"'}}, ["no_dkim"]),
    "DMARC without version": ({"_dmarc.brightdesk.test": {"TXT": '"p=none"'}}, ["no_dmarc"]),
    "two DMARC": (
        {"_dmarc.brightdesk.test": {"TXT": f'{DMARC}\n"v=DMARC1; p=none"'}},
        ["several_dmarc"],
    ),
    "DNS fails": ({"brightdesk.test": "SERVFAIL"}, ["sender_unknown"]),
    "DNS is silent": ({"_dmarc.brightdesk.test": "silence"}, ["sender_unknown"]),
}


@pytest.mark.parametrize("case", CASES)
def test_each_lack_is_found_and_nothing_else(case: str) -> None:
    changed, expected = CASES[case]
    with name_server({**WHOLE, **changed}) as server:
        found = lacks("brightdesk.test", selector="pm1", servers=[server.address])
    assert [lack.code for lack in found] == expected


def test_a_subdomain_may_lean_on_its_organisations_policy() -> None:
    zone: Zone = {**WHOLE, "mail.brightdesk.test": {"TXT": SPF}}
    with name_server(zone) as server:
        found = lacks("mail.brightdesk.test", selector=None, servers=[server.address])
        asked = [name for name, _ in server.asked]
    assert [lack.code for lack in found] == ["dkim_not_looked_up"]
    assert asked[-2:] == ["_dmarc.mail.brightdesk.test", "_dmarc.brightdesk.test"]


def test_the_doctor_says_the_record_to_publish_once_mail_leaves() -> None:
    with name_server({"brightdesk.test": {"A": "192.0.2.1"}}) as server:
        settings = Settings(
            live=True,
            db="sqlite:///none.db",
            mail_from="Brightdesk <hi@brightdesk.test>",
            mail_dkim_selector="pm1",
            mx_servers=(server.address,),
        )
        found = {f.code: f for f in examine(settings, datetime.now(UTC))}
        asked = len(server.asked)
        captured = Settings(db="sqlite:///none.db", mx_servers=(server.address,))
        quiet = {f.code for f in examine(captured, datetime.now(UTC))}
    assert found["no_spf"].mend.startswith('brightdesk.test. TXT "v=spf1 ')
    assert found["no_dkim"].level == "error"
    assert "pm1._domainkey.brightdesk.test" in found["no_dkim"].says
    assert found["no_dmarc"].mend.startswith('_dmarc.brightdesk.test. TXT "v=DMARC1; p=none')
    assert asked == len(server.asked)
    assert not quiet & {"no_spf", "no_dkim", "no_dmarc"}
