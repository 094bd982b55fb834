"""From where a request comes: this machine, a proxy, or somebody behind one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_FORWARDED = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
_PREFIXES = ("x-forwarded-", "x-ingress-", "x-original-")


def is_forwarded(header_names: Iterable[str]) -> bool:
    """Whether a proxy says that it forwarded the request: it then comes from wherever the proxy is reached from."""
    return any(name in _FORWARDED or name.startswith(_PREFIXES) for name in header_names)


def is_loopback(peer: str) -> bool:
    """Whether the other end of the connection is on this machine."""
    address = address_of(peer)
    return address is not None and address.is_loopback


def client_address(peer: str, forwarded_for: str, proxies: Sequence[Network]) -> str:
    """Who asks: the other end, or behind trusted proxies the last address before them in `X-Forwarded-For`.

    Everything left of an address that is no trusted proxy is what a client chose to write.
    """
    address = address_of(peer)
    if address is None or not is_in(address, proxies):
        return peer
    told = peer
    for entry in reversed([entry.strip() for entry in forwarded_for.split(",") if entry.strip()]):
        before = address_of(entry)
        if before is None:
            return told
        told = str(before)
        if not is_in(before, proxies):
            return told
    return told


def limited_unit(client: str) -> str:
    """Whose requests are counted together: an IPv4 address, or the /64 that one IPv6 household has."""
    address = address_of(client)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False).network_address)
    return client


@lru_cache(maxsize=1024)
def address_of(text: str) -> Address | None:
    """An address, IPv4 where IPv6 only wraps it; None where it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_in(address: Address, networks: Sequence[Network]) -> bool:
    """Return whether an address belongs to one of the networks."""
    return any(address.version == network.version and address in network for network in networks)
