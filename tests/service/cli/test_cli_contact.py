from __future__ import annotations

import json

from typer.testing import CliRunner, Result

from service.cli import app


def contact(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["contact", *arguments])


def test_what_contact_data_say_is_printed_as_json() -> None:
    result = contact(
        *("--email", "Info+x@Bücher.de", "--phone", "0171 2345678", "--title", "Leiter:in Einkauf"),
        *("--country", "Deutschland", "--json"),
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {
        "mailbox": "role",
        "domain": "xn--bcher-kva.de",
        "phone_kind": "mobile",
        "phone_country": "DE",
        "seniority": "head",
        "department": "procurement",
        "buying_role": "buyer",
        "country": "DE",
    }


def test_without_json_a_table_names_each_fact() -> None:
    result = contact("--title", "CFO", "--email", "not an address")
    assert result.exit_code == 0, result.output
    for word in ("mailbox", "invalid", "c_level", "finance", "buying role", "decision_maker"):
        assert word in result.output


def test_nothing_given_is_missing_and_unknown() -> None:
    facts = json.loads(contact("--json").output)
    assert facts["mailbox"] == "missing"
    assert facts["seniority"] == "unknown"
    assert facts["buying_role"] is None
