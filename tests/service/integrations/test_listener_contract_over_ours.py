"""The published contract of what is told, over connectors of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from service.integrations.connectors import HubSpot, Slack
from service.integrations.contract import Message, Setup
from service.integrations.http import Api
from service.integrations.hubspot_client import HubSpot as Client
from service.integrations.hubspot_telling import LOOKUP
from service.integrations.listener_tests import ListenerContract
from service.settings import Settings
from tests.support.hubspot_server import HubSpotTool

TOKEN = "pat-na1-a-token"


class TestSlackIsTold(ListenerContract):
    secrets = ("a-secret-path",)

    def listener(self, url: str) -> Slack:
        client = Api(f"{url}/a-secret-path", {}, calls_per_second=10_000)
        return Slack(Setup(settings=Settings(), own={}, client=client))

    def bare(self) -> Slack:
        return Slack(Setup(settings=Settings(), own={}))


class TestHubSpotIsTold(ListenerContract):
    secrets = (TOKEN,)

    def listener(self, url: str) -> HubSpot:
        settings = Settings(hubspot_token=TOKEN, hubspot_url=url, hubspot_calls_per_second=10_000.0)
        return HubSpot(Setup(settings=settings, own={}, client=Client(settings)))

    def bare(self) -> HubSpot:
        return HubSpot(Setup(settings=Settings(), own={}))

    def messages(self) -> Sequence[Message]:
        return [one for one in super().messages() if one.what != LOOKUP]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        tool = HubSpotTool()
        tool.contacts = {id: {"id": id, "properties": {}} for id in ("501", "502")}
        tool.tasks = {"9001": {"id": "9001", "properties": {}, "contacts": ["501"]}}
        path, _, query = path.partition("?")
        return tool.answer(method, path, dict(parse_qsl(query)), body)
