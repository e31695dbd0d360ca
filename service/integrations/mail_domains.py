"""Whether a domain takes mail, as DNS says: MX records, else an address (RFC 5321, section 5.1).

A null MX (RFC 7505) and a domain that does not exist take none; a server that fails or is silent
says nothing, which is unknown and never no.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.inet
import dns.name
import dns.resolver

from service.errors import ConfigurationError

_AT_ONCE = 16
_SECONDS = 3.0
"""For one domain, repeats included."""
_MOST = 20_000
_KEPT_SECONDS, _UNKNOWN_SECONDS = 86_400.0, 300.0


class MailDomains:
    """Asks for domains, a few at a time, and remembers the answers for a day."""

    def __init__(self, servers: Sequence[str] = ()) -> None:
        """`servers` are `address` or `address:port`; without any the system's are asked.

        Raises ConfigurationError for one that is no address.
        """
        self._servers = servers_of(servers)
        self._known: OrderedDict[str, tuple[bool | None, float]] = OrderedDict()
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def takes_mail(self, domain: str) -> bool | None:
        """Whether mail to this domain can be delivered anywhere; `None` where nobody says."""
        answer, until = self._known.get(domain, (None, 0.0))
        if time.monotonic() < until:
            return answer
        async with self._free:
            answer = await self._ask(domain)
        kept = _UNKNOWN_SECONDS if answer is None else _KEPT_SECONDS
        self._known[domain] = (answer, time.monotonic() + kept)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return answer

    async def _ask(self, domain: str) -> bool | None:
        try:
            name = dns.name.from_text(domain, idna_codec=dns.name.IDNA_2008_Practical)
            exchanges = await self._records(name, "MX")
            if exchanges:
                return any(each.exchange != dns.name.root for each in exchanges)
            for kind in ("A", "AAAA"):
                if await self._records(name, kind):
                    return True
        except dns.resolver.NXDOMAIN:
            return False
        except (dns.exception.DNSException, OSError, UnicodeError):
            return None
        return False

    async def _records(self, name: dns.name.Name, kind: str) -> Sequence[Any]:  # by its kind
        answer = await self._resolver().resolve(name, kind, raise_on_no_answer=False)
        return list(answer.rrset or ())

    def _resolver(self) -> dns.asyncresolver.Resolver:
        resolver = dns.asyncresolver.Resolver(configure=not self._servers)
        ask_at(resolver, self._servers)
        return resolver


def servers_of(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Addresses and ports of DNS servers. Raises ConfigurationError for one that is no address."""
    return [_server(text) for text in texts]


def ask_at(resolver: dns.resolver.BaseResolver, servers: Sequence[tuple[str, int]]) -> None:
    """Have these asked, where there are any, and none longer than one may wait."""
    if servers:
        resolver.nameservers = [address for address, _ in servers]
        resolver.nameserver_ports = dict(servers)
    resolver.lifetime = _SECONDS


def _server(text: str) -> tuple[str, int]:
    address, colon, port = text.strip().rpartition(":")
    if not colon or "." not in address:
        address, port = text.strip(), "53"
    if not dns.inet.is_address(address) or not port.isdecimal():
        raise ConfigurationError(
            f"mx_servers: {text!r} is no address of a DNS server; write 192.0.2.53 or 192.0.2.53:53"
        )
    return address, int(port)
