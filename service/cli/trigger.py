"""`giveget trigger signup|hot|outcome`: one signed call to a running server, to see what it does.

To add one: a command here that makes the body; `_send` signs and sends it, and says what to do
when the server refuses.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import quote

import typer

from service.cli.fail import fail

if TYPE_CHECKING:
    from httpx2 import Response

app = typer.Typer(no_args_is_help=True, help="Send a signed call to a running server.")
_Url = Annotated[str | None, typer.Option("--url", help="The server; else GIVEGET_PUBLIC_URL.")]
_Secret = Annotated[
    str | None,
    typer.Option("--secret", help="An ingest key's, whsec_…; else GIVEGET_INGEST_SECRET."),
]
_Lead = Annotated[str, typer.Argument(help="The lead's id, as the sign-up's answer names it.")]
_HOT = ("pricing page viewed", "teammate invited", "integration connected", "report exported")


@app.command()
def signup(
    id: Annotated[str | None, typer.Option("--id", help="The lead's id; made if absent.")] = None,
    email: Annotated[str | None, typer.Option(help="Their mail address.")] = None,
    title: Annotated[str, typer.Option(help="Their job title.")] = "VP Operations",
    seats: Annotated[int, typer.Option(min=1, help="Seats they ask for.")] = 80,
    country: Annotated[str, typer.Option(help="Two letters.")] = "BR",
    consent: Annotated[
        bool, typer.Option(help="Whether they ticked the box that lets us write to them.")
    ] = True,
    url: _Url = None,
    secret: _Secret = None,
) -> None:
    """One person signs up; prints their score, lane and rep."""
    made = id or f"trigger-{time.time_ns() // 1_000_000}"
    body: dict[str, Any] = {
        "id": made,
        "email": email or f"maria.{made}@acme-foods.example",
        "title": title,
        "first_name": "Maria",
        "company": "Acme Foods",
        "seats": seats,
        "plan": "business",
        "country": country,
        "signed_up_at": _now(),
    }
    if consent:
        wording = "Yes, write to me about the trial."
        body["consent"] = {
            "ground": "consent",
            "at": _now(),
            "wording": wording,
            "source": "giveget trigger",
        }
    base, answer = _send("/v1/signups", body, url, secret)
    score = answer["score"]
    if score is not None:
        chance = f"{100 * score['probability']:.1f}%"
        typer.echo(f"grade {score['grade']}, {chance} to convert, {score['points']:+.2f} points")
        for reason in sorted(score["reasons"], key=lambda r: -abs(r["points"]))[:5]:
            typer.echo(f"  {reason['points']:+8.2f}  {reason['caption']}: {reason['value']}")
    rep = f", rep {answer['rep']}" if answer["rep"] else ""
    typer.echo(f"lane {answer['lane']}{rep}: {answer['lane_why']}")
    _look(base, str(answer["lead_id"]))
    typer.echo(f"next: giveget trigger hot {answer['lead_id']}")


@app.command()
def hot(lead: _Lead, url: _Url = None, secret: _Secret = None) -> None:
    """The person does what buyers do: sees prices, invites, connects, exports."""
    stamp = time.time_ns()
    events = [
        {"id": f"hot-{stamp}-{number}", "lead_id": lead, "name": name, "at": _now()}
        for number, name in enumerate(_HOT)
    ]
    base, answer = _send("/v1/events", {"events": events}, url, secret)
    typer.echo(f"{answer['accepted']} events taken: {', '.join(_HOT)}")
    typer.echo("(a lead that did not sign up yet gets them when it does)")
    _look(base, lead)
    typer.echo(f"next: giveget trigger outcome {lead}")


@app.command()
def outcome(
    lead: _Lead,
    kind: Annotated[str, typer.Option(help="converted or lost.")] = "converted",
    seats: Annotated[int, typer.Option(min=1, help="Seats bought.")] = 80,
    months: Annotated[int, typer.Option(min=1, help="The term.")] = 12,
    offer: Annotated[str | None, typer.Option(help="The offer's code that it redeems.")] = None,
    url: _Url = None,
    secret: _Secret = None,
) -> None:
    """The trial ends: the person buys, or is lost."""
    if kind not in ("converted", "lost"):
        fail(f'"{kind}" is no outcome; say --kind converted or --kind lost')
    stamp = time.time_ns()
    body: dict[str, Any] = {"id": f"outcome-{stamp}", "lead_id": lead, "kind": kind, "at": _now()}
    if kind == "converted":
        amount = {"minor": 2480 * seats * months, "currency": "USD"}
        body |= {"plan": "business", "seats": seats, "term_months": months, "amount": amount}
        body |= {"prepaid": True, "invoice": f"invoice-{stamp}"}
        body |= {} if offer is None else {"offer": offer}
    base, answer = _send("/v1/outcomes", body, url, secret)
    if answer["lead_id"] is None:
        typer.echo(f'nobody signed up as "{lead}" yet: the outcome waits for them')
        typer.echo(f"next: giveget trigger signup --id {lead}")
        return
    typer.echo(f"{answer['lead_id']} is {kind}")
    if answer["offer"] is not None:
        typer.echo(f"the offer: {json.dumps(answer['offer'], ensure_ascii=False)}")
    _look(base, str(answer["lead_id"]))


def _look(base: str, lead: str) -> None:
    typer.echo(f"look: {base}/leads/{quote(lead)}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _send(
    path: str, body: Mapping[str, Any], url: str | None, secret: str | None
) -> tuple[str, dict[str, Any]]:
    """Where the server is, and its answer; ends the command with the next step if it refuses."""
    import httpx2

    from service.auth.keyring import sign
    from service.errors import ConfigurationError
    from service.settings import read_settings

    try:
        settings = read_settings()
    except ConfigurationError as error:
        fail(str(error))
    base, key = (url or settings.public_url).rstrip("/"), secret or settings.ingest_secret
    if key is None:
        fail(
            "sign-ups are signed: make a key with `giveget keys add ingest` on the server's store, "
            "and give its secret as --secret or GIVEGET_INGEST_SECRET"
        )
    raw = json.dumps(body).encode()
    try:
        headers = sign(key, f"trigger-{time.time_ns()}", datetime.now(UTC), raw)
    except ValueError:
        fail("the secret is cut short: an ingest key's is whsec_ and base64 text")
    headers["content-type"] = "application/json"
    try:
        is_here = base.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
        answer = httpx2.post(  # a proxy of the environment's does not know this machine
            base + path, content=raw, headers=headers, timeout=30, trust_env=not is_here
        )
    except httpx2.InvalidURL:
        fail(f"{base} is no address; --url takes one such as http://127.0.0.1:8080")
    except httpx2.HTTPError as error:
        fail(
            f"nothing answers at {base} ({type(error).__name__}): start it with `giveget serve`, "
            "or name it with --url",
            code=1,
        )
    if answer.status_code != 200:
        _refused(base, answer)
    return base, dict(answer.json())


_NEXT = {
    "wrong_signature": "make a key on that server's store: `giveget keys add ingest --db …`",
    "old_webhook_timestamp": "this machine's clock differs from the server's: set one of them",
    "too_many_calls": "wait a minute",
}


def _refused(base: str, answer: Response) -> NoReturn:
    try:
        problem = dict(answer.json())
        said, code = f"{problem['title']}: {problem['detail']}", str(problem["code"])
    except (ValueError, KeyError, TypeError):
        fail(f"{base} answered {answer.status_code}, and not as Giveget does; is --url right?")
    wrong = "; ".join(f"{e['path']}: {e['message']}" for e in problem.get("errors", ()))
    after = _NEXT.get(code, "")
    fail(". ".join(part for part in (said, wrong, after) if part), code=1)
