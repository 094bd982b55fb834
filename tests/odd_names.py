"""Unusual names from many scripts, and names that an attacker would choose, for the areas of a demo home."""

from __future__ import annotations

HOSTILE_NAME = """<img src=x onerror="window.hacked=1">'\\;--{{7*7}} ${7*7}"""

ODD_ROOMS = {
    "wohnkuche": "Wohnküche & Salon d'été",
    "ghurfa": "غرفة المعيشة",
    "ke_ting": "客厅 🛋️",
    "hostile": HOSTILE_NAME,
}
