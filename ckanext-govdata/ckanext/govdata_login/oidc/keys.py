"""A provider's public keys, fetched anew when they are old or when a token names one that is not known, but not at will."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from ..errors import ProviderUnavailable, Refused
from .fetching import get_json
from .provider import Provider

REFETCH_SECONDS = 10
MOST_KEYS = 64
_SMALLEST_RSA = 2048
_KINDS = ("RSA", "EC", "OKP")


@dataclass
class _Held:
    keys: list[Key]
    fetched: float


class KeyRing:
    """The keys of all providers in this process.

    Guarantee: a key that a provider no longer publishes is refused after `keys_fresh_seconds`; a key newly published is
    found at once, unless the provider was asked within the last ten seconds, so that made-up key numbers cannot make
    this portal ask without end.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def find(self, provider: Provider, address: str, kid: str | None, algorithm: str) -> Key:
        """The one key that a token's header means.

        Raises:
            Refused: `unknown_key` when no published key has that number, or a token without a number could mean several.
            ProviderUnavailable: the keys are too old and cannot be fetched.
        """
        held = self._current(provider, address)
        found = _match(held.keys, kid, algorithm)
        if len(found) != 1 and self._clock() - held.fetched >= REFETCH_SECONDS:
            held = self._fetch(provider, address)
            found = _match(held.keys, kid, algorithm)
        if len(found) != 1:
            raise Refused("unknown_key", f"{provider.key} publishes {len(found)} keys for this token")
        return found[0]

    def forget(self) -> None:
        """Drop all keys; the next token fetches them."""
        with self._lock:
            self._held.clear()

    def _current(self, provider: Provider, address: str) -> _Held:
        held = self._held.get(address)
        if held is None or self._clock() - held.fetched >= provider.keys_fresh_seconds:
            return self._fetch(provider, address)
        return held

    def _fetch(self, provider: Provider, address: str) -> _Held:
        document = get_json(provider.key, address)
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise ProviderUnavailable(provider.key, "its key document has no list of keys")
        keys = [key for key in (_key(entry) for entry in entries[:MOST_KEYS]) if key is not None]
        held = _Held(keys, self._clock())
        with self._lock:
            self._held[address] = held
        return held


def _key(entry: Any) -> Key | None:
    """A key that may check signatures; None for secrets shared with others, keys to encrypt with, and weak ones."""
    if not isinstance(entry, dict) or entry.get("kty") not in _KINDS or entry.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key({name: value for name, value in entry.items() if name != "x5c"})
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if entry["kty"] == "RSA" and key.public_key.key_size < _SMALLEST_RSA:  # type: ignore[attr-defined]
        return None
    return key


def _match(keys: list[Key], kid: str | None, algorithm: str) -> list[Key]:
    kinds = {"R": "RSA", "P": "RSA", "E": "EC"}
    kind = "OKP" if algorithm.startswith("Ed") else kinds[algorithm[0]]
    fitting = [key for key in keys if key.key_type == kind and key.get("alg", algorithm) in (algorithm, None)]
    return fitting if kid is None else [key for key in fitting if key.kid == kid]
