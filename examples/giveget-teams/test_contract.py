"""The published contract of what is told, over this connector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from giveget_teams import connect

from service.integrations.contract import Message, Setup
from service.integrations.listener_tests import LEAD, PLACE, ListenerContract
from service.settings import Settings


class TestTeams(ListenerContract):
    secrets = ("sig=a-secret",)

    def listener(self, url):
        own = {"url": f"{url}/workflows/1/triggers/manual/paths/invoke?sig=a-secret"}
        return connect(Setup(settings=Settings(), own=own))

    def bare(self):
        return connect(Setup(settings=Settings(), own={}))

    def messages(self) -> Sequence[Message]:
        first = replace(LEAD, place=replace(PLACE, rank=1))
        return self.listener("http://127.0.0.1:9").to_tell(first)
