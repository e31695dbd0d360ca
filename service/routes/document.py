"""The OpenAPI document: bodies we read ourselves, named by the model each route reads."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.routes.problems import Problem

_REF = "#/components/schemas/{model}"
_models: dict[str, type[BaseModel]] = {}


def body(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` for a route that reads this model from the raw body."""
    _models[model.__name__] = model
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def install(app: FastAPI) -> None:
    """Make the app's document hold every model it speaks of."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            models = [(model, "validation") for model in (*_models.values(), Problem)]
            _, schemas = models_json_schema(models, ref_template=_REF)  # type: ignore[arg-type]  # a list of pairs, as it asks
            made.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way
