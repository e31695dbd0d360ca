"""A person's browser session: a signed cookie that names the key they signed in with.

The key itself is looked up at every call, so a revoked key ends its sessions at once.
"""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

from service.errors import NotKnown

COOKIE = "giveget_session"
SESSION_SECONDS = 12 * 3600
FLOW_COOKIE = "giveget_sign_in"
FLOW_SECONDS = 600
_ENTRANCE_SECONDS = 24 * 3600


class Sessions:
    """Makes and reads the tokens of the cookie and of `/enter/…` links."""

    def __init__(self, secret: bytes) -> None:
        self._sessions = URLSafeTimedSerializer(secret, salt="giveget-session")
        self._entrances = URLSafeTimedSerializer(secret, salt="giveget-enter")
        self._flows = URLSafeTimedSerializer(secret, salt="giveget-sign-in")

    def start(self, key: str) -> str:
        """A session for the key of that id."""
        return _text(self._sessions.dumps(key))

    def read(self, token: str) -> str:
        """The key's id of a session not too old. Raises NotKnown."""
        return _read(self._sessions, token, SESSION_SECONDS)

    def begin_flow(self, flow: dict[str, str]) -> str:
        """A sign-in on its way to a provider."""
        return _text(self._flows.dumps(flow))

    def read_flow(self, token: str) -> dict[str, str]:
        """The sign-in that comes back, begun not too long ago. Raises NotKnown."""
        try:
            flow = self._flows.loads(token, max_age=FLOW_SECONDS)
        except BadSignature:
            raise NotKnown("no_sign_in", "this sign-in was not begun here; begin again") from None
        return {str(name): str(value) for name, value in flow.items()}

    def entrance(self, key: str) -> str:
        """A token that signs in whom it names without a secret typed, for a link they are shown."""
        return _text(self._entrances.dumps(key))

    def read_entrance(self, token: str) -> str:
        """Whom an entrance not too old names. Raises NotKnown."""
        return _read(self._entrances, token, _ENTRANCE_SECONDS)


def _read(serializer: URLSafeTimedSerializer, token: str, seconds: int) -> str:
    try:
        named = serializer.loads(token, max_age=seconds)
    except BadSignature:
        named = None
    if not isinstance(named, str):
        raise NotKnown("no_session", "sign in again")
    return named


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode("ascii")
