"""Headers of a source that are secret: sealed in the database, opened for a fetch alone, shown by their names only."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from ckan.plugins import toolkit as tk
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .readers import ListError


def _box(source_id: str) -> Fernet:
    """The key of one source, derived from the portal's secret: what was sealed for one source opens for no other."""
    secret = str(tk.config["SECRET_KEY"]).encode()
    key = HKDF(hashes.SHA256(), 32, salt=None, info=f"govdata-harvest-source {source_id}".encode()).derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))


def seal(source_id: str, headers: Mapping[str, str]) -> str:
    """The headers sealed for a source; empty where there are none."""
    return _box(source_id).encrypt(json.dumps(dict(headers)).encode()).decode() if headers else ""


def unseal(source_id: str, sealed: str) -> dict[str, str]:
    """The headers. Raises ListError where the portal's secret was changed since."""
    if not sealed:
        return {}
    try:
        return json.loads(_box(source_id).decrypt(sealed.encode()))
    except InvalidToken:
        raise ListError("secrets_broken") from None


def names(source_id: str, sealed: str) -> list[str]:
    """What can be shown of them: their names."""
    try:
        return sorted(unseal(source_id, sealed))
    except ListError:
        return ["?"]
