"""The hash by which a set of facts is found, whichever process stored it."""

from __future__ import annotations

from hashlib import blake2b

_FIRST_FACTS = 6
"""So many facts were hashed when hashes were introduced; later ones that are missing leave a hash as it was."""


def facts_hash(*facts: str | None) -> int:
    """The hash of a set, as a signed integer of 64 bits; what is missing differs from what is empty."""
    while len(facts) > _FIRST_FACTS and facts[-1] is None:
        facts = facts[:-1]
    text = "".join("-" if part is None else f"{len(part)}:{part}" for part in facts)
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), signed=True)
