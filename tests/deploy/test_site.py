"""The documentation builds as a site without a warning, and the site loads nothing from other hosts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning of MkDocs fails the test."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


def test_every_page_is_a_page_of_the_site(site: Path) -> None:
    built = [path.parent / "index.html" if path.name == "README.md" else path.with_suffix(".html") for path in PAGES]
    assert [str(path) for path in built if not (site / path).is_file()] == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = {address for page in site.rglob("*.html") for tag, address in addresses(page) if tag != "a"}
    assert loaded
    assert {address for address in loaded if urlsplit(address).netloc} == set()


def test_every_link_of_the_site_leads_to_a_file_of_it(site: Path) -> None:
    for page in site.rglob("*.html"):
        local = [unquote(urlsplit(address).path) for _, address in addresses(page) if not urlsplit(address).scheme]
        if page.name != "404.html":  # its addresses are relative to the root of the server
            assert [path for path in local if path and not (page.parent / path).exists()] == []


def test_lists_and_tables_of_a_page_are_lists_and_tables(site: Path) -> None:
    runbook = (site / "runbooks" / "lag.html").read_text(encoding="utf-8")
    article = runbook.partition("<article")[2].partition("</article>")[0]
    assert re.search(r"<(ul|ol)>", article)
    for page in site.rglob("*.html"):
        assert not re.search(r"<p>[^<]*\n(- |1\. |\|)", page.read_text(encoding="utf-8")), page


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, value) for name, value in attrs if name in ("href", "src") and value]


def addresses(page: Path) -> Iterator[tuple[str, str]]:
    """Return every address in a page, with its tag."""
    parser = _Addresses()
    parser.feed(page.read_text(encoding="utf-8"))
    yield from parser.found
