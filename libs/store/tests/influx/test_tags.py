"""Tag values and globs over them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from ha_ingestor_store.influx.tags import any_of_expression, decode_tag, encode_tag, glob_expression
from hypothesis import given
from hypothesis import strategies as st

characters = st.text(st.sampled_from("ab%\\\n\r\x00\x7f *?[]().^$/|{}+0Aé😀"), max_size=8)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("light.küche", "light.küche"),
        ("a b,c=d\"e'f", "a b,c=d\"e'f"),
        ("100%", "100%25"),
        ("%0A", "%250A"),
        ("back\\slash\\", "back%5Cslash%5C"),
        ("a\nb\rc\td\x00\x7f", "a%0Ab%0Dc%09d%00%7F"),
    ],
)
def test_only_what_a_tag_cannot_hold_is_encoded(value: str, kept: str) -> None:
    assert encode_tag(value) == kept
    assert decode_tag(kept) == value


@given(st.text())
def test_every_value_comes_back(value: str) -> None:
    assert decode_tag(encode_tag(value)) == value


@given(st.text())
def test_no_kept_value_ends_a_line_or_holds_a_backslash(value: str) -> None:
    assert not re.search(r"[\\\x00-\x1f\x7f]", encode_tag(value))


@given(characters, characters)
def test_a_glob_matches_what_it_means(glob: str, value: str) -> None:
    meant = fnmatchcase(value, glob.replace("[", "[[]"))
    found = re.search(glob_expression(glob).removesuffix("$") + r"\Z", encode_tag(value)) is not None
    if value:  # an absent tag reads as an empty one, and is no entity
        assert found == meant


@pytest.mark.parametrize("glob", ["*", "**"])
def test_anything_is_not_nothing(glob: str) -> None:
    assert not re.search(glob_expression(glob), "")
    assert re.search(glob_expression(glob), "a")


@given(characters)
def test_no_slash_ends_an_expression(glob: str) -> None:
    assert not re.search(r"(?<!\\)/", glob_expression(glob).replace("\\\\", ""))


@given(characters)
def test_only_what_means_something_is_escaped(glob: str) -> None:
    escaped = re.findall(r"\\(.)", glob_expression(glob), re.DOTALL)
    assert set(escaped) <= set("\\.+*?()|[]{}^$/")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.text(min_size=1))
def test_any_of_some_values_is_matched_whole_and_nothing_else(values: list[str], other: str) -> None:
    expression = re.compile(any_of_expression(values).replace("\\/", "/"))
    assert all(expression.search(encode_tag(value)) for value in values)
    assert bool(expression.search(encode_tag(other))) == (other in values)
