"""schemathesis over the OpenAPI document, all its phases, against a server of its own: no 5xx,
and no answer the document does not speak of.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.ops.test_crash import served
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

ROOT = Path(__file__).parents[3]
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)


def a_lived_in_store(url: str) -> dict[str, str]:
    """A rep with a claimed lead and an issued offer; the environment for the hooks."""
    with World(url) as world:
        world.hire("ada")
        lead = world.sign_up(id="L1")["lead_id"]
        claim = world.claim("ada")["claim"]
        world.hire("ada", available=False)
        the_policy(world)
        world.wait(days=1)
        world.did(a_lead_due_an_offer(world), "project created")
        (offer,) = world.get("manager", "/v1/offers").json()["offers"]
        secrets = {
            who: world.bearer(name)["authorization"].removeprefix("Bearer ")
            for who, name in (("rep", "ada"), ("manager", "manager"), ("admin", "admin"))
        }
        known = {"rep": "ada", "lead": lead, "claim": claim, "offer": offer["id"]}
        secrets["ingest"] = world.ingest_key
    return {"FUZZ_KNOWN": json.dumps(known), "FUZZ_SECRETS": json.dumps(secrets)}


def fuzz(url: str, folder: Path, examples: int) -> None:
    lived_in = a_lived_in_store(url)
    (folder / "schemathesis.toml").write_text("")
    environment = (
        os.environ
        | lived_in
        | {
            "SCHEMATHESIS_HOOKS": "tests.support.fuzz_hooks",
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
        }
    )
    with served(url, "--no-worker") as (server, address):
        done = subprocess.run(
            [
                Path(sys.executable).with_name("st"),
                "run",
                f"{address}/openapi.json",
                "--phases",
                "examples,coverage,fuzzing,stateful",
                "--checks",
                CHECKS,
                "-n",
                str(examples),
                "--workers",
                "1",
                "--seed",
                "1",
                "--mode",
                "all",
                "--suppress-health-check",
                "all",
                "--no-shrink",
                "--continue-on-failure",
                "--warnings",
                "off",
            ],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert server.poll() is None  # it is still alive
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-4_000:]
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert phase in done.stdout


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the long one takes both
def test_no_call_the_document_allows_or_forbids_brings_a_fault(
    store_url: str, tmp_path: Path
) -> None:
    fuzz(store_url, tmp_path, examples=2)


@pytest.mark.long
def test_no_call_of_many_brings_a_fault(store_url: str, tmp_path: Path) -> None:
    fuzz(store_url, tmp_path, examples=8)
