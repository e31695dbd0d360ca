"""The OpenAPI document: bodies we read ourselves, named by the model each route reads."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.api.problems import Problem

_REF = "#/components/schemas/{model}"
_models: dict[str, type[BaseModel]] = {}


def body(model: type[BaseModel], example: dict[str, Any] | None = None) -> dict[str, Any]:
    """`openapi_extra` for a route that reads this model from the raw body."""
    _models[model.__name__] = model
    content: dict[str, Any] = {"schema": {"$ref": _REF.format(model=model.__name__)}}
    if example is not None:
        content["example"] = example
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def read_by(reference: str) -> type[BaseModel] | None:
    """The model that reads the body of this reference, where we read it ourselves."""
    return _models.get(reference.rpartition("/")[2])


_DOORS = {
    "key": {"type": "http", "scheme": "bearer", "description": "A person's key."},
    **{
        name: {
            "type": "apiKey",
            "in": "header",
            "name": f"webhook-{name}",
            "description": "Standard Webhooks: signed with an ingest key's secret.",
        }
        for name in ("id", "timestamp", "signature")
    },
}


def _door(call: dict[str, Any]) -> tuple[str, ...] | None:
    """Which of the doors a call has: signed, a key, or none."""
    if "401" not in call["responses"]:
        return None
    return ("id", "timestamp", "signature") if "ingest" in call["tags"] else ("key",)


def _sentences(docstring: str) -> tuple[str, str]:
    """A call's docstring as its summary, which is the first paragraph, and the rest."""
    first, _, rest = docstring.partition("\n\n")
    return " ".join(first.split()), " ".join(rest.split())


def install(app: FastAPI) -> None:
    """Make the app's document hold every model it speaks of."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            models = [(model, "validation") for model in (*_models.values(), Problem)]
            _, schemas = models_json_schema(models, ref_template=_REF)  # type: ignore[arg-type]  # a list of pairs, as it asks
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {}).update(schemas["$defs"])
            parts["securitySchemes"] = _DOORS
            for call in (c for path in made["paths"].values() for c in path.values()):
                call["summary"], call["description"] = _sentences(call["description"])
                door = _door(call)
                if door is not None:
                    call["security"] = [{name: [] for name in door}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way
