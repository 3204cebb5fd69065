"""An entry of the ledger: canonical bytes (RFC 8785) of a document whose fields are named after ECS. Pure.

Guarantee: names, addresses, words that somebody wrote and whatever else may point at a person stand in an entry as salted
commitments only, whoever composes it. With the salt and the value anybody can check a commitment; once both are purged it says
nothing, and every hash still holds.
"""

from __future__ import annotations

import datetime
import hmac
import json
import re
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from .clear import apart
from .errors import EntryError

ECS_VERSION = "8.17.0"
# A bundle of entries in the tiles' format gives each two bytes for its length.
MAX_BYTES = 65535
SALT_BYTES = 32

# ECS fields that always point at a person, and so are never written in the clear.
PERSONAL_FIELDS = frozenset(
    {
        "client.address",
        "client.ip",
        "source.address",
        "source.ip",
        "user.email",
        "user.full_name",
        "user.name",
        "user_agent.original",
    }
)
# A code for programs, never somebody's words: those may name people, and go in as personal values.
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CODES = ("event.reason",)
_OWN_FIELDS = ("@timestamp", "ecs.version", "event.action", "event.id", "event.kind", "event.outcome")
_ACTION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
OUTCOMES = ("success", "failure", "unknown")


@dataclass(frozen=True)
class PersonalValue:
    """A value that is kept apart from its entry, for a term."""

    field: str
    value: str
    salt: bytes

    @property
    def commitment(self) -> str:
        return commitment(self.field, self.value, self.salt)


@dataclass(frozen=True)
class Entry:
    """What goes into the ledger: an id that sorts by time, canonical bytes, and the values that the bytes commit to."""

    id: uuid.UUID
    canonical: bytes
    personal: tuple[PersonalValue, ...] = ()


def commitment(field: str, value: str, salt: bytes) -> str:
    """What an entry says in place of a personal value: HMAC-SHA-256 under the salt over field, 0x00 and value, in hex."""
    return hmac.new(salt, f"{field}\0{value}".encode(), "sha256").hexdigest()


def compose(
    action: str,
    outcome: str = "success",
    fields: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    *,
    at: datetime.datetime | None = None,
    identity: uuid.UUID | None = None,
    salt: Callable[[int], bytes] = secrets.token_bytes,
) -> Entry:
    """Make an entry.

    `action` is ECS's `event.action`, in lower case with hyphens, such as `dataset-download`. `fields` and `personal` go by
    dotted ECS names, own fields under `govdata.`. A personal field in `fields` is refused, and text in it that is no code goes
    the way of `personal` (see clear.py). `at` is the moment of the event and `identity` its id: now, and a new one, unless
    given. The id's random part keeps anybody from guessing an entry behind its published hash.

    Raises EntryError when a name is malformed, a value is not JSON, or the bytes exceed 65,535.
    """
    if not _ACTION.fullmatch(action) or outcome not in OUTCOMES:
        raise EntryError(f"event.action {action!r} or event.outcome {outcome!r} is malformed.")
    _refuse_misplaced(fields or {})
    given, words = apart(fields or {})
    texts = words | dict(personal or {})
    values = tuple(PersonalValue(name, value, salt(SALT_BYTES)) for name, value in sorted(texts.items()))
    moment = at or datetime.datetime.now(datetime.timezone.utc)
    identity = identity or time_ordered_id()
    flat: dict[str, Any] = {
        **given,
        "@timestamp": moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "ecs.version": ECS_VERSION,
        "event.action": action,
        "event.id": str(identity),
        "event.kind": "event",
        "event.outcome": outcome,
    }
    document = _nest(flat)
    if values:
        document.setdefault("govdata", {})["commitments"] = {value.field: value.commitment for value in values}
    return Entry(identity, canonical(document), values)


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one way to write this document as bytes (RFC 8785)."""
    try:
        data = rfc8785.dumps(dict(document))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, TypeError) as error:
        raise EntryError(f"An entry takes texts, numbers below 2^53, lists and objects: {error}.") from error
    if len(data) > MAX_BYTES:
        raise EntryError(f"An entry has at most {MAX_BYTES} bytes; this one has {len(data)}. Record a digest instead.")
    return data


def read(data: bytes) -> dict[str, Any]:
    """An entry's document."""
    return dict(json.loads(data))


def opens(document: Mapping[str, Any], value: PersonalValue) -> bool:
    """Whether the entry commits to this value."""
    found = document.get("govdata", {}).get("commitments", {}).get(value.field, "")
    return hmac.compare_digest(str(found), value.commitment)


def opened(values: Sequence[PersonalValue]) -> str:
    """Personal values with their salts as JSON, as they are kept apart from the entry."""
    return json.dumps({value.field: {"salt": value.salt.hex(), "value": value.value} for value in values})


def read_opened(kept: Mapping[str, Mapping[str, str]]) -> tuple[PersonalValue, ...]:
    """What `opened` wrote."""
    return tuple(PersonalValue(name, one["value"], bytes.fromhex(one["salt"])) for name, one in sorted(kept.items()))


def time_ordered_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, 6.2, method 3): 48 bits of milliseconds, 12 bits of a millisecond's parts, 62 random bits.

    Sorting by it is sorting by time, to a quarter of a microsecond.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    number = milliseconds << 80 | 7 << 76 | (rest << 12) // 1_000_000 << 64 | secrets.randbits(64)
    return uuid.UUID(int=number & ~(3 << 62) | 2 << 62)


def _refuse_misplaced(fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        if name in PERSONAL_FIELDS:
            raise EntryError(f"{name} points at a person. Give it as a personal value, not as a field.")
        if name in _CODES and not _CODE.fullmatch(str(value)):
            raise EntryError(f"{name} takes a code such as agreement_required. Give words as a personal value.")
        if name in _OWN_FIELDS or not _FIELD.fullmatch(name) or name.startswith("govdata.commitments"):
            raise EntryError(f"{name!r} is no field that an entry takes: use a dotted ECS name, or one below govdata.")


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        *folders, last = name.split(".")
        place = nested
        for folder in folders:
            place = place.setdefault(folder, {})
            if not isinstance(place, dict):
                raise EntryError(f"{name} lies below a field that has a value of its own.")
        if last in place:
            raise EntryError(f"{name} is given twice, once as a value and once with fields below it.")
        place[last] = value
    return nested
