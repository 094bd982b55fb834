"""Converts runbooks from Markdown to HTML."""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt

_OTHER_RUNBOOK = re.compile(r"([a-z_-]+)\.md")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · HA Ingestor</title>
<link rel="stylesheet" href="../../../runbook.css">
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""


def runbook_page(name: str, markdown: str) -> str:
    """Return the HTML page of a runbook. Links to other runbooks are kept; other relative links are removed."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for token in tokens:
        for inline in token.children or []:
            if inline.type == "link_open" and "://" not in (target := str(inline.attrs.get("href", ""))):
                other = _OTHER_RUNBOOK.fullmatch(target)
                inline.attrs = {"href": other[1]} if other else {}
    return _PAGE.format(title=escape(name), body=parser.renderer.render(tokens, parser.options, {}))
