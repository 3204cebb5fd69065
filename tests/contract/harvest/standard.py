"""What every kind of source has to do. A package with a kind of its own makes a class of this and gives it a source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_harvest.door import DoorError, Fetched, Limits, fetch
from ckanext.govdata_harvest.door.addresses import networks
from ckanext.govdata_harvest.kinds import Collected, Kind, KindError, Visit
from ckanext.govdata_harvest.kinds.protocol import settings_of
from ckanext.govdata_harvest.mapping.columns import KnownNames
from ckanext.govdata_harvest.mapping.dcat_us import unfolded
from ckanext.govdata_harvest.mapping.rows import map_row
from ckanext.govdata_harvest.readers import ListError, Row, open_list
from ckanext.govdata_harvest.survey import survey

SECRETS = {"X-Key": "never-to-be-seen-7f3a"}
LIMITS = Limits(seconds=20, tries=1, networks=networks(["127.0.0.0/8"]))


@dataclass
class Door:
    """The guarded door, and what went through it."""

    folder: Path
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, address: str, headers: Mapping[str, str] | None = None) -> Fetched:
        self.asked.append((address, dict(headers or {})))
        place = self.folder / str(len(self.asked))
        place.mkdir(parents=True)
        return fetch(address, place, LIMITS, headers)


class Standard:
    """One source of the kind, which holds two datasets of which one is 停车场名录."""

    titles = ("停车场名录", "学校名录")

    @pytest.fixture
    def kind(self) -> Kind:
        raise NotImplementedError

    @pytest.fixture
    def settings(self) -> dict[str, str]:
        """The settings of a source that answers."""
        raise NotImplementedError

    @pytest.fixture
    def elsewhere(self, settings: dict[str, str]) -> dict[str, str] | None:
        """Settings of a source that does not answer with a list; None where a kind knows no such thing."""
        return None

    def visit(self, folder: Path, kind: Kind, seen: Mapping[str, Any] | None = None) -> tuple[Visit, Door]:
        door = Door(folder / "door")
        place = folder / "visit"
        place.mkdir(parents=True, exist_ok=True)
        secrets = self.secrets() if kind.can.secrets else {}
        return Visit(place, door, seen or {}, secrets), door

    def secrets(self) -> dict[str, str]:
        return SECRETS

    def collected(self, folder: Path, kind: Kind, settings: dict[str, str]) -> tuple[Collected, Door]:
        visit, door = self.visit(folder, kind)
        return kind.collect(settings_of(kind, settings), visit), door

    def test_it_brings_a_list_with_all_its_datasets(self, tmp_path: Path, kind: Kind, settings: dict[str, str]) -> None:
        found, _ = self.collected(tmp_path, kind, settings)
        assert found.path is not None and found.name
        file = open_list(found.path, KnownNames(), 1 << 24)
        plan = survey(file).plan
        rows = [map_row(row, plan) for row in unfolded(file.rows()) if isinstance(row, Row)]
        assert sorted(row.title for row in rows) == sorted(self.titles)
        for row in rows:
            # Only a kind that says so brings tiers; no other opens anything by itself.
            assert kind.can.tiers or row.tier.tier is None or row.tier.word

    def test_what_it_brings_is_the_same_the_next_time(
        self, tmp_path: Path, kind: Kind, settings: dict[str, str]
    ) -> None:
        texts = []
        for number in ("one", "two"):
            found, _ = self.collected(tmp_path / number, kind, settings)
            assert found.path is not None
            texts.append(found.path.read_bytes())
        assert texts[0] == texts[1], "another order or another stamp would be a change each time"

    def test_a_source_that_has_not_changed_brings_nothing(
        self, tmp_path: Path, kind: Kind, settings: dict[str, str]
    ) -> None:
        if not kind.can.conditional:
            pytest.skip("this kind cannot say that nothing changed")
        found, _ = self.collected(tmp_path / "first", kind, settings)
        seen = json.loads(json.dumps(dict(found.seen)))
        visit, _ = self.visit(tmp_path / "again", kind, seen)
        assert kind.collect(settings_of(kind, settings), visit).path is None

    def test_secrets_go_through_the_door_alone(self, tmp_path: Path, kind: Kind, settings: dict[str, str]) -> None:
        found, door = self.collected(tmp_path, kind, settings)
        assert found.path is not None
        told = f"{found.name} {dict(found.seen)} {dict(found.origin)}".encode() + found.path.read_bytes()
        for secret in self.secrets().values():
            assert secret.encode() not in told
            assert all(secret not in address for address, _ in door.asked)
        if kind.can.secrets:
            assert door.asked and all(self.is_sent(headers) for _, headers in door.asked)

    def is_sent(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the secrets, as they are or as a signature made with them."""
        return headers.get("X-Key") == SECRETS["X-Key"]

    def test_its_settings_have_labels_and_are_checked(self, kind: Kind, settings: dict[str, str]) -> None:
        for one in fields(kind.settings):
            assert one.metadata["zh"] and one.metadata["en"]
        assert kind.label["zh"] and kind.label["en"] and kind.name
        with pytest.raises(KindError, match="setting_unknown"):
            settings_of(kind, {**settings, "surprise": "x"})
        if settings:
            needed = next(iter(settings))
            with pytest.raises(KindError, match="setting_missing"):
                settings_of(kind, {name: value for name, value in settings.items() if name != needed})

    def test_a_source_that_is_none_is_refused_with_a_cause(
        self, tmp_path: Path, kind: Kind, elsewhere: dict[str, str] | None
    ) -> None:
        if elsewhere is None:
            pytest.skip("this kind knows no such thing")
        with pytest.raises(ListError) as refused:
            self.collected(tmp_path, kind, elsewhere)
        assert isinstance(refused.value, (DoorError, KindError))
        assert SECRETS["X-Key"] not in str(refused.value)
