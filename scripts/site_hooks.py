"""Hooks of MkDocs: folders in the navigation, links that leave docs/, and lists as CommonMark reads them.

The pages are written for GitHub and for the site alike. MkDocs knows only files below docs/, and its Markdown begins a
list or a table only after an empty line.
"""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^\s*```")
_BLOCK = re.compile(r"^(?:[-*] |[0-9]+\. |\|)")
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace each path of the navigation that ends in / by the pages of that folder, its README first."""
    config.nav = _expanded(config.nav, Path(config.docs_dir))
    return config


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the Markdown as MkDocs needs it."""
    folder = dirname(page.file.src_uri)
    return _with_blocks_apart(_LINK.sub(lambda link: _inside(link, folder), markdown))


def _expanded(nav: Any, docs: Path) -> Any:
    if isinstance(nav, list):
        return [_expanded(each, docs) for each in nav]
    if isinstance(nav, dict):
        return {title: _expanded(each, docs) for title, each in nav.items()}
    if not nav.endswith("/"):
        return nav
    pages = sorted((docs / nav).glob("*.md"), key=lambda path: (path.name != "README.md", path.name))
    return [path.relative_to(docs).as_posix() if path.name == "README.md" else _titled(path, docs) for path in pages]


def _titled(path: Path, docs: Path) -> dict[str, str]:
    heading = _HEADING.search(path.read_text(encoding="utf-8"))
    return {heading[1] if heading else path.stem: path.relative_to(docs).as_posix()}


def _inside(link: re.Match[str], folder: str) -> str:
    """Return the text alone where a link leaves docs/: the site does not hold the repository."""
    text, target = link.groups()
    is_outside = "://" not in target and normpath(join(folder, target)).startswith("..")
    return text if is_outside else link[0]


def _with_blocks_apart(markdown: str) -> str:
    lines: list[str] = []
    is_code = False
    for line in markdown.splitlines():
        is_code ^= bool(_FENCE.match(line))
        before = lines[-1] if lines else ""
        if not is_code and _BLOCK.match(line) and before and not before[0].isspace() and not _BLOCK.match(before):
            lines.append("")
        lines.append(line)
    return "\n".join(lines) + "\n"
