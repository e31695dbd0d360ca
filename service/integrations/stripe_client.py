"""The few calls of Stripe's API that are needed; forms in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.integrations.http import Api, ToolRefused
from service.settings import Settings

_CALLS_PER_SECOND = 20.0  # Stripe's own limit is 25 in test mode


class Stripe:
    """One account, by its secret key."""

    def __init__(self, settings: Settings) -> None:
        assert settings.stripe_key is not None
        self._api = Api(
            settings.stripe_url,
            {"Authorization": f"Bearer {settings.stripe_key}"},
            calls_per_second=_CALLS_PER_SECOND,
            timeout_seconds=settings.connect_timeout_seconds,
        )

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """One object, or a list of them."""
        return dict(await self._api.call("GET", path, query=query))

    async def post(self, path: str, form: Mapping[str, str], key: str) -> dict[str, Any]:
        """Make or change something, once for each key."""
        try:
            return dict(await self._api.call("POST", path, form=form, key=key))
        except ToolRefused as error:
            if error.code == "resource_already_exists":  # the coupon of an earlier try
                return {}
            raise
