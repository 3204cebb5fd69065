"""SM2 signatures with SM3 (GB/T 32918) over a whole sealed file, by the optional package `tongsuopy` (extra `sm2`).

Readers of PDF know no SM2, so the signature does not stand in the PDF: it lies beside the file, for archives and inspectors that
ask for one. It is the portal's own, under the usual identity 1234567812345678, and OpenSSL checks it as well.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from ...msgids import N_
from ..errors import AgreementError

KEY, PUBLIC = "sm2.key", "sm2.pub"


class Sm2Missing(AgreementError):
    """The extra is not installed."""

    message = N_("SM2 needs the package tongsuopy. Install the portal with its extra sm2.")


def _part(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"tongsuopy.crypto.{name}")
    except ImportError as error:
        raise Sm2Missing from error


def make(folder: Path) -> Path:
    """Make a key pair in the folder of keys; the private one for its owner alone. Raises FileExistsError, Sm2Missing."""
    key, form = _part("asymciphers.ec"), _part("serialization")
    pair = key.generate_private_key(key.SM2())
    secret = pair.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = pair.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    descriptor = os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secret)
    (folder / PUBLIC).write_bytes(public)
    return folder / PUBLIC


def sign(folder: Path, data: bytes) -> bytes:
    """The signature over the data, in DER. Raises OSError where there is no key, Sm2Missing."""
    pair = _part("serialization").load_pem_private_key((folder / KEY).read_bytes(), None)
    return bytes(pair.sign(data, _by_sm3()))


def holds(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature over the data is by the key, which is in PEM. Raises Sm2Missing, ValueError for what is no key."""
    key = _part("serialization").load_pem_public_key(public)
    try:
        key.verify(signature, data, _by_sm3())
    except _part("exceptions").InvalidSignature:
        return False
    return True


def _by_sm3() -> Any:
    return _part("asymciphers.ec").ECDSA(_part("hashes").SM3())
