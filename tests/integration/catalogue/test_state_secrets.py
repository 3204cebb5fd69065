"""What says that it is a state secret is refused wherever it is said, and its text is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk

from .api import call

People = dict[str, dict[str, Any]]
WORD = "zqgeheimnisx"
CONTROL = "zqkontrollex"  # a word that is stored, so that finding nothing means something
TITLE = f"某某工程{WORD}"
MARKS: dict[str, dict[str, Any]] = {
    "grading": {"grading": "涉密"},
    "grading in brackets": {"grading": "（机 密）"},
    "grading in full width": {"grading": "ＳＴＡＴＥ＿ＳＥＣＲＥＴ"},
    "exception": {"open_tier": "not_open", "open_exception": "state_secret"},
    "exception in words": {"open_tier": "not_open", "open_exception": "国家秘密"},
    "tier": {"open_tier": "涉密"},
    "tier word": {"tier_word": "绝密"},
    "sharing": {"sharing_tier": "涉密"},
    "secrecy": {"secrecy": "秘密"},
    "any other field": {"密级": "机密"},
    "extras": {"extras": [{"key": "密级", "value": "绝密"}]},
    "data item": {"data_items": [{"name": "a", "title": "甲"}, {"title": WORD, "tier": "涉密"}]},
    "data item's secrecy": {"data_items": [{"title": WORD, "secrecy": "机密"}]},
    "data item's grading": {"data_items": [{"title": WORD, "grading": "state_secret"}]},
    "file": {"resources": [{"url": f"https://{WORD}.example/", "name": WORD, "grading": "涉密"}]},
    "file's secrecy": {"resources": [{"url": f"https://{WORD}.example/", "secrecy": "绝密"}]},
}
pytestmark = pytest.mark.requirement("LYG-7", "DCF-2", "ZB-2")


def stored_in_database(engine: sa.Engine, word: str) -> Iterator[str]:
    """The tables in which a row holds the word."""
    names = "select schemaname, tablename from pg_tables where schemaname = 'public'"
    with engine.connect() as connection:
        for schema, table in connection.execute(sa.text(names)).all():
            found = sa.text(f'select count(*) from "{schema}"."{table}" as x where x::text ilike :word')
            if connection.execute(found, {"word": f"%{word}%"}).scalar():
                yield table


def stored_in_files(folder: str, word: str) -> Iterator[str]:
    for path in Path(folder).rglob("*"):
        if word in path.name or (path.is_file() and word.encode() in path.read_bytes().lower()):
            yield str(path)


def stored_in_redis(word: str) -> Iterator[str]:
    redis = connect_to_redis()
    readers = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
    }
    for key in redis.scan_iter():
        value = readers[redis.type(key)](key)
        if word in repr(key) or word in repr(value):
            yield repr(key)


def stored(ckan_config: dict[str, Any], word: str) -> set[str]:
    model.Session.remove()
    rows = sa.create_engine(ckan_config["ckan.datastore.write_url"])
    found = {*stored_in_database(model.meta.engine, word), *stored_in_database(rows, word), *stored_in_redis(word)}
    rows.dispose()
    for setting in ("govdata.search.index_path", "ckan.storage_path"):
        found |= set(stored_in_files(ckan_config[setting], word))
    everything = {"q": word, "include_private": True, "include_drafts": True, "include_deleted": True, "fq": "state:*"}
    if tk.get_action("package_search")({"ignore_auth": True}, everything)["count"]:
        found.add("search")
    return found


@pytest.mark.parametrize("writer", ["publisher", "administrator"])
def test_a_state_secret_is_refused_in_every_field_that_can_say_so_and_stored_nowhere(
    app: Any, people: People, make_entry: Callable[..., dict[str, Any]], ckan_config: dict[str, Any], writer: str
) -> None:
    person = people[writer]
    entry = make_entry(title="无关的目录", resources=[{"url": "https://data.example/a.csv", "name": "a"}])
    secret = {"title": TITLE, "notes": TITLE, "tags": [{"name": WORD}], "name": WORD}
    taken = []
    for mark, fields in MARKS.items():
        new = {"owner_org": people["agency"]["id"], "open_tier": "unconditional", **secret, **fields}
        tries = {
            "create": call(app, "package_create", person, **new),
            "patch": call(app, "package_patch", person, id=entry["id"], **secret, **fields),
            "update": call(app, "package_update", person, **{**entry, **secret, **fields}),
            "revise": call(app, "package_revise", person, match={"id": entry["id"]}, update={**secret, **fields}),
        }
        for file in fields.get("resources", []):
            tries["resource_create"] = call(app, "resource_create", person, package_id=entry["id"], **file)
            one = {"id": entry["resources"][0]["id"], **file}
            tries["resource_patch"] = call(app, "resource_patch", person, **one)
            tries["resource_update"] = call(app, "resource_update", person, **one)
        taken += [
            (mark, way, answer)
            for way, (status, answer) in tries.items()
            if status != 409 or "State secrets" not in str(answer)
        ]
        spoken = [(mark, way) for way, (_, answer) in tries.items() if WORD in str(answer)]
        assert spoken == []
    assert taken == []
    assert stored(ckan_config, WORD) == set()


def test_the_search_for_the_word_finds_what_is_stored(
    app: Any, make_entry: Callable[..., dict[str, Any]], ckan_config: dict[str, Any], create_with_upload: Any
) -> None:
    entry = make_entry(title=f"目录{CONTROL}")
    context = {"ignore_auth": True, "user": "administrator"}
    create_with_upload(CONTROL, "a.txt", context=context, package_id=entry["id"], format="TXT")
    connect_to_redis().set("govdata:test:word", CONTROL, ex=60)
    found = stored(ckan_config, CONTROL)
    assert {"package", "activity", "govdata_search_document", "search", "b'govdata:test:word'"} <= found
    assert any(name.startswith(ckan_config["ckan.storage_path"]) for name in found)
    connect_to_redis().delete("govdata:test:word")
