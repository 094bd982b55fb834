"""The origin of a request."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from admin_api.http.addresses import client_address, is_forwarded, is_loopback, limited_unit

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # any client can send this header
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("testclient", "203.0.113.9", "testclient"),
    ],
)
def test_the_client_address(peer: str, forwarded_for: str, client: str) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == client


@pytest.mark.parametrize(
    "name",
    ["x-forwarded-for", "x-forwarded-host", "forwarded", "via", "x-real-ip", "cf-connecting-ip"],
)
def test_a_header_of_a_proxy_marks_a_forwarded_request(name: str) -> None:
    assert is_forwarded(["host", name])


def test_without_such_a_header_a_request_is_not_forwarded() -> None:
    assert not is_forwarded(["host", "accept", "x-requested-with"])


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback(peer: str) -> None:
    assert is_loopback(peer)


@pytest.mark.parametrize("peer", ["192.168.1.1", "", "localhost", "0.0.0.0"])
def test_no_loopback(peer: str) -> None:
    assert not is_loopback(peer)


def test_a_household_of_ipv6_is_one_client() -> None:
    assert limited_unit("2001:db8:1:2:aaaa::1") == limited_unit("2001:db8:1:2:bbbb::1")
    assert limited_unit("192.0.2.1") != limited_unit("192.0.2.2")
