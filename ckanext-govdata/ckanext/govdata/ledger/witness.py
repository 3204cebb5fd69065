#!/usr/bin/env python3
"""A witness of a city's ledger, in one file: needs Python 3.9 or newer and the package `cryptography`, nothing of the portal.

    python3 witness.py watch URL --state FILE --key KEY     look at the log again and again; alarm if it shrank, forked, stopped
    python3 witness.py keygen NAME --out FILE               make a key to cosign with; prints the public key for the portal
    python3 witness.py cosign URL --state FILE --cosigner FILE      look once, and give the portal this witness's signature
    python3 witness.py verify-receipt FILE --key KEY        check a receipt, without any network

URL is the ledger's address, such as https://data.example.cn/ledger. KEY is the log's public key, as text or file: have it from
the authority, not from the portal; the state remembers it. Ends with 0 when all is well, 1 on an alarm, 2 when nothing could
be checked. It shares no code with the portal on purpose: it reads the same formats (C2SP, RFC 6962) a second time.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import struct
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DASH = "— "
Roots = tuple[bytes, bytes]


class Alarm(Exception):
    """The log did what a log never does."""


class Unknown(Exception):
    """Nothing could be checked: no connection, no key, a file that cannot be read."""


# Hashes and proofs (RFC 6962)


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode(text: str, problem: Exception) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise problem from None


def below(count: int) -> int:
    """The largest power of two that is smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Follow the definition downwards: the last step of the proof belongs to the topmost split."""
    if (size == 1) != (not proof):
        raise Alarm("FORGED: the proof has a wrong length.")
    if not proof:
        return leaf
    half = below(size)
    if index < half:
        return hash_node(root_from_inclusion(leaf, index, half, proof[:-1]), proof[-1])
    return hash_node(proof[-1], root_from_inclusion(leaf, index - half, size - half, proof[:-1]))


def roots_from_consistency(old: int, new: int, proof: list[bytes], old_root: bytes, whole: bool = True) -> Roots:
    """The old and the new root that a consistency proof leads to, by the recursive definition."""
    if old == new:
        if whole != (not proof) or len(proof) > 1:
            raise Alarm("FORKED: the consistency proof has a wrong length.")
        found = old_root if whole else proof[0]
        return found, found
    if not proof:
        raise Alarm("FORKED: the consistency proof is too short.")
    half, step = below(new), proof[-1]
    if old <= half:
        was, now = roots_from_consistency(old, half, proof[:-1], old_root, whole)
        return was, hash_node(now, step)
    was, now = roots_from_consistency(old - half, new - half, proof[:-1], old_root, False)
    return hash_node(step, was), hash_node(step, now)


# Notes and keys (C2SP)


def read_key(text: str) -> tuple[str, int, bytes]:
    """Name, kind and public key of `name+id+base64`."""
    name, identity, material = [*text.strip().split("+", 2), "", ""][:3]
    data = decode(material, Unknown("This is no key: name+id+base64 is expected."))
    if len(data) != 33 or key_id(name, data[0], data[1:]).hex() != identity:
        raise Unknown("This is no key, or it is damaged.")
    return name, data[0], data[1:]


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def key_from(given: str) -> str:
    file = Path(given)
    return file.read_text(encoding="utf-8").strip() if "+" not in given or file.is_file() else given.strip()


def open_note(note: str, key: str) -> tuple[int, bytes, str]:
    """Size, root and text of a checkpoint that the log's key has signed."""
    name, kind, public = read_key(key)
    text, blank, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines() if blank else []:
        signer, _, data = line[len(DASH) :].partition(" ")
        signature = decode(data, Alarm("FORGED: a signature line under the checkpoint is damaged."))
        if line.startswith(DASH) and signer == name and signature[:4] == key_id(name, kind, public):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], text.encode())
            except InvalidSignature as error:
                raise Alarm("FORGED: the log's signature under the checkpoint does not hold.") from error
            return read_checkpoint(text, name)
    raise Alarm(f"FORGED: the checkpoint is not signed by {name} with the key that is trusted here.")


def read_checkpoint(text: str, name: str) -> tuple[int, bytes, str]:
    parts = text.split("\n")
    problem = Alarm("FORGED: the log has signed a checkpoint that is malformed or another log's.")
    if len(parts) < 4 or parts[0] != name or not (parts[1].isascii() and parts[1].isdigit()):
        raise problem
    root = decode(parts[2], problem)
    if len(root) != 32:
        raise problem
    return int(parts[1]), root, text


# Tiles


class Log:
    """A log on the web."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("https://", "http://")):
            raise Unknown("The log's address begins with https:// or http://.")
        self.url = url.rstrip("/")
        self.tiles: dict[str, bytes] = {}

    def get(self, path: str, data: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.url}/{path}", data=data, headers={"User-Agent": "govdata-witness/1"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.read(1 << 20)
        except (urllib.error.URLError, OSError) as error:
            raise Unknown(f"{self.url}/{path} does not answer: {error}") from error

    def node(self, height: int, index: int, size: int) -> bytes:
        """The hash of a complete subtree, from the tile that holds it. What it says is proven by what is made of it."""
        level, rest = divmod(height, 8)
        tile, offset = divmod(index << rest, 256)
        width = min(256, (size >> (8 * level)) - tile * 256)
        path = tile_path(level, tile, width)
        if path not in self.tiles:
            self.tiles[path] = self.get(path)
        data = self.tiles[path]
        hashes = [data[at : at + 32] for at in range(offset * 32, (offset + (1 << rest)) * 32, 32)]
        if len(data) != width * 32:
            raise Alarm(f"FORKED: the tile {path} is not as long as a log of {size} entries makes it.")
        while len(hashes) > 1:
            hashes = [hash_node(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    def range_hash(self, start: int, end: int, size: int) -> bytes:
        count = end - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self.node(height, start >> height, size)
        middle = start + below(count)
        return hash_node(self.range_hash(start, middle, size), self.range_hash(middle, end, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes, made from the tiles of the larger tree."""
        proof: list[bytes] = []
        start, end, whole = 0, new, True
        while old != end:
            middle = start + below(end - start)
            if old <= middle:
                proof.insert(0, self.range_hash(middle, end, new))
                end = middle
            else:
                proof.insert(0, self.range_hash(start, middle, new))
                start, whole = middle, False
        return proof if whole else [self.range_hash(start, end, new), *proof]


def tile_path(level: int, index: int, width: int) -> str:
    digits = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        digits = f"x{index % 1000:03d}/{digits}"
    return f"tile/{level}/{digits}" + (f".p/{width}" if width < 256 else "")


# Watching


def load_state(file: Path) -> dict:
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise Unknown(f"{file} is damaged. Restore it from a backup: it is what the log is compared with.") from error


def save_state(file: Path, state: dict) -> None:
    fresh = file.with_name(file.name + ".new")
    with fresh.open("w", encoding="utf-8") as stream:
        json.dump(state, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


def look(log: Log, state: dict, stale: int, now: int) -> str:
    """Fetch the checkpoint and demand that it continues the one that is remembered; changes `state` only if it does."""
    note = log.get("checkpoint").decode("utf-8", "replace")
    size, root, _text = open_note(note, state["key"])
    old = int(state.get("size", 0))
    if size < old:
        raise Alarm(f"SHRUNK: the log had {old} entries and now shows {size}.\n{note}")
    if old:
        demand_continuation(log, state, size, root, note)
    if size == old and now - int(state.get("grown_at", now)) > stale:
        raise Alarm(f"STOPPED: at {size} entries, not grown for {(now - int(state['grown_at'])) // 60} minutes.")
    if size > old or "grown_at" not in state:
        state["grown_at"] = now
    state.update(size=size, root=encode(root), note=note, seen_at=now)
    return f"ok: {size} entries, {size - old} more than before"


def demand_continuation(log: Log, state: dict, size: int, root: bytes, note: str) -> None:
    old, old_root = int(state["size"]), base64.b64decode(state["root"])
    if size == old:
        if root != old_root:
            raise Alarm(f"FORKED: two checkpoints of {size} entries are signed.\n{state['note']}\n{note}")
        return
    found = roots_from_consistency(old, size, log.consistency(old, size), old_root)
    if found != (old_root, root):
        raise Alarm(f"FORKED: the log does not continue the {old} entries seen before.\n{state['note']}\n{note}")


def watch(options: argparse.Namespace) -> int:
    state = start_state(options)
    while True:
        code = look_and_tell(Log(options.url), state, options)
        if options.once:
            return code
        time.sleep(options.interval)


def start_state(options: argparse.Namespace) -> dict:
    state = load_state(options.state)
    given = key_from(options.key) if options.key else state.get("key")
    if not given:
        raise Unknown("Give the log's public key with --key the first time. The authority hands it out.")
    if state.get("key", given) != given:
        raise Unknown("The key given is not the one remembered. For a new key begin a new state, and keep the old.")
    read_key(given)
    state["key"] = given
    return state


def look_and_tell(log: Log, state: dict, options: argparse.Namespace) -> int:
    """One look; an alarm stays in the state as evidence. A log that is silent for long is an alarm too."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        print(f"{moment} {look(log, state, options.stale, int(time.time()))}", flush=True)
        code = 0
    except Alarm as alarm:
        print(f"{moment} ALARM {alarm}", file=sys.stderr, flush=True)
        state.setdefault("alarms", []).append({"at": moment, "what": str(alarm)})
        code = 1
    except Unknown as unknown:
        print(f"{moment} {unknown}", file=sys.stderr, flush=True)
        code = 1 if time.time() - int(state.get("seen_at", time.time())) > options.stale else 2
    save_state(options.state, state)
    return code


# Cosigning


def keygen(options: argparse.Namespace) -> int:
    if not options.name or "+" in options.name or any(character.isspace() for character in options.name):
        raise Unknown("A witness's name has no spaces and no plus sign, such as bureau.example.cn/witness.")
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    identity = key_id(options.name, 4, public).hex()
    descriptor = os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(f"PRIVATE+KEY+{options.name}+{identity}+{encode(bytes([4]) + private.private_bytes_raw())}\n")
    print(f"{options.name}+{identity}+{encode(bytes([4]) + public)}")
    return 0


def cosign(options: argparse.Namespace) -> int:
    """Cosign only what has just been found consistent."""
    state = start_state(options)
    log = Log(options.url)
    code = look_and_tell(log, state, options)
    if code:
        return code
    text = open_note(state["note"], state["key"])[2]
    name, _identity, material = options.cosigner.read_text().strip().removeprefix("PRIVATE+KEY+").split("+", 2)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(material)[1:])
    at = int(time.time())
    signature = struct.pack(">Q", at) + private.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    line = f"{DASH}{name} {encode(key_id(name, 4, private.public_key().public_bytes_raw()) + signature)}\n"
    print(line, end="")
    if not options.print_only:
        print(log.get("cosignature", (text + "\n" + line).encode()).decode("utf-8", "replace"), end="")
    return 0


# Receipts


def verify_receipt(options: argparse.Namespace) -> int:
    """Check a C2SP tlog-proof whose extra data is the entry itself."""
    key = key_from(options.key) if options.key else load_state(options.state).get("key") if options.state else None
    if not key:
        raise Unknown("Give the log's public key with --key, or the state file of a watch with --state.")
    head, _, note = options.file.read_text(encoding="utf-8").partition("\n\n")
    lines = head.split("\n")
    if len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1" or lines[1][:6] != "extra " or lines[2][:6] != "index ":
        raise Unknown("This is no receipt.")
    damaged = Unknown("The receipt is damaged.")
    entry, proof = decode(lines[1][6:], damaged), [decode(line, damaged) for line in lines[3:]]
    index = int(lines[2][6:]) if lines[2][6:].isdigit() else -1
    size, root, _text = open_note(note, key)
    if not 0 <= index < size:
        raise Alarm("FORGED: the receipt names a place outside of the log.")
    if root_from_inclusion(hashlib.sha256(b"\x00" + entry).digest(), index, size, proof) != root:
        raise Alarm("FORGED: this entry does not stand in the log that the checkpoint signs.")
    print(f"ok: entry {index} of a log of {size} entries, signed by {read_key(key)[0]}")
    print(json.dumps(json.loads(entry), ensure_ascii=False, indent=1))
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="witness.py", description="Watches a ledger, cosigns it, checks receipts.")
    commands = found.add_subparsers(required=True)
    look_once, look_again = commands.add_parser("cosign"), commands.add_parser("watch")
    for command in (look_once, look_again):
        command.set_defaults(action=watch, once=True)
        command.add_argument("url")
        command.add_argument("--state", type=Path, required=True)
        command.add_argument("--key")
        command.add_argument("--stale", type=int, default=3600, help="seconds without growth that raise the alarm")
    look_once.set_defaults(action=cosign)
    look_once.add_argument("--cosigner", type=Path, required=True, help="the witness's private key")
    look_once.add_argument("--print-only", action="store_true", help="do not hand the signature to the portal")
    look_again.add_argument("--once", action="store_true", default=False)
    look_again.add_argument("--interval", type=int, default=300, help="seconds between two looks")
    receipt, key = commands.add_parser("verify-receipt"), commands.add_parser("keygen")
    receipt.set_defaults(action=verify_receipt)
    receipt.add_argument("file", type=Path)
    receipt.add_argument("--key")
    receipt.add_argument("--state", type=Path)
    key.set_defaults(action=keygen)
    key.add_argument("name")
    key.add_argument("--out", type=Path, required=True)
    return found


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        return options.action(options)
    except Alarm as alarm:
        print(f"ALARM {alarm}", file=sys.stderr)
        return 1
    except (Unknown, OSError) as unknown:
        print(unknown, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
