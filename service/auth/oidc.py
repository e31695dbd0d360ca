"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, state and nonce.

The provider says who somebody is, by a verified mail address; whether they may come in, and as
what, is said by `giveget people add`. Tokens are verified by joserfc; the flow is written here
because Authlib would bring a session store and a framework integration of its own for three calls.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.errors import NotKnown
from service.settings import Settings

CALLBACK = "/sign-in/oidc/callback"
_ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10.0
_WRONG = (httpx2.HTTPError, JoseError, KeyError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One sign-in on its way; kept in a signed cookie of the browser that began it."""

    state: str
    nonce: str
    verifier: str

    def to_json(self) -> dict[str, str]:
        """What the cookie holds."""
        return asdict(self)


class SingleSignOn:
    """One provider."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = (settings.oidc_issuer or "").rstrip("/")
        self._client = settings.oidc_client_id or ""
        self._secret = settings.oidc_client_secret or ""
        self._back = settings.public_url.rstrip("/") + CALLBACK

    async def begin(self) -> tuple[str, Flow]:
        """Where to send the browser, and what it must bring back. Raises NotKnown."""
        flow = Flow(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
        )
        digest = hashlib.sha256(flow.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._back,
            "scope": "openid email",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                place = str((await self._provider(client))["authorization_endpoint"])
        except _WRONG:
            raise NotKnown("no_provider", "the sign-in provider does not answer") from None
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}", flow

    async def finish(self, flow: Flow, *, code: str, state: str) -> str:
        """The verified mail address of who came back. Raises NotKnown."""
        if not secrets.compare_digest(state.encode(), flow.state.encode()):
            raise NotKnown("wrong_state", "this sign-in was begun elsewhere; begin again")
        try:
            claims = await self._claims(flow, code)
            if claims.get("email_verified") is not True:
                raise ValueError("email")
            return str(claims["email"])
        except _WRONG:
            raise NotKnown("wrong_token", "the provider's answer does not hold") from None

    async def _claims(self, flow: Flow, code: str) -> dict[str, Any]:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": flow.verifier,
        }
        async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            provider = await self._provider(client)
            answer = await client.post(
                provider["token_endpoint"], data=given, auth=(self._client, self._secret)
            )
            answer.raise_for_status()
            keys = (await client.get(provider["jwks_uri"])).raise_for_status().json()
        token = jwt.decode(
            answer.json()["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS
        )
        jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": str(provider["issuer"])},  # as the provider spells it
            aud={"essential": True, "value": self._client},
            exp={"essential": True},
            nonce={"essential": True, "value": flow.nonce},
        ).validate(token.claims)
        claims = dict(token.claims)
        audience = claims["aud"]
        is_shared = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if is_shared else self._client) != self._client:
            raise ValueError("azp")  # OpenID Connect Core 3.1.3.7, steps 4 and 5
        return claims

    async def _provider(self, client: httpx2.AsyncClient) -> dict[str, Any]:
        answer = await client.get(f"{self._issuer}/.well-known/openid-configuration")
        found = answer.raise_for_status().json()
        if str(found["issuer"]).rstrip("/") != self._issuer:
            raise ValueError("issuer")
        return dict(found)
