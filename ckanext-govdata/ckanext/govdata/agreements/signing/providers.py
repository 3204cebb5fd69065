"""Who seals for an agency: a seal provider, behind a small interface; files are the provider that comes along.

A provider keeps the private key wherever it keeps it; the portal hands it the bytes to sign and gets a raw signature back.
"""

from __future__ import annotations

from typing import Any, Protocol

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .keys import Folder, Identity, PrivateKey


class SealProvider(Protocol):
    """An electronic seal service. Raises ServiceDown where it gives no answer: then nothing is sealed, and it is tried again."""

    def certificates(self, agency_id: str) -> list[x509.Certificate]:
        """The seal's certificate and those above it; empty where the agency has no seal there."""
        ...

    def sign(self, agency_id: str, data: bytes) -> bytes:
        """A signature over the data by the seal's key: ECDSA or PKCS #1 v1.5, as its certificate's key is, with SHA-256."""
        ...


class FileSeals:
    """Seals as files in the folder of keys: to test with, and for cities that issue their own."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def certificates(self, agency_id: str) -> list[x509.Certificate]:
        found = self._folder.seal(agency_id)
        return [found.certificate, *found.chain] if found else []

    def sign(self, agency_id: str, data: bytes) -> bytes:
        found = self._folder.seal(agency_id)
        if found is None:
            raise LookupError(agency_id)
        return sign_with(found.key, data)


def sign_with(key: PrivateKey, data: bytes) -> bytes:
    """A raw signature with SHA-256."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class KeySigner(Signer):
    """Signs with a key of the portal's own."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(signing_cert=identity.certificate, cert_registry=_store(list(identity.chain)))
        self._key = identity.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return sign_with(self._key, data)


class ProviderSigner(Signer):
    """Signs by a seal provider."""

    def __init__(self, provider: SealProvider, agency_id: str, certificates: list[x509.Certificate]) -> None:
        super().__init__(signing_cert=certificates[0], cert_registry=_store(certificates[1:]))
        self._provider, self._agency_id = provider, agency_id

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        # The room for the signature is fixed, so a trial costs the service nothing.
        return bytes(512) if dry_run else self._provider.sign(self._agency_id, data)


def _store(certificates: list[x509.Certificate]) -> Any:
    store = SimpleCertificateStore()
    store.register_multiple(certificates)
    return store
