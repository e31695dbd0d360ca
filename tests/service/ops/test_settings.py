"""Settings: from the environment and a file, all mistakes at once, secrets kept out of sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import ConfigurationError
from service.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # so that nobody's .env is read


def a_file(folder: Path, text: str) -> Path:
    path = folder / "giveget.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_caller_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_file(tmp_path, 'port = 1\nlease_seconds = 2\nhost = "::1"\nhandling_minutes=[4,3,2,1]')
    monkeypatch.setenv("GIVEGET_CONFIG", str(path))
    monkeypatch.setenv("GIVEGET_LEASE_SECONDS", "3")
    monkeypatch.setenv("GIVEGET_PORT", "4")

    read = read_settings(port=5)

    assert (read.port, read.lease_seconds, read.host) == (5, 3, "::1")
    assert read.handling_minutes == (4, 3, 2, 1)
    assert read_settings(config=path).port == 4


def test_every_mistake_of_file_and_environment_is_in_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_file(tmp_path, 'prot = 80\nlive = "perhaps"\nsecret_key = "hunter2"')
    monkeypatch.setenv("GIVEGET_LEASE_SECONDS", "soon")
    monkeypatch.setenv("GIVEGET_HANDLING_MINUTES", "1,2,3")

    with pytest.raises(ConfigurationError) as refused:
        read_settings(config=path, port=70_000)

    said = str(refused.value)
    for words in (
        "prot (in",
        "did you mean port?",
        "live (in the file)",
        "secret_key (in the",
        "lease_seconds (GIVEGET_LEASE_SECONDS)",
        "handling_minutes (GIVEGET_HANDLING",
        "port (--port)",
    ):
        assert words in said
    assert "hunter2" not in said
    assert "perhaps" not in said


@pytest.mark.parametrize(
    ("text", "said"), [("port 80", "is no TOML: "), (None, "No such file or directory")]
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, text: str | None, said: str
) -> None:
    path = tmp_path / "none.toml" if text is None else a_file(tmp_path, text)

    with pytest.raises(ConfigurationError, match=said):
        read_settings(config=path)


@pytest.mark.parametrize("text", ["1,2,3,4", "[1, 2, 3, 4]", " 1, 2,3 ,4 "])
def test_a_list_in_the_environment_may_be_comma_separated_or_json(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("GIVEGET_FIRST_RESPONSE_MINUTES", text)

    assert read_settings().first_response_minutes == (1, 2, 3, 4)


def test_secrets_are_not_shown_when_settings_are() -> None:
    settings = read_settings(secret_key="k" * 40, smtp_password="hunter2")

    assert "hunter2" not in repr(settings)
    assert "kkkk" not in repr(settings)


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
