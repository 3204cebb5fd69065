"""Loads rule packs: one of ours by its key, with or without a city's own file on top of it.

Guarantee: what is returned is whole and consistent; anything wrong raises RulePackError, which names file, line,
article or topic, and what to do, for every problem of the file at once.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from ckanext.govdata.rules.domain import Instrument, Rule, RulePack, Topic
from ckanext.govdata.rules.errors import (
    AlreadyInBaseProblem,
    DuplicateTopicProblem,
    InvalidPackError,
    NotInBaseProblem,
    TakenCodeProblem,
    UnknownPackError,
    UnknownTopicProblem,
    UnknownValueProblem,
    WrongBaseProblem,
    WrongTypeProblem,
)
from ckanext.govdata.rules.fields import Fields
from ckanext.govdata.rules.located import Mapping, Reader, Scalar
from ckanext.govdata.rules.reading import read_entries, read_instrument
from ckanext.govdata.rules.versions import newest

FOLDER = Path(__file__).parent / "packs"
PACK_KEYS = ("key", "city", "city_en", "instrument", "entries")
EXTENSION_KEYS = ("extends", "instrument", "change", "add", "remove")


def available_packs() -> tuple[str, ...]:
    """The keys of the packs that come with the portal, in alphabetical order."""
    return tuple(sorted({_key(path) for path in FOLDER.glob("*.yaml")}))


def load_pack(key: str, extra: Path | None = None) -> RulePack:
    """The pack of a city, changed by the file `extra` where one is given. Raises RulePackError."""
    if key not in available_packs():
        raise UnknownPackError(key=key, known=available_packs())
    pack = newest(read_pack(path) for path in version_files(key))
    return extend_pack(pack, extra) if extra else pack


def load_versions(key: str, extra: Path | None = None, more: tuple[Path, ...] = ()) -> tuple[RulePack, ...]:
    """All versions of a city's text, ours and the files `more`; `extra` changes the newest. Raises RulePackError."""
    if key not in available_packs():
        raise UnknownPackError(key=key, known=available_packs())
    packs = [read_pack(path) for path in (*version_files(key), *more)]
    if extra is None:
        return tuple(packs)
    last = newest(packs)
    return tuple(extend_pack(pack, extra) if pack is last else pack for pack in packs)


def version_files(key: str) -> list[Path]:
    """The files of a city's pack: `yangzhou.yaml`, and one for each further version, such as `yangzhou@2027-01-01.yaml`."""
    return sorted(path for path in FOLDER.glob("*.yaml") if _key(path) == key)


def _key(path: Path) -> str:
    return path.stem.partition("@")[0]


def check_file(path: Path) -> RulePack:
    """The pack that a file makes: a whole one, or one that extends a pack of ours. Raises RulePackError."""
    root, _reader = _root(path)
    base = root.entries.get("extends")
    if base is None:
        return read_pack(path)
    return load_pack(str(getattr(base, "value", "")), path)


def read_pack(path: Path) -> RulePack:
    """A whole pack out of a file. Raises RulePackError."""
    root, reader = _root(path)
    fields = Fields(reader, root)
    fields.only(PACK_KEYS)
    key, city, city_en = fields.text("key"), fields.text("city"), fields.text("city_en")
    if key is not None and key != _key(path):
        fields.report(UnknownValueProblem, "key", key="key", value=key, known=[_key(path)])
    instrument = _instrument(reader, fields, required=True)
    instruments = {instrument.code: instrument} if instrument else {}
    entries = read_entries(reader, fields.items("entries"), instruments) if instrument else {}
    if reader.problems or instrument is None or key is None or city is None or city_en is None:
        raise _invalid(reader)
    return RulePack(key, city, city_en, instrument, _frozen({topic: rule for topic, (rule, _line) in entries.items()}))


def extend_pack(base: RulePack, path: Path) -> RulePack:
    """The base pack with a city's own changes. Each entry's article names the base's text or the city's own."""
    root, reader = _root(path)
    fields = Fields(reader, root)
    fields.only(EXTENSION_KEYS)
    extends = fields.text("extends")
    if extends is not None and extends != base.key:
        fields.report(WrongBaseProblem, "extends", value=extends, expected=base.key)
    own = _instrument(reader, fields, required=False)
    if own and own.code == base.instrument.code:
        fields.report(TakenCodeProblem, "instrument", value=own.code)
    instruments = {base.instrument.code: base.instrument} | ({own.code: own} if own else {})
    rules = _merged(reader, fields, base, instruments)
    if reader.problems:
        raise _invalid(reader)
    return RulePack(base.key, base.city, base.city_en, base.instrument, _frozen(rules))


def _merged(reader: Reader, fields: Fields, base: RulePack, instruments: dict[str, Instrument]) -> dict[Topic, Rule]:
    changed = read_entries(reader, fields.items("change", required=False), instruments)
    added = read_entries(reader, fields.items("add", required=False), instruments)
    removed = _topics(fields)
    for topic, line in [(topic, line) for topic, (_rule, line) in changed.items()] + list(removed.items()):
        if topic not in base.rules:
            reader.report(NotInBaseProblem, line, topic.value, topic=topic.value)
    for topic, (_rule, line) in added.items():
        if topic in base.rules:
            reader.report(AlreadyInBaseProblem, line, topic.value, topic=topic.value)
    for topic in changed.keys() & removed.keys():
        facts = {"topic": topic.value, "first": changed[topic][1]}
        reader.report(DuplicateTopicProblem, removed[topic], topic.value, **facts)
    kept = {topic: rule for topic, rule in base.rules.items() if topic not in removed}
    return kept | {topic: rule for topic, (rule, _line) in (changed | added).items()}


def _topics(fields: Fields) -> dict[Topic, int]:
    """The topics under `remove`, each with its line."""
    known = [topic.value for topic in Topic]
    found: dict[Topic, int] = {}
    for item in fields.items("remove", required=False):
        value = item.value if isinstance(item, Scalar) else "…"
        if value in known:
            found[Topic(value)] = item.line
        else:
            fields.reader.report(UnknownTopicProblem, item.line, "remove", value=value, known=known)
    return found


def _instrument(reader: Reader, fields: Fields, required: bool) -> Instrument | None:
    mapping = fields.sub("instrument", required)
    return read_instrument(reader, mapping) if mapping else None


def _root(path: Path) -> tuple[Mapping, Reader]:
    reader = Reader(path)
    root = reader.read()
    if not isinstance(root, Mapping):
        if not reader.problems:
            facts = {"key": path.name, "value": "…", "expected": "a mapping of keys", "expected_zh": "键值结构"}
            reader.report(WrongTypeProblem, root.line if root else 1, **facts)
        raise _invalid(reader)
    return root, reader


def _invalid(reader: Reader) -> InvalidPackError:
    return InvalidPackError(sorted(reader.problems, key=lambda problem: problem.line))


def _frozen(rules: dict[Topic, Rule]) -> MappingProxyType[Topic, Rule]:
    """In the order of the topics, whatever the order of the file."""
    return MappingProxyType({topic: rules[topic] for topic in Topic if topic in rules})
