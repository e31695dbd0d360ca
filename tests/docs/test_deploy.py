"""What is handed out for deploying names only what there is, and the wheel runs without us."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from urllib.error import URLError

import pytest
import yaml  # type: ignore[import-untyped]

from service.cli.app import app
from service.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())


def settings_named(text: str) -> set[str]:
    return {name.lower() for name in re.findall(r"\bGIVEGET_([A-Z][A-Z0-9_]*)", text)}


@pytest.mark.parametrize("path", [*FILES, ROOT / "docs" / "deploy.md"], ids=lambda path: path.name)
def test_every_setting_exists(path: Path) -> None:
    ours = {"domain"}  # the proxy's, not the service's
    assert settings_named(path.read_text("utf-8")) - set(Settings.model_fields) - ours == set()


@pytest.mark.parametrize("path", [*FILES, ROOT / "docs" / "deploy.md"], ids=lambda path: path.name)
def test_every_command_exists(path: Path) -> None:
    groups = {group.name for group in app.registered_groups}
    commands = {
        command.name or (command.callback.__name__ if command.callback else "")
        for command in app.registered_commands
    }
    before = r"(?:bin/|`|serve |\$ |\[|\[\")"
    said = re.findall(before + r"giveget\"?,? \"?([a-z]+)", path.read_text("utf-8"))
    assert set(said) <= groups | commands


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))


def test_the_base_is_what_the_product_needs_at_the_versions_that_are_tested() -> None:
    base, whole = pins("requirements-base.lock"), pins("requirements.lock")
    assert base.items() <= whole.items()
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [re.split(r"[^\w.-]", each)[0].lower() for each in told["dependencies"]]
    assert set(needed) <= {name.lower() for name in base}
    assert {"pytest", "mypy", "ruff", "playwright", "dask", "hypothesis"} & set(base) == set()


def test_the_image_copies_what_is_there_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
    stages = text.split("FROM ")
    assert "USER 10001" in stages[-1]
    assert "HEALTHCHECK" in stages[-1]
    assert stages[-1].rstrip().endswith('CMD ["giveget", "serve"]')


def test_the_composed_services_wait_for_each_other_and_keep_what_they_store() -> None:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = told["services"]
    assert set(services) == {"db", "serve", "worker", "proxy"}
    for name in ("serve", "worker"):
        one = services[name]
        assert one["read_only"] is True
        assert one["depends_on"]["db"]["condition"] == "service_healthy"
        assert one["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}
    assert services["worker"]["command"] == ["giveget", "worker"]
    used = {volume.split(":")[0] for one in services.values() for volume in one["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(told["volumes"])
    example = (DEPLOY / "env.example").read_text("utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+):\?", (DEPLOY / "compose.yaml").read_text("utf-8")))
    assert asked <= set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(  # what a checkout holds, and nothing that lies beside it
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if name.split("/")[0] in ("scoring", "offers", "service") or "/" not in name:
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(source)], check=True)  # our own source
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for package in ("scoring", "offers", "service"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in held, path


@pytest.mark.long
def test_the_wheel_serves_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """In a fresh environment that has our dependencies and nothing of ours."""
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", str(fresh)], check=True)  # an empty environment
    python = fresh / "bin" / "python"
    subprocess.run(  # our own wheel
        [str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True
    )
    theirs = next(fresh.glob("lib/*/site-packages"))
    ours = Path(pytest.__file__).parents[1]
    (theirs / "dependencies.pth").write_text(f"{ours}\n", "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GIVEGET_", "PYTHON"))}
    environment |= {"GIVEGET_DB": f"sqlite:///{tmp_path}/giveget.db", "GIVEGET_PORT": str(port)}
    where = subprocess.run(  # where it is imported from
        [str(python), "-c", "import service; print(service.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    ).stdout
    assert where.startswith(str(fresh))

    giveget = str(fresh / "bin" / "giveget")
    child = subprocess.Popen([giveget, "serve"], cwd=tmp_path, env=environment)  # our own command
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                    assert answer.status == 200
                break
            except (URLError, TimeoutError):
                time.sleep(0.2)
        else:
            raise AssertionError("it never became ready")
    finally:
        child.terminate()
        assert child.wait(timeout=60) == 0
    done = subprocess.run(  # our own command
        [giveget, "keys", "add", "ingest"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "whsec_" in done.stdout
