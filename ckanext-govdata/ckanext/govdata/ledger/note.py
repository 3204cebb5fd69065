"""Signed notes and their keys (C2SP signed-note), with Ed25519. Pure.

A key's text, `name+id+base64`, is what Go's `note` package and the witness read too.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .errors import NoteError

LOG_KEY, COSIGNER_KEY = 1, 4
_DASH = "— "
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True)
class Signature:
    """One signature line: who signed, the key's four-byte id, and the signature's bytes."""

    name: str
    key_id: bytes
    data: bytes

    def line(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.data).decode()}"


@dataclass(frozen=True)
class SignedNote:
    """A text, which ends in a line feed, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> str:
        return self.text + "\n" + "".join(signature.line() + "\n" for signature in self.signatures)


def parse_note(encoded: str) -> SignedNote:
    """Read a note without checking its signatures; NoteError if it is none."""
    text, blank, lines = encoded.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or any(ord(character) < 32 and character != "\n" for character in encoded):
        raise NoteError("This is no signed note: text, an empty line and signature lines are expected.")
    return SignedNote(text + "\n", tuple(_parse_line(line) for line in lines[:-1].split("\n")))


def _parse_line(line: str) -> Signature:
    name, _, data = line.removeprefix(_DASH).partition(" ")
    try:
        decoded = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise NoteError(f"The signature of {name!r} is not base64.") from error
    if not line.startswith(_DASH) or not _is_name(name) or len(decoded) < 5:
        raise NoteError(f"This is no signature line: {line[:80]!r}.")
    return Signature(name, decoded[:4], decoded[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A public key with its name; `kind` is LOG_KEY or COSIGNER_KEY."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read `name+id+base64`; NoteError if the id does not belong to the key."""
        name, id_text, material = _parse_key(text.strip())
        verifier = cls(name, material[0], material[1:])
        if verifier.kind not in (LOG_KEY, COSIGNER_KEY) or verifier.key_id.hex() != id_text:
            raise NoteError(f"The key of {name!r} is damaged, or of a kind that is not known here.")
        return verifier

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def encode(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    def made(self, signature: Signature) -> bool:
        """Whether the line names this key; says nothing about whether it holds."""
        return signature.name == self.name and signature.key_id == self.key_id

    def holds(self, message: bytes, data: bytes) -> bool:
        """Whether these are the key's 64 bytes under the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(data, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key with its name."""

    name: str
    kind: int
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, name: str, kind: int = LOG_KEY) -> Signer:
        if not _is_name(name):
            raise NoteError(f"{name!r} cannot name a key: it is empty, or has spaces or a plus sign.")
        return cls(name, kind, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read `PRIVATE+KEY+name+id+base64`."""
        if not text.startswith(_PRIVATE):
            raise NoteError("This is no private key of a log: it does not begin with PRIVATE+KEY.")
        name, id_text, material = _parse_key(text.strip().removeprefix(_PRIVATE))
        signer = cls(name, material[0], Ed25519PrivateKey.from_private_bytes(material[1:]))
        if signer.verifier.key_id.hex() != id_text:
            raise NoteError(f"The private key of {name!r} is damaged.")
        return signer

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.kind, self.private.public_key().public_bytes_raw())

    def encode(self) -> str:
        material = base64.b64encode(bytes([self.kind]) + self.private.private_bytes_raw()).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    def signature(self, data: bytes) -> Signature:
        """A signature line of this key's around bytes that it has signed."""
        return Signature(self.name, self.verifier.key_id, data)


def _parse_key(text: str) -> tuple[str, str, bytes]:
    parts = text.split("+", 2)
    try:
        material = base64.b64decode(parts[2], validate=True)
    except (IndexError, binascii.Error) as error:
        raise NoteError("This is no key: name+id+base64 is expected.") from error
    if not _is_name(parts[0]) or len(material) != 33:
        raise NoteError("This is no Ed25519 key: its name or its length is wrong.")
    return parts[0], parts[1], material
