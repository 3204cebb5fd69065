"""Keeps secrets in the database sealed by a key that is not in it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from ckan.plugins import toolkit as tk
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _key(purpose: bytes) -> bytes:
    secret = str(tk.config.get("govdata.login.secret") or tk.config["SECRET_KEY"]).encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"govdata_login " + purpose).derive(secret)


def seal(secret: str) -> str:
    """A secret sealed for the database."""
    return Fernet(base64.urlsafe_b64encode(_key(b"seal"))).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed.

    Raises:
        cryptography.fernet.InvalidToken: it was sealed under another key, or changed.
    """
    return Fernet(base64.urlsafe_b64encode(_key(b"seal"))).decrypt(sealed.encode()).decode()


def mark(secret: str) -> str:
    """A digest of a short secret that cannot be guessed from the database alone."""
    return hmac.new(_key(b"mark"), secret.encode(), hashlib.sha256).hexdigest()
