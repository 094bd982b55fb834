"""The release notes, and that tag, version and changelog agree."""

from __future__ import annotations

import pytest

from scripts.release_notes import release_notes

PYPROJECT = '[project]\nversion = "0.2.0"\n'
CHANGELOG = "# Changelog\n\n## 0.2.0 (2026-12-01)\n- New.\n\n## 0.1.0 (2026-11-01)\n- Old.\n"


def test_the_notes_are_the_newest_section() -> None:
    assert release_notes("v0.2.0", CHANGELOG, PYPROJECT) == "- New.\n"


def test_the_first_release_has_notes_too() -> None:
    text = "# Changelog\n\n## 0.2.0 (2026-12-01)\n- First.\n"
    assert release_notes("v0.2.0", text, PYPROJECT) == "- First.\n"


@pytest.mark.parametrize(
    ("tag", "heading", "said"),
    [
        ("v0.3.0", "0.2.0 (2026-12-01)", "Tag v0.2.0"),
        ("0.2.0", "0.2.0 (2026-12-01)", "Tag v0.2.0"),
        ("v0.2.0", "0.2.0 (unreleased)", r"should be '## 0\.2\.0 \(<date"),
        ("v0.2.0", "0.1.0 (2026-12-01)", r"should be '## 0\.2\.0 \(<date"),
    ],
)
def test_what_does_not_agree_is_not_released(tag: str, heading: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        release_notes(tag, f"# Changelog\n\n## {heading}\n- New.\n", PYPROJECT)
