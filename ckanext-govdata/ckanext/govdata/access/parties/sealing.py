"""Seals identity numbers and evidence, and digests numbers for looking up. Pure.

Guarantee: each sealed value names its algorithm and key, is bound to the record it was sealed for, and opens nowhere else.
The digest is keyed: whoever has the database alone cannot try out numbers.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256, SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hmac import HMAC

from .errors import KeysMissing, SealBroken

_NONCE, _TAG = 12, 16
_CIPHERS = {"aes-256-gcm": (AES256, 32), "sm4-gcm": (SM4, 16)}
_DIGESTS = {"hmac-sha-256": hashes.SHA256, "hmac-sm3": hashes.SM3}

# The family of algorithms that a city chooses: what seals, and what digests.
SUITES: Mapping[str, tuple[str, str]] = {
    "international": ("aes-256-gcm", "hmac-sha-256"),
    "chinese": ("sm4-gcm", "hmac-sm3"),
}


@dataclass(frozen=True)
class Key:
    """A key for one algorithm; its id stands in every record made with it."""

    id: str
    algorithm: str
    secret: bytes = field(repr=False)
    made: str = ""

    @classmethod
    def generate(cls, algorithm: str) -> Key:
        size = _CIPHERS[algorithm][1] if algorithm in _CIPHERS else 32
        made = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return cls(secrets.token_hex(4), algorithm, secrets.token_bytes(size), made)


@dataclass(frozen=True)
class Sealed:
    """Nonce, ciphertext and tag, with the names of algorithm and key."""

    algorithm: str
    key_id: str
    data: bytes


@dataclass(frozen=True)
class Digest:
    """A keyed digest of a number, in hex, with the names of algorithm and key."""

    algorithm: str
    key_id: str
    value: str


@dataclass(frozen=True)
class Keyring:
    """All keys, and which of them seal and digest from now on."""

    seal_with: str
    digest_with: str
    keys: Mapping[str, Key]

    @classmethod
    def generate(cls, suite: str) -> Keyring:
        seal, digest = (Key.generate(algorithm) for algorithm in SUITES[suite])
        return cls(seal.id, digest.id, {seal.id: seal, digest.id: digest})

    def renewed(self, suite: str, digest_too: bool) -> Keyring:
        """With new keys of a suite before the old ones, which go on opening what they sealed."""
        seal, digest = (Key.generate(algorithm) for algorithm in SUITES[suite])
        fresh = {seal.id: seal, **({digest.id: digest} if digest_too else {})}
        return Keyring(seal.id, digest.id if digest_too else self.digest_with, {**fresh, **self.keys})

    def without(self, unused: set[str]) -> Keyring:
        """Without keys that nothing is sealed or digested with any more; those in use for new records always stay."""
        gone = unused - {self.seal_with, self.digest_with}
        return Keyring(self.seal_with, self.digest_with, {id: key for id, key in self.keys.items() if id not in gone})

    def seal(self, plain: bytes, record: str) -> Sealed:
        """Seal a value for one record: kind and id, such as `number 5f2…`."""
        key, nonce = self._key(self.seal_with), secrets.token_bytes(_NONCE)
        sealer = Cipher(_CIPHERS[key.algorithm][0](key.secret), GCM(nonce)).encryptor()
        sealer.authenticate_additional_data(record.encode())
        return Sealed(key.algorithm, key.id, nonce + sealer.update(plain) + sealer.finalize() + sealer.tag)

    def open(self, sealed: Sealed, record: str) -> bytes:
        """What was sealed for this record. Raises SealBroken, KeysMissing."""
        key = self._key(sealed.key_id)
        if key.algorithm != sealed.algorithm or len(sealed.data) < _NONCE + _TAG:
            raise SealBroken(f"A record was sealed by {sealed.algorithm}, but its key is one of {key.algorithm}.")
        nonce, text, tag = sealed.data[:_NONCE], sealed.data[_NONCE:-_TAG], sealed.data[-_TAG:]
        opener = Cipher(_CIPHERS[key.algorithm][0](key.secret), GCM(nonce, tag)).decryptor()
        opener.authenticate_additional_data(record.encode())
        try:
            return opener.update(text) + opener.finalize()
        except InvalidTag as error:
            raise SealBroken(f"The {record} was changed after it was sealed, or belongs to another record.") from error

    def digest(self, document: str, number: str) -> Digest:
        """The blind index of a number: the same for the same document and number, whoever claims it."""
        key = self._key(self.digest_with)
        maker = HMAC(key.secret, _DIGESTS[key.algorithm]())
        maker.update(f"{document}\0{number}".encode())
        return Digest(key.algorithm, key.id, maker.finalize().hex())

    def _key(self, key_id: str) -> Key:
        found = self.keys.get(key_id)
        if found is None:
            raise KeysMissing(
                f"The key {key_id} of the parties' numbers is not in the key file. Put back the file from its backup."
            )
        return found

    def write(self) -> str:
        """The key file's text."""
        keys = [
            {"id": k.id, "algorithm": k.algorithm, "made": k.made, "key": k.secret.hex()} for k in self.keys.values()
        ]
        return json.dumps({"format": 1, "seal": self.seal_with, "digest": self.digest_with, "keys": keys}, indent=1)

    @classmethod
    def read(cls, text: str) -> Keyring:
        """A key file's text. Raises KeysMissing when it is none."""
        try:
            found = json.loads(text)
            keys = [Key(one["id"], one["algorithm"], bytes.fromhex(one["key"]), one["made"]) for one in found["keys"]]
            ring = cls(found["seal"], found["digest"], {key.id: key for key in keys})
        except (ValueError, KeyError, TypeError) as error:
            raise KeysMissing("The parties' key file is damaged. Put it back from its backup.") from error
        ring._try_out()
        return ring

    def _try_out(self) -> None:
        """That this machine's cryptography knows the algorithms, said at the start and not at the first number."""
        try:
            self.open(self.seal(b"", "trial"), "trial")
            self.digest("trial", "0")
        except (UnsupportedAlgorithm, KeyError, ValueError) as error:
            raise KeysMissing(
                "This machine's cryptography package lacks an algorithm that the parties' key file names."
            ) from error
