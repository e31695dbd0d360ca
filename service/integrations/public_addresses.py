"""Where a host's name leads, unless that is into a private network.

The name is resolved here and the connection goes to the address that was looked at, so that a
second answer of the name server cannot lead elsewhere (DNS rebinding). By hand: the `ipaddress`
module says what is public, and libraries for it (advocate, ssrf-protect) sit on `requests` or
look before they connect by name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket

_UNICAST = ipaddress.ip_network("2000::/3")
"""What IANA gives out of IPv6; all else is local, mapped or reserved."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in the last 32 bits, which a gateway would reach."""
_REFUSED = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "168.63.129.16/32")))
"""Of protocols (RFC 6890); Azure's own service to any machine in it, public by its number only."""


class PrivateAddress(Exception):  # noqa: N818  # it names what the address is
    """A host that is, or may be, in a private network; the message names the host only."""


async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Every address of a host, the preferred first. Raises OSError, PrivateAddress.

    One private address among them refuses all: an honest public host has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not allow_private and not all(is_public(each) for each in addresses):
        raise PrivateAddress(host)
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is reached over the internet by everybody alike."""
    plain = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(plain, ipaddress.IPv6Address):
        inner = plain.ipv4_mapped or plain.sixtofour
        if plain in _NAT64:
            inner = ipaddress.IPv4Address(int(plain) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        return plain.is_global and plain in _UNICAST
    is_refused = plain.is_multicast or any(plain in network for network in _REFUSED)
    return plain.is_global and not is_refused
