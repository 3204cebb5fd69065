"""Keys and certificates for sealing, in files outside of the database that only their owner may read.

In the folder of `govdata.agreements.path`:

    root.key root.crt      the portal's own root; take the key away after `keygen`, it is needed for new certificates alone
    portal.key portal.crt  seals agreed signatures (L1)
    clock.key clock.crt    the portal's own timestamps, where no authority for timestamps is set
    seals/<agency>.key/.crt  electronic seals of the file provider (L3), by the agency's id
    trusted/*.crt          other roots: of users' certificates (L2), of timestamp authorities, of seal providers, old ones
"""

from __future__ import annotations

import datetime
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import pem
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..errors import KeysMissing

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_YEARS = {"root": 20, "leaf": 10}
# X.520 gives a common name so much room.
_NAME_LENGTH = 64


@dataclass(frozen=True)
class Identity:
    """A private key with its certificate and those above it, without the root."""

    key: PrivateKey
    certificate: asn1.Certificate
    chain: tuple[asn1.Certificate, ...] = ()


@dataclass(frozen=True)
class Folder:
    """The folder of keys."""

    path: Path

    def make(self, title: str) -> None:
        """Make root, seal and clock for a portal of this title. Raises FileExistsError if there is a root already."""
        if (self.path / "root.crt").exists():
            raise FileExistsError(self.path / "root.crt")
        for folder in (self.path, self.path / "seals", self.path / "trusted"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        self._write("root", key, _certificate(f"{title} 根证书", key, None, "root"))
        self.issue("portal", f"{title} 约定签名")
        self.issue("clock", f"{title} 时钟")

    def issue(self, name: str, title: str) -> None:
        """A new key with a certificate under the portal's root; an old one of this name is replaced."""
        root = self.identity("root")
        above = x509.load_der_x509_certificate(root.certificate.dump())
        key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
        if name == "clock":
            key = rsa.generate_private_key(65537, 2048)
        self._write(name, key, _certificate(title, key, (above, root.key), name))

    def issue_seal(self, agency_id: str, title: str) -> None:
        """An electronic seal of the file provider for an agency."""
        self.issue(_seal_name(agency_id), title)

    def identity(self, name: str) -> Identity:
        """A key with its certificate. Raises KeysMissing when it is not there, or others may read it."""
        file = self.path / f"{name}.key"
        if not file.exists():
            raise KeysMissing(f"There is no key at {file}. Make it with: ckan govdata agreements keygen.")
        if file.stat().st_mode & 0o077:
            raise KeysMissing(f"Others than its owner may read {file}. Run: chmod 600 {file}; then think of a new key.")
        key = serialization.load_pem_private_key(file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
            raise KeysMissing(f"{file} is neither an RSA nor an elliptic curve's key.")
        first, *above = read_certificates((self.path / f"{name}.crt").read_bytes())
        return Identity(key, first, tuple(above))

    def seal(self, agency_id: str) -> Identity | None:
        """An agency's electronic seal, if the file provider has one."""
        name = _seal_name(agency_id)
        return self.identity(name) if (self.path / f"{name}.key").exists() else None

    def roots(self) -> list[asn1.Certificate]:
        """What signatures and timestamps are trusted under: the portal's root and the operator's others."""
        files = [self.path / "root.crt", *sorted((self.path / "trusted").glob("*.crt"))]
        return [found for file in files if file.exists() for found in read_certificates(file.read_bytes())]

    def _write(self, name: str, key: PrivateKey, certificate: x509.Certificate) -> None:
        pkcs8 = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption())
        file = self.path / f"{name}.key"
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secret)
        (self.path / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _seal_name(agency_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", agency_id):
        raise ValueError("an agency's id has letters, digits and hyphens")
    return f"seals/{agency_id}"


def read_certificates(data: bytes) -> list[asn1.Certificate]:
    """Certificates of a file, PEM or DER. Raises ValueError."""
    if not pem.detect(data):
        return [asn1.Certificate.load(data)]
    found: Any = pem.unarmor(data, multiple=True)
    return [asn1.Certificate.load(der) for _, _, der in found]


def _certificate(
    title: str, key: PrivateKey, issuer: tuple[x509.Certificate, PrivateKey] | None, name: str
) -> x509.Certificate:
    root = issuer is None
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, title[:_NAME_LENGTH]),
        ]
    )
    now = datetime.datetime.now(datetime.timezone.utc)
    until = now + datetime.timedelta(days=365 * _YEARS["root" if root else "leaf"])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(root, None), critical=True)
        .add_extension(_usage(root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if name == "clock":
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    above, signing = issuer or (None, key)
    if above is not None:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
        made = made.add_extension(identifier, critical=False)
    return made.sign(signing, hashes.SHA256())


def _usage(root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root,
        content_commitment=not root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=root,
        crl_sign=root,
        encipher_only=False,
        decipher_only=False,
    )
