"""The origin of a request: this machine, a proxy, or a client behind a proxy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
_PREFIXES = ("x-forwarded-", "x-ingress-", "x-original-")


def is_forwarded(header_names: Iterable[str]) -> bool:
    """Return whether a header shows that a proxy forwarded the request."""
    return any(name in _FORWARDED or name.startswith(_PREFIXES) for name in header_names)


def is_loopback(peer: str) -> bool:
    """Return whether the address of a peer is a loopback address."""
    address = address_of(peer)
    return address is not None and address.is_loopback


def client_address(peer: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """Return the client's address: the peer, or behind trusted proxies the last untrusted address in `X-Forwarded-For`.

    Entries to the left of that address are ignored, since the client can forge them.
    """
    address = address_of(peer)
    if address is None or not is_in(address, proxies):
        return peer
    client = peer
    for entry in reversed([entry.strip() for entry in forwarded_for.split(",") if entry.strip()]):
        before = address_of(entry)
        if before is None:
            return client
        client = str(before)
        if not is_in(before, proxies):
            return client
    return client


def limited_unit(client: str) -> str:
    """Return the unit of the rate limit: an IPv4 address, or the /64 network of an IPv6 address."""
    address = address_of(client)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False).network_address)
    return client


@lru_cache(maxsize=1024)
def address_of(text: str) -> Address | None:
    """Parse an address, an IPv4-mapped IPv6 address as IPv4; None if it is not an address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Return whether an address belongs to one of the networks."""
    return any(address.version == network.version and address in network for network in networks)
