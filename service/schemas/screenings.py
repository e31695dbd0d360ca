"""The body of a screening call, and what is answered to it."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from service.domain.screening import Result
from service.schemas.fact_answers import Taken, Warning
from service.schemas.fields import Body, ExternalIds, Id, Time


class ScreeningBody(Body):
    """A call, a machine's or a person's, that asked whether somebody should call."""

    model_config = ConfigDict(extra="ignore")

    id: Id
    lead_id: Id | None = None
    external_ids: ExternalIds | None = None
    result: Result
    """Or the call tool's own word for it, of the file of call results."""
    answers: (
        Annotated[
            dict[
                Annotated[str, Field(min_length=1, max_length=100)],
                Annotated[str, Field(max_length=2000)] | int | float | bool | None,
            ],
            Field(max_length=50),
        ]
        | None
    ) = None
    """By question; `objection` and `language` say what was objected, and what is spoken."""
    by_machine: bool
    at: Time
    callback_at: Time | None = None
    """When they asked to be called back."""


class ScreeningTakenAnswer(Taken):
    """One call, taken."""

    warnings: list[Warning]
