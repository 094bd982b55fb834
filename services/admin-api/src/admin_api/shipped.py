"""Locates the data files of a release: in the installed package, or in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_IN_CHECKOUT = Path("services/admin-api/src/admin_api")


def checkout(package: Path = _PACKAGE) -> Path | None:
    """Return the folder of the checkout of this package; None if it is installed."""
    root = package.parents[len(_IN_CHECKOUT.parts) - 1]
    return root if package == root / _IN_CHECKOUT else None


def shipped(in_checkout: str, installed: str) -> Path:
    """Return the path of a file: `in_checkout` below the checkout, `installed` below the installed package."""
    root = checkout()
    return _PACKAGE / installed if root is None else root / in_checkout
