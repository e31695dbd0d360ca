"""What of a Salesforce org is not set up yet is named: by `connect`, by the doctor, on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.cli.privacy import text_of
from service.errors import ConfigurationError
from service.integrations.salesforce_ids import full_id, kind_of, short_id
from service.settings import read_settings
from tests.service.console.test_connections import pressed_for, said
from tests.service.console.test_console import sign_in
from tests.support.salesforce_org import an_org
from tests.support.salesforce_server import SalesforceTool, salesforce_settings
from tests.support.service import World
from tests.support.tool_servers import running


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceTool]:
    """An org that the command line is connected with."""
    with running(SalesforceTool()) as tool:
        for name, value in salesforce_settings(tool).items():
            monkeypatch.setenv(f"GIVEGET_{name.upper()}", str(value))
        yield tool


def test_an_org_that_has_everything_is_told_so(portal: SalesforceTool) -> None:
    planned = giveget("connect", "salesforce", "plan")
    assert (planned.exit_code, planned.stderr) == (0, "")
    assert planned.stdout == "Salesforce has every field, and lets us read and write it\n"
    assert {method for method, path, _ in portal.calls if "oauth2" not in path} == {"GET"}


def test_a_plan_names_every_field_and_permission_that_lacks(portal: SalesforceTool) -> None:
    portal.custom["Lead"].clear()
    portal.hidden = {"Contact.DoNotCall"}
    portal.read_only = {"Contact.Giveget_Grade__c", "Lead.HasOptedOutOfEmail"}
    planned = giveget("connect", "salesforce", "plan")
    assert planned.exit_code == 1
    assert planned.stdout.count("Lead.Giveget_") == 9
    assert "Lead.Giveget_Grade__c: make it, Text(2), and let our user edit it" in planned.stdout
    for line in (
        "Contact.DoNotCall: our user may not read it",
        "Contact.Giveget_Grade__c: our user may not edit it",
        "Lead.HasOptedOutOfEmail: our user may not edit it",
    ):
        assert line in planned.stdout.splitlines()


def test_a_wrong_secret_is_said_without_it(
    portal: SalesforceTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEGET_SALESFORCE_CLIENT_SECRET", "another-secret-of-ours")
    planned = giveget("connect", "salesforce", "plan")
    assert planned.exit_code == 2
    assert "sign_in_refused invalid_client; is the address your My Domain" in planned.stderr
    assert "another-secret" not in planned.output


def test_the_doctor_names_what_lacks(portal: SalesforceTool, store_url: str) -> None:
    assert "salesforce" not in giveget("doctor", "--json", "--db", store_url).stdout
    portal.custom["Lead"].discard("Giveget_Rank__c")
    told = giveget("doctor", "--json", "--db", store_url).stdout
    assert "salesforce_lacks" in told
    assert "Lead.Giveget_Rank__c" in told


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("CLIENT_ID", "", "half_salesforce"),
        ("URL", "https://login.salesforce.com", "salesforce_url"),
        ("CLIENT_ID", "3MVG9.another-key", "no_salesforce"),
    ],
)
def test_the_doctor_names_half_a_set_up(
    portal: SalesforceTool,
    monkeypatch: pytest.MonkeyPatch,
    store_url: str,
    name: str,
    value: str,
    code: str,
) -> None:
    if value:
        monkeypatch.setenv(f"GIVEGET_SALESFORCE_{name}", value)
    else:
        monkeypatch.delenv(f"GIVEGET_SALESFORCE_{name}")
    assert code in giveget("doctor", "--json", "--db", store_url).stdout


def test_a_poll_that_fails_is_named_by_the_doctor(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    with an_org(make_world) as org:
        org.sf.hidden = {"Lead.DoNotCall"}
        org.poll()
        job = org.job("salesforce:poll:Lead")
        assert (job.state, job.reason) == ("failed", "INVALID_FIELD")
        told = giveget("doctor", "--json", "--db", org.world.settings.db).stdout
        assert "failed_salesforce" in told
        assert "INVALID_FIELD" in told
        org.sf.hidden = set()
        org.poll()
        assert org.job("salesforce:poll:Lead").state == "done"


def test_a_person_tests_the_connection(make_world: Callable[..., World]) -> None:
    with an_org(make_world, public_url="http://giveget.test") as org:
        sign_in(org.world, "manager")
        assert "Not tested yet." in said(org.world, "salesforce")
        assert "the connection works." in pressed_for(org.world, "salesforce")
        shown = org.world.client.get("/connections").text
        assert "Salesforce" in shown


def test_no_secret_is_written_down_with_the_calls(make_world: Callable[..., World]) -> None:
    from service.store.ops import http_calls

    with an_org(make_world) as org:
        org.world.work()
        kept = org.world.runtime.store.read_now(
            lambda c: http_calls.newest(c, limit=50, direction="out")
        )
        assert kept
        assert "session." not in str(kept)
        assert "a-consumer" not in str(kept)


def test_the_privacy_notice_names_it() -> None:
    named = read_settings(salesforce_url="https://acme.my.salesforce.com")
    assert "Salesforce" in text_of(named)
    assert "Salesforce" not in text_of(read_settings())


@pytest.mark.parametrize(
    "given", [{"grad": "A__c"}, {"grade": "Grade"}, {"grade": "Grade__c, Name"}], ids=str
)
def test_a_field_that_cannot_be_ours_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="salesforce_fields"):
        read_settings(salesforce_fields=given)


@pytest.mark.parametrize(
    ("told", "full"),
    [
        ("00Q5g00000ABcdE", "00Q5g00000ABcdEEAT"),
        ("00Q5g00000ABcdEEAT", "00Q5g00000ABcdEEAT"),
        ("00q5g00000abcdeEAT", "00Q5g00000ABcdEEAT"),
        ("00Q5g00000ABcd", None),
        ("00Q5g00000ABcdE' OR", None),
        ("", None),
        (None, None),
    ],
)
def test_ids_of_15_and_18_characters_name_one_record(told: str | None, full: str | None) -> None:
    assert full_id(told) == full
    if full is not None:
        assert short_id(full) == "00Q5g00000ABcdE"
        assert kind_of(full) == "Lead"
