"""Texts and bytes that only those who handle a case may read, sealed with a key outside of the database (AES-256-GCM)."""

from __future__ import annotations

import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .tracing.keys import portal_key

_NONCE = 12


def seal(content: bytes, about: str) -> bytes:
    """Encrypt for the case `about`; the same content gives other bytes each time."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, content, about.encode())


def unseal(sealed: bytes, about: str) -> bytes:
    """What was sealed for this case; InvalidTag for what was not, or was changed."""
    return AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())


def commitment(content: bytes, about: str) -> str:
    """What a case says of sealed words: HMAC-SHA-256 in hex, which nobody can guess at without the key."""
    return hmac.new(_key(), about.encode() + b"\0" + content, "sha256").hexdigest()


def _key() -> bytes:
    return hmac.new(portal_key(), b"sealed evidence", "sha256").digest()
