"""`python -m tests.bench.served STORE MODEL [plain]`: the service in a process of its own, on a
free port, behind its bounded HTTP protocol, or behind uvicorn's own one.

Beside the real routes it has some of the bench: `/bench/echo`, which reads and validates a sign-up
as the real one does and answers with it, on a FastAPI route; `/bench/bare-echo`, the same without
FastAPI, as the real one is served; and `/bench/common`, how most teams serve a score: a pipeline
over a one-row DataFrame of the served model's features, its explainer, and a commit a request.
"""

from __future__ import annotations

import gc
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scoring.features import Feature
from service.api.bounded_http import Bounds, bounded
from service.app import build_runtime, create_app
from service.schemas.parsing import parse_json, read_body, read_model
from service.schemas.signup import Signup
from service.settings import read_settings
from service.use_cases.access.keys import add_key

REPS = 20


def main(store: str, model: str, protocol: str = "bounded") -> None:
    """Serve until killed; one line of JSON says where, and with which secrets."""
    runtime = build_runtime(
        read_settings(
            db=store,
            model=Path(model),
            port=0,
            ingest_calls_per_minute=10**9,
            person_calls_per_minute=10**9,
            log_level="ERROR",
        )
    )
    now, vault = runtime.clock.now(), runtime.vault
    ingest = runtime.store.write_now(lambda c: add_key(c, vault, role="ingest", rep=None, now=now))
    manager = runtime.store.write_now(
        lambda c: add_key(c, vault, role="manager", rep=None, now=now)
    )
    reps = [
        runtime.store.write_now(
            lambda c, n=n: add_key(c, vault, role="rep", rep=f"rep-{n}", now=now)
        )
        for n in range(REPS)
    ]
    app = create_app(runtime, with_worker=False)
    _add_echo(app)
    _add_common(app, runtime.model.features)

    @app.get("/bench/commits")
    async def commits() -> dict[str, int]:
        return {"commits": runtime.store.commits, "jobs": runtime.store.jobs}

    gc.freeze()  # as `giveget serve` does
    bounds = Bounds()
    bounds.fit_to_files()
    config = uvicorn.Config(
        app,
        http="httptools" if protocol == "plain" else bounded(bounds),
        ws="none",
        port=0,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen(2048)  # whoever reads the line below may connect at once
    said = {
        "port": listener.getsockname()[1],
        "pid": os.getpid(),
        "ingest": ingest.secret,
        "manager": manager.secret,
        "reps": [rep.secret for rep in reps],
    }
    print(json.dumps(said), flush=True)
    server.run(sockets=[listener])


def _add_echo(app: FastAPI) -> None:
    @app.post("/bench/echo")
    async def echo(request: Request) -> Response:
        raw = await read_body(request, 262_144)
        signup = read_model(Signup, parse_json(raw))
        return Response(signup.model_dump_json(exclude_none=True), media_type="application/json")

    app.router.routes.insert(0, app.router.routes.pop())  # found first, as the sign-ups' route is
    app.router.routes.insert(0, Route("/bench/bare-echo", echo, methods=["POST"]))


def _add_common(app: FastAPI, features: Sequence[Feature]) -> None:
    """A small model will do: what costs is the way, not the learning."""
    made: dict[str, Any] = {}
    numbers = [feature.name for feature in features if feature.kind == "number"]
    categories = [feature.name for feature in features if feature.kind == "category"]

    def build() -> dict[str, Any]:
        import numpy as np
        import pandas as pd
        from lightgbm import LGBMClassifier
        from sklearn.compose import make_column_transformer
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder

        draw = np.random.default_rng(1)
        frame = pd.DataFrame(
            {name: draw.choice(["a", "b", "c"], 2000) for name in categories}
            | {name: draw.normal(size=2000) for name in numbers}
        )
        encode = make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), categories), (SimpleImputer(), numbers)
        )
        model = LGBMClassifier(n_estimators=200, verbose=-1, n_jobs=1)
        pipeline = make_pipeline(encode, model).fit(frame, draw.random(2000) < 0.3)
        folder = tempfile.mkdtemp()
        store = sqlite3.connect(Path(folder) / "common.db", isolation_level=None)
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("PRAGMA synchronous=FULL")
        store.execute("CREATE TABLE scores (lead TEXT, score REAL, reasons TEXT)")
        return {"pipeline": pipeline, "store": store, "frame": pd.DataFrame}

    @app.post("/bench/common")
    async def common(request: Request) -> Response:
        if not made:
            made.update(build())
        raw = await read_body(request, 262_144)
        signup = read_model(Signup, parse_json(raw))
        row = made["frame"](
            [
                dict.fromkeys(categories, signup.plan)
                | dict.fromkeys(numbers, float("nan"))
                | {"seats": float(signup.seats or 0)}
            ]
        )
        encoder, model = made["pipeline"][0], made["pipeline"][1]
        encoded = encoder.transform(row)  # once for both, which takes some care
        score = float(model.booster_.predict(encoded)[0])
        reasons = model.booster_.predict(encoded, pred_contrib=True)
        told = json.dumps([float(part) for part in _dense(reasons)])
        made["store"].execute("INSERT INTO scores VALUES (?, ?, ?)", (signup.id, score, told))
        return Response(json.dumps({"probability": score}), media_type="application/json")

    app.router.routes.insert(0, app.router.routes.pop())  # as the echo's


def _dense(reasons: Any) -> Any:
    return (reasons.toarray() if hasattr(reasons, "toarray") else reasons)[0]


if __name__ == "__main__":
    main(*sys.argv[1:])
