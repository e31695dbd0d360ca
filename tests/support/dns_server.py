"""A DNS server on loopback: it answers over UDP from a table, or fails, or keeps silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[str, Mapping[str, str] | str]
"""Of each domain its records by type, one a line, or `SERVFAIL` or `silence`; any other name does
not exist."""


class NameServer:
    """What was asked, in order, and where."""

    def __init__(self, zone: Zone) -> None:
        self.zone = dict(zone)
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def serve(self) -> None:
        """Answer until told to stop."""
        while True:
            wire, sender = self._socket.recvfrom(4096)
            if not wire:
                return
            if (answer := self._answer(dns.message.from_wire(wire))) is not None:
                self._socket.sendto(answer.to_wire(), sender)

    def stop(self) -> None:
        """End `serve`, also while it waits."""
        self._socket.sendto(b"", self._socket.getsockname())

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        told = self.zone.get(name)
        if told == "silence":
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if told is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif isinstance(told, str):
            answer.set_rcode(dns.rcode.from_text(told))
        elif kind in told:
            records = told[kind].splitlines()
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *records))
        return answer


@contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    """A running server."""
    server = NameServer(zone)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()
