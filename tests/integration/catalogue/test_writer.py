"""Writing in batches gives what `package_create` gives, in a few statements, whole or not at all."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.navl.dictization_functions import validate as navl_validate
from ckan.plugins import toolkit as tk
from ckan.tests import factories

from ckanext.govdata.catalogue.batch.plan import ValidationPlan
from ckanext.govdata.catalogue.model import TierChange
from ckanext.govdata.catalogue.writer import CatalogueWriter, Outcome

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", "govdata scheming_datasets govdata_search activity"),
    pytest.mark.usefixtures("portal"),
]

# What differs between two entries that are made at two moments under two names.
OWN = ("id", "name", "metadata_created", "metadata_modified")
RECORDS = 220


def random_record(number: int, agencies: list[str]) -> dict[str, Any]:
    """A record such as lists give: any mixture of fields, tiers, tags, items, and of what makes an entry invalid."""
    pick = random.Random(number)
    record: dict[str, Any] = {"title": f"第{number}类名录", "owner_org": pick.choice(agencies)}
    choices: dict[str, list[Any]] = {
        "open_tier": ["unconditional", "conditional", "not_open", "", "unheard_of"],
        "tier_word": ["无条件开放", "开放网站", ""],
        "open_basis": ["《某条例》第三条", ""],
        "open_exception": ["trade_secret_or_privacy", "", "state_secret"],
        "sharing_tier": ["unconditional", "not_shared", ""],
        "grading": ["general", "core", "涉密"],
        "theme": ["transport", "no_such_theme", ""],
        "update_cycle": ["annual", "每年"],
        "notes": ["摘要\n第二段 <b>x</b>", ""],
        "row_count": ["12569", "many", 12, ""],
        "issued": ["2021-07-28", "yesterday", ""],
        "declared_formats": [["CSV", "JSON"], [], "CSV"],
        "tags": [[{"name": "名录"}, {"name": "公共 服务"}], [{"name": "x"}], [{"name": "名录"}, {"name": "名录"}], []],
        "data_items": [[{"title": "地址", "tier": "conditional"}, {"title": "名称"}], [{"name": "a", "junk": "b"}], []],
        "resources": [[{"url": "http://d.example.cn/a.csv", "format": "csv", "name": "表"}], []],
        "extras": [[{"key": "来源", "value": "甲"}], [{"key": "publication", "value": "published"}]],
        "source_url": ["http://d.example.cn/1"],
        "license_id": ["cc-by", "no-such-licence"],
        "private": [True, False],
        "unheard_of_field": ["x"],
    }
    for name, values in choices.items():
        if pick.random() < 0.4:
            record[name] = values[0] if pick.random() < 0.7 else pick.choice(values)
    return record


def one_by_one(record: dict[str, Any], user: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    try:
        return tk.get_action("package_create")({"ignore_auth": True, "user": user}, record), None
    except tk.ValidationError as error:
        return None, error.error_dict


def comparable(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry without what is its own, ids of resources and of the organisation's moment included."""
    plain = {key: value for key, value in entry.items() if key not in OWN}
    moments = ("id", "package_id", "created", "metadata_modified")
    plain["resources"] = [{k: v for k, v in held.items() if k not in moments} for held in entry["resources"]]
    return plain


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The fields in which two entries differ, resources one by one, so that a failure names the field and not the entry."""
    found = {
        key: (one.get(key), other.get(key)) for key in {*one, *other} - {"resources"} if one.get(key) != other.get(key)
    }
    for first, second in zip(one["resources"], other["resources"], strict=True):
        found |= {
            f"resource {key}": (first.get(key, "-"), second.get(key, "-"))
            for key in {*first, *second}
            if first.get(key, "-") != second.get(key, "-")
        }
    return found


@contextmanager
def counted_statements() -> Iterator[Counter[str]]:
    counter: Counter[str] = Counter()

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counter[statement.split("(")[0].strip()] += 1

    sa.event.listen(model.meta.engine, "before_cursor_execute", count)
    yield counter
    sa.event.remove(model.meta.engine, "before_cursor_execute", count)


def a_writer(user: dict[str, Any], **options: Any) -> CatalogueWriter:
    return CatalogueWriter(model.User.get(user["name"]), **options)


@pytest.mark.requirement("YZ-12", "LYG-11")
def test_entries_written_in_batches_are_those_that_package_create_makes_field_by_field() -> None:
    user = factories.Sysadmin()
    agencies = [factories.Organization()["id"] for _ in range(3)]
    records = [random_record(number, agencies) for number in range(RECORDS)]
    written = list(a_writer(user).create({**record, "name": f"batch-{n}"} for n, record in enumerate(records)))
    verdicts: Counter[bool] = Counter()
    for number, record in enumerate(records):
        entry, errors = one_by_one({**record, "name": f"single-{number}"}, user["name"])
        outcome = written[number]
        verdicts[entry is not None] += 1
        assert outcome.position == number
        assert outcome.errors == errors, record
        if entry is None or outcome.entry is None:
            continue
        assert not differences(comparable(outcome.entry), comparable(entry)), record
        read = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": f"batch-{number}"})
        again = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": f"single-{number}"})
        assert not differences(comparable(read), comparable(again)), record
        # Where the data lies is told to readers, not to writers.
        assert read == {**outcome.entry, "held_here": False}
    assert min(verdicts.values()) > RECORDS / 5, "the records have to be good and bad alike"


def test_they_are_found_with_the_documents_that_ckan_would_index() -> None:
    user, agency = factories.Sysadmin(), factories.Organization()["id"]
    record = {
        **random_record(3, [agency]),
        "open_tier": "conditional",
        "data_items": [{"title": "泊位数"}],
        "grading": "general",
    }
    for unfit in ("extras", "row_count", "issued", "theme", "update_cycle", "open_exception", "sharing_tier"):
        record.pop(unfit, None)
    assert next(a_writer(user).create([{**record, "name": "in-batch"}])).entry
    one_by_one({**record, "name": "alone"}, user["name"])
    found = tk.get_action("package_search")({"ignore_auth": True}, {"q": "第3类名录", "facet.field": ["open_tier"]})
    assert sorted(entry["name"] for entry in found["results"]) == ["alone", "in-batch"]
    assert found["facets"]["open_tier"] == {"conditional": 2}
    assert [held["name"] for held in tk.get_action("package_search")({}, {"fq": "name:in-batch"})["results"]] == [
        "in-batch"
    ]


@pytest.mark.requirement("LYG-7", "YZ-29")
def test_the_first_tier_and_the_activity_of_each_entry_are_on_record_in_the_writer_s_name() -> None:
    from ckanext.activity.model import Activity

    user, agency = factories.Sysadmin(), factories.Organization()["id"]
    records = [{"name": f"e-{n}", "title": f"表{n}", "owner_org": agency, "open_tier": "conditional"} for n in range(5)]
    ids = [outcome.entry["id"] for outcome in a_writer(user).create(records) if outcome.entry]
    steps = model.Session.query(TierChange).filter(TierChange.package_id.in_(ids)).all()
    assert [(step.to_tier, step.proposed_by, step.status) for step in steps] == [
        ("conditional", user["id"], "applied")
    ] * 5
    acts = model.Session.query(Activity).filter(Activity.object_id.in_(ids)).all()
    assert {(act.activity_type, act.user_id) for act in acts} == {("new package", user["id"])}
    assert {act.data["package"]["title"] for act in acts} == {f"表{n}" for n in range(5)}
    assert [act.permission_labels for act in acts] == [["public"]] * 5


def test_a_record_that_the_database_refuses_is_left_out_alone() -> None:
    user, agency = factories.Sysadmin(), factories.Organization()["id"]
    factories.Dataset(name="e-2", state="deleted", open_tier="unconditional")
    records = [
        {"name": f"e-{n}", "title": f"表{n}", "owner_org": agency, "open_tier": "unconditional"} for n in range(6)
    ]
    outcomes: list[Outcome] = list(a_writer(user).create(records))
    assert [outcome.position for outcome in outcomes if outcome.entry is None] == [2]
    assert outcomes[2].errors
    stored = {name for (name,) in model.Session.query(model.Package.name).filter_by(state="active")}
    assert {f"e-{n}" for n in (0, 1, 3, 4, 5)} <= stored
    assert tk.get_action("package_search")({"ignore_auth": True}, {"fq": "name:e-*"})["count"] == 5


def test_a_name_that_stands_twice_in_a_batch_or_is_taken_is_refused_as_ckan_refuses_it() -> None:
    user, agency = factories.Sysadmin(), factories.Organization()["id"]
    base = {"title": "表", "owner_org": agency, "open_tier": "unconditional"}
    first, second = a_writer(user).create([{**base, "name": "same"}, {**base, "name": "same"}])
    assert first.entry
    assert second.errors == {"name": ["That URL is already in use."]}
    assert next(a_writer(user).create([{**base, "name": "same"}])).errors == second.errors


@pytest.mark.requirement("LYG-12")
def test_entries_sent_through_review_wait_for_it_and_are_not_public() -> None:
    user, agency = factories.Sysadmin(), factories.Organization()["id"]
    record = {"name": "entry", "title": "表", "owner_org": agency, "open_tier": "unconditional"}
    outcome = next(a_writer(user, ask_review=True).create([record]))
    assert outcome.entry
    assert (outcome.entry["publication"], outcome.entry["private"]) == ("in_review", True)


def test_a_batch_takes_less_than_one_statement_an_entry() -> None:
    user, agency = factories.Sysadmin(), factories.Organization()["id"]
    writer = a_writer(user)
    records = [
        {
            **{"name": f"e-{n}", "title": f"表{n}", "owner_org": agency, "open_tier": "unconditional"},
            "tags": [{"name": f"标签{n % 7}"}],
        }
        for n in range(200)
    ]
    with counted_statements() as statements:
        assert all(outcome.entry for outcome in writer.create(records))
    assert sum(statements.values()) < 100, statements


def test_a_plan_validates_as_ckan_does_whatever_the_shape_of_the_record() -> None:
    def even(value: Any) -> Any:
        if not isinstance(value, int) or value % 2:
            raise tk.Invalid("not even")
        return value // 2

    def see_all(key: Any, data: Any, errors: Any, context: Any) -> None:
        data[("seen",)] = sorted(str(known) for known in data)

    def keep_junk(key: Any, data: Any, errors: Any, context: Any) -> None:
        errors[key].append(str(sorted(map(str, data.get(key, {})))))

    missing, empty = tk.get_validator("ignore_missing"), tk.get_validator("not_empty")
    schema: dict[str, Any] = {
        "__before": [see_all],
        "a": [empty, even, even],
        "b": [missing, even],
        "rows": {"x": [empty], "y": [missing, even], "__extras": [tk.get_validator("ignore")]},
        "__extras": [tk.get_validator("empty")],
        "__after": [see_all],
        "__junk": [keep_junk],
    }
    plan = ValidationPlan(schema)
    for number in range(400):
        pick = random.Random(number)
        values = [1, 2, 4, "", None, [], [1], tk.missing]
        record: dict[str, Any] = {key: pick.choice(values) for key in "abc" if pick.random() < 0.6}
        if pick.random() < 0.6:
            row = {key: pick.choice([1, 4, ""]) for key in "xyz" if pick.random() < 0.6}
            record["rows"] = [row] * pick.choice([0, 1, 3])
        if pick.random() < 0.3:
            record["other"] = [{"deep": 1}]
        results = []
        for run in (lambda data: navl_validate(data, schema, {}), lambda data: plan.run(data, {})):
            try:
                results.append(run(dict(record)))
            except Exception as error:  # noqa: BLE001 - the plan has to fail in the same words
                results.append((type(error), str(error)))
        assert results[0] == results[1], record
