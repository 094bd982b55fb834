"""Tags keep every value, and a glob finds the values that it means."""

from __future__ import annotations

import fnmatch
import re

from ha_ingestor_store.influx.tags import decode_tag, encode_tag, glob_expression
from hypothesis import example, given
from hypothesis import strategies as st

texts = st.text(
    st.one_of(st.sampled_from("ab%\\*?[]./$^{}|\n\r\t\x00\x7f ,=\"'"), st.characters(exclude_categories=["Cs"]))
)


@given(texts)
@example("%0A")
@example("back\\")
def test_every_value_comes_back(value: str) -> None:
    kept = encode_tag(value)
    assert decode_tag(kept) == value
    assert not re.search(r"[\x00-\x1f\x7f\\]", kept)


@given(glob=texts.filter(bool), value=texts.filter(bool))
@example("*", "anything")
@example("a?c", "a%c")
@example("a?c", "a\nc")
@example("?", "\\")
@example("[ab]", "a")
def test_a_glob_matches_what_it_means(glob: str, value: str) -> None:
    meant = re.fullmatch(fnmatch.translate(glob.replace("[", "[[]")), value) is not None
    assert (re.search(glob_expression(glob), encode_tag(value)) is not None) == meant


def test_no_glob_matches_an_absent_tag() -> None:
    assert [glob for glob in ("*", "**", "?", "a*") if re.search(glob_expression(glob), "")] == []
