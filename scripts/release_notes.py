"""Print the notes of a release: the newest section of CHANGELOG.md, where tag, version and date agree.

    .venv/bin/python scripts/release_notes.py v0.1.0

Only the standard library: the workflow that releases runs it before anything is installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)
_DATED = re.compile(r"(\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)")


def release_notes(tag: str, changelog: str, pyproject: str) -> str:
    """Return the section that a tag such as v0.1.0 releases; raises ValueError that says what does not agree."""
    version = tomllib.loads(pyproject)["project"]["version"]
    if tag != f"v{version}":
        raise ValueError(f"The tag is {tag}, but pyproject.toml has version {version}. Tag v{version}")
    _, heading, rest = _HEADING.split(changelog, maxsplit=1)
    dated = _DATED.fullmatch(heading)
    if dated is None or dated[1] != version:
        raise ValueError(f"CHANGELOG.md begins with '## {heading}'. It should be '## {version} (<date as YYYY-MM-DD>)'")
    return _HEADING.split(rest, maxsplit=1)[0].strip() + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", "pyproject.toml")]
        sys.stdout.write(release_notes(sys.argv[1], *texts))
    except ValueError as err:
        sys.exit(str(err))
