"""The accepted host names."""

from __future__ import annotations

import pytest
from admin_api.security.hosts import (
    host_name,
    is_frame_ancestor,
    is_host_pattern,
    is_loopback_name,
    is_same_origin,
    may_be_called,
)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8003", "localhost"),
        ("LOCALHOST.", "localhost"),
        ("[::1]:8003", "::1"),
        ("user@evil.example", "evil.example"),
        ("", ""),
        ("[::1", ""),
        ("a/b", "a"),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_names_of_this_machine(name: str) -> None:
    assert is_loopback_name(name)


@pytest.mark.parametrize("name", ["", "localhost.evil.example", "127.0.0.1.nip.io", "0.0.0.0", "192.168.1.2", "evil"])
def test_other_names(name: str) -> None:
    assert not is_loopback_name(name)


@pytest.mark.parametrize(
    "name",
    ["192.168.1.2", "2001:db8::1", "myserver", "a.local", "ha.example.org", "a.wild.example", "localhost"],
)
def test_names_that_are_ours(name: str) -> None:
    assert may_be_called(name, frozenset({"ha.example.org", "*.wild.example"}))


@pytest.mark.parametrize("name", ["", "evil.example", "ha.example.org.evil.example", "wild.example", "awild.example"])
def test_names_that_are_not(name: str) -> None:
    assert not may_be_called(name, frozenset({"ha.example.org", "*.wild.example"}))


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://localhost:8003", "localhost:8003", "http"),
        ("https://ha.lan", "ha.lan", "https"),
        ("https://ha.lan", "ha.lan", None),
        ("http://ha.lan", "ha.lan", None),
        ("https://ha.lan", "ha.lan:443", "https"),
        ("http://[::1]:8003", "[::1]:8003", "http"),
        ("https://ha.example.org", "127.0.0.1:8003", "http"),
        ("https://ha.example.org", "ha.example.org", "http"),
        ("http://ha.example.org", "127.0.0.1:8003", "http"),
    ],
)
def test_our_own_pages(origin: str, host: str, scheme: str | None) -> None:
    assert is_same_origin(origin, host, scheme, frozenset({"ha.example.org"}))


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        ("http://ha.lan", "ha.lan", "https"),
        ("https://ha.lan", "ha.lan", "http"),
        ("https://localhost:8003", "localhost:8003", "http"),
        ("http://ha.example.org", "ha.example.org", "https"),
        ("http://ha.lan", "ha.lan", "gopher"),
    ],
)
def test_a_page_of_another_scheme_is_anothers(origin: str, host: str, scheme: str) -> None:
    assert not is_same_origin(origin, host, scheme, frozenset({"ha.example.org"}))


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("null", "localhost:8003"),
        ("", "localhost:8003"),
        ("http://localhost:3000", "localhost:8003"),
        ("http://evil.example", "localhost:8003"),
        ("file://", "localhost:8003"),
        ("http://localhost:99999999", "localhost:8003"),
        ("http://[", "localhost:8003"),
    ],
)
def test_pages_of_others(origin: str, host: str) -> None:
    for scheme in ("http", None):
        assert not is_same_origin(origin, host, scheme, frozenset({"ha.example.org"}))


@pytest.mark.parametrize("text", ["ha.example.org", "*.example.org", "ha"])
def test_patterns(text: str) -> None:
    assert is_host_pattern(text)


@pytest.mark.parametrize("text", ["*", "http://ha", "a b", "ha:8003", "*example.org", ""])
def test_what_is_no_pattern(text: str) -> None:
    assert not is_host_pattern(text)


@pytest.mark.parametrize(
    "text",
    ["'self'", "http://homeassistant.local:8123", "https://*.example.org", "http://192.0.2.7", "http://[::1]:80"],
)
def test_frame_ancestors(text: str) -> None:
    assert is_frame_ancestor(text)


@pytest.mark.parametrize(
    "text", ["*", "ha.example.org", "https://a/b", "https://a;script-src", "'none'", "https:", "javascript:x", "data:"]
)
def test_what_is_no_frame_ancestor(text: str) -> None:
    assert not is_frame_ancestor(text)
