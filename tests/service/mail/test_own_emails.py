"""Mails of one's own: begun from a shipped one, checked like them, sent, shown, backed up."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from offers.policy import parse_policy
from service.cli.app import app
from service.errors import ConfigurationError
from service.mail import render
from service.mail.own_emails import pack, unpack
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.smtp_server import Postbox

RUN = CliRunner()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own mails, named by the settings; a new one each time: it is read once."""
    monkeypatch.setenv("GIVEGET_EMAILS", str(tmp_path / "emails"))
    return tmp_path / "emails"


def giveget(*arguments: str) -> Any:
    """A command, as a process of its own reads the folder: anew."""
    for read_once in (render.own_names, render.words_of, render._form):
        read_once.cache_clear()
    return RUN.invoke(app, list(arguments))


def changed(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name / "words.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def a_fair(folder: Path) -> None:
    """A mail of one's own, in words no shipped one has."""
    assert giveget("mail", "new", "autumn-fair", "--like", "extra-months").exit_code == 0
    text = (folder / "autumn-fair" / "words.toml").read_text(encoding="utf-8")
    subject = next(line for line in text.splitlines() if line.startswith("subject"))
    changed(folder, "autumn-fair", subject, 'subject = "Met in Köln: {{ gives }}"')


def test_a_mail_is_begun_once_from_a_shipped_one_and_checks_clean(folder: Path) -> None:
    a_fair(folder)
    checked = giveget("mail", "check", "autumn-fair")
    assert (checked.exit_code, checked.output) == (0, "1 mails, nothing wrong\n")
    assert giveget("mail", "check").exit_code == 0
    asked = json.loads(giveget("mail", "check", "autumn-fair", "--json").stdout)
    assert asked == [{"mail": "autumn-fair", "faults": []}]
    again = giveget("mail", "new", "autumn-fair")
    assert again.exit_code == 2
    assert "exists already" in again.output
    shown = giveget("mail", "preview", "autumn-fair")
    assert "Subject: Met in Köln: three extra months" in shown.output
    asked = json.loads(giveget("mail", "preview", "autumn-fair", "--json").stdout)
    assert asked["subject"].startswith("Met in Köln")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "../outside"), "small letters, digits and dashes"),
        (("new", "Fair"), "small letters, digits and dashes"),
        (
            ("new", "fair", "--like", "nothing"),
            'no mail "nothing"; there are confirm-consent, currency-fell',
        ),
        (("check", "nothing"), 'no mail "nothing"'),
        (("send", "extra-months", "--to", "me you@a.example"), "no mail address"),
    ],
)
def test_a_mistake_says_what_to_do(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    refused = giveget("mail", *arguments)
    assert refused.exit_code == 2
    assert said in refused.output
    assert not folder.exists()


def test_without_a_folder_it_is_said_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIVEGET_EMAILS", raising=False)
    assert "export GIVEGET_EMAILS=emails" in giveget("mail", "new", "fair").output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[fr]", "[fr-x]", "lacks subject in [fr]"),
        ("[de]\n", "[de\n", "Expected"),
        ("[en]\nsubject", "[en]\nsubject = ''\nsubjects", "lacks subject in [en]"),
        ("[en]\nopening", "[en]\nopening", None),
        ("{{ team_name }}", "{{ team_nam }}", "team_nam"),
        ("{{ team_name }}", "{{ ''.__class__ }}", "unsafe"),
        ("{{ team_name }}", "{% for x in %}", "[de]"),
        ("like = ", "like = 'no such' # ", "names no shipped mail"),
    ],
)
def test_what_is_wrong_is_said_and_refused_at_the_start(
    folder: Path, old: str, new: str, said: str | None
) -> None:
    giveget("mail", "new", "fair")
    if said is None:
        path = folder / "fair" / "words.toml"
        text = path.read_text(encoding="utf-8")
        line = next(line for line in text.splitlines() if line.startswith("opening"))
        old, new, said = line, 'opening = "I hope this finds you well."', "says nothing"
    changed(folder, "fair", old, new)
    found = giveget("mail", "check", "fair")
    assert found.exit_code == 1
    assert said in found.output
    asked = giveget("mail", "check", "fair", "--json")
    assert (asked.exit_code, said in json.loads(asked.stdout)[0]["faults"][0]) == (1, True)
    with pytest.raises(ConfigurationError, match="emails: fair"):
        World(f"sqlite:///{folder.parent}/giveget.db")


def test_a_rule_may_name_it_and_the_lead_gets_it(
    folder: Path, make_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_fair(folder)
    policy = POLICY.replace('email = "extra-months"', 'email = "autumn-fair"')
    file = folder.parent / "policy.toml"
    file.write_text(policy, encoding="utf-8")
    assert "would refuse" not in giveget("policy", "check", str(file)).output

    world = make_world(emails=str(folder))
    kept = world.post("manager", "/v1/policies", {"text": policy})
    assert kept.status_code == 200, kept.text
    world.runtime.policy = parse_policy(policy)
    lead = a_lead_due_an_offer(world, email="bea@large.example")
    world.did(lead, "project created")
    world.work()
    (mail,) = world.captured()
    assert mail["subject"] == "Met in Köln: three extra months"

    monkeypatch.delenv("GIVEGET_EMAILS")
    without = make_world()
    refused = without.post("manager", "/v1/policies", {"text": policy})
    assert refused.json()["code"] == "unknown_mail"


def test_ones_own_words_come_before_the_shipped(folder: Path) -> None:
    assert giveget("mail", "new", "win-back", "--like", "win-back").exit_code == 0
    text = (folder / "win-back" / "words.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("subject"))
    changed(folder, "win-back", line, 'subject = "Come back, {{ team_name }}"')
    assert "Subject: Come back, Müller & Söhne" in giveget("mail", "preview", "win-back").output


def test_a_test_mail_leaves_by_the_real_server(
    folder: Path, postbox: tuple[Postbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_fair(folder)
    box, port = postbox
    monkeypatch.setenv("GIVEGET_SMTP_PORT", str(port))
    monkeypatch.setenv("GIVEGET_SMTP_STARTTLS", "false")
    sent = giveget("mail", "send", "autumn-fair", "--to", "me@müller.example", "--locale", "fr")
    assert sent.exit_code == 0, sent.output
    (taken,) = box.taken
    assert str(taken["To"]) == "me@xn--mller-kva.example"
    assert "Bonjour Béatrice," in taken.get_body(("plain",)).get_content()
    monkeypatch.setenv("GIVEGET_SMTP_PORT", "1")
    refused = giveget("mail", "send", "autumn-fair", "--to", "me@a.example")
    assert refused.exit_code == 2
    assert "did not take it" in refused.output


def test_they_are_in_the_backup_and_come_back(folder: Path, tmp_path: Path) -> None:
    a_fair(folder)
    db, copy = f"sqlite:///{tmp_path}/giveget.db", tmp_path / "copy"
    World(db).runtime.store.close()
    assert giveget("backup", str(copy), "--db", db).exit_code == 0
    words = (folder / "autumn-fair" / "words.toml").read_bytes()
    (folder / "autumn-fair" / "words.toml").unlink()
    restored = giveget("restore", str(copy), "--db", f"sqlite:///{tmp_path}/again.db")
    assert restored.exit_code == 0, restored.output
    assert (folder / "autumn-fair" / "words.toml").read_bytes() == words


@pytest.mark.parametrize("name", ["../x/words.toml", "a/b/words.toml", "fair/other.txt", "/etc/x"])
def test_nothing_but_mails_is_unpacked(tmp_path: Path, name: str) -> None:
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(ConfigurationError, match="no mails"):
        unpack(evil.read_bytes(), tmp_path / "emails")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        unpack(b"no zip", tmp_path / "emails")
    assert not (tmp_path / "emails").exists()


def test_packing_leaves_what_is_there(folder: Path) -> None:
    a_fair(folder)
    packed = pack(folder)
    changed(folder, "autumn-fair", "Met in Köln", "Met in Essen")
    assert unpack(packed, folder) == 0
    words = (folder / "autumn-fair" / "words.toml").read_text(encoding="utf-8")
    assert "Met in Essen" in words
