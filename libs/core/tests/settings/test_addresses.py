"""Addresses as people write and paste them."""

from __future__ import annotations

import pytest
from ha_ingestor_core.settings.addresses import (
    credentials_of,
    parse_address,
    parse_home_assistant_address,
    without_credentials,
)
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://homeassistant.local:8123", "http://homeassistant.local:8123"),
        ("http://homeassistant.local:8123/", "http://homeassistant.local:8123"),
        ("  HTTP://HomeAssistant.Local:8123 \r\n", "http://homeassistant.local:8123"),
        ("ws://ha:8123", "http://ha:8123"),
        ("WSS://ha", "https://ha"),
        ("http://[::1]:8123", "http://[::1]:8123"),
        ("http://[FE80::1]", "http://[fe80::1]"),
        ("https://example.org/home/assistant/", "https://example.org/home/assistant"),
        ("http://user:p%40ss@ha:8123", "http://user:p%40ss@ha:8123"),
        ("http://bücher.example", "http://xn--bcher-kva.example"),
        ("http://my_server:80", "http://my_server"),
    ],
)
def test_what_means_one_server_is_one_address(given: str, used: str) -> None:
    assert parse_address(given) == used
    assert parse_home_assistant_address(given) == used


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://supervisor/core", "http://supervisor/core"),
        ("ws://supervisor/core/websocket", "http://supervisor/core"),
        ("http://supervisor/core/api", "http://supervisor/core"),
        ("ws://ha:8123/api/websocket", "http://ha:8123"),
        ("https://ha/lovelace/0", "https://ha"),
        ("https://example.org/ha/dashboard-rooms/0?kiosk#x", "https://example.org/ha"),
        ("http://ha:8123/profile/security", "http://ha:8123"),
    ],
)
def test_a_path_of_home_assistant_is_cut_off(given: str, used: str) -> None:
    assert parse_home_assistant_address(given) == used


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("ha:8123", "start with"),
        ("ftp://ha", "start with"),
        ("http://", "no host"),
        ("http://:8123", "not a valid address"),
        ("http://[::1", "not a valid address"),
        ("http://fe80::1:8123", "not a valid address"),
        ("http://ha:65536", "port"),
        ("http://ha:0", "port"),
        ("http://ha:８０", "port"),
        ("http://ha:http", "port"),
        ("http://h a", "white space"),
        ("http://ha\n.local", "white space"),
        ("http://a..b", "host"),
        ("http://" + "a" * 300, "host"),
    ],
)
def test_what_is_no_address_says_why(wrong: str, said: str) -> None:
    for parse in (parse_address, parse_home_assistant_address):
        with pytest.raises(ValueError, match=said):
            parse(wrong)


def test_a_query_is_no_part_of_the_address_of_a_server() -> None:
    with pytest.raises(ValueError, match="query"):
        parse_address("http://influx:8086/?org=x")


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60), st.sampled_from(["", "http://", "wss://", "http://["])
)
def test_any_text_is_an_address_or_a_reason(text: str, start: str) -> None:
    for parse in (parse_address, parse_home_assistant_address):
        try:
            address = parse(start + text)
        except ValueError:
            continue
        assert parse(address) == address
        url = URL(address)
        assert url.scheme in ("http", "https")
        assert url.host
        assert not address.endswith("/")
        assert (without_credentials(address) == address) == (credentials_of(address) is None)


@given(
    st.sampled_from(["http", "https", "ws", "wss", "HTTP", "Wss"]),
    st.one_of(
        st.ip_addresses(v=4).map(str),
        st.ip_addresses(v=6).map(lambda ip: f"[{ip}]"),
        st.from_regex(r"[a-z][a-z0-9-]{0,20}(\.[a-z][a-z0-9]{0,10}){0,3}", fullmatch=True),
    ),
    st.integers(1, 65_535),
    st.sampled_from(["", "/", "/ha", "/a/b/"]),
    st.sampled_from(["", "/api/websocket", "/lovelace/0", "/config/dashboard?x=1"]),
)
def test_every_form_of_an_address_keeps_host_port_and_prefix(
    scheme: str, host: str, port: int, prefix: str, pasted: str
) -> None:
    url = URL(parse_home_assistant_address(f"{scheme}://{host}:{port}{prefix.rstrip('/')}{pasted}"))
    expected = URL(f"http://{host}:{port}{prefix}")
    assert (url.scheme == "https") == (scheme.lower() in ("https", "wss"))
    assert (url.host, url.port) == (expected.host, port)
    assert url.path.rstrip("/") == prefix.rstrip("/")
