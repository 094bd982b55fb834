"""The hash by which a set of facts is found, whichever process stored it."""

from __future__ import annotations

from hashlib import blake2b

_FIRST_FACTS = 6
"""Facts that the first hashes covered; a later one is hashed only where it has a value, so old hashes stay valid."""


def facts_hash(*facts: str | None) -> int:
    """Return the hash of a set as a signed integer of 64 bits; a missing fact differs from an empty one."""
    while len(facts) > _FIRST_FACTS and facts[-1] is None:
        facts = facts[:-1]
    text = "".join("-" if part is None else f"{len(part)}:{part}" for part in facts)
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)
