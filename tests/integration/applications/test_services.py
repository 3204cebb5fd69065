"""A seal or timestamp service that is down: the agreement is not effective, it is said, and the portal tries again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import core

from ckanext.govdata.access.model import Grant
from ckanext.govdata.agreements import keeping
from ckanext.govdata.agreements.sealing import folder
from ckanext.govdata.agreements.verifying import verdict_of

from .scene import Scene
from .services import Seals, SealsByHttp, Service


@pytest.fixture
def service(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Both services, running, and trusted; the seals are a plugin's."""
    found = Service(tmp_path / "service", scene.people["agency"]["id"])
    found.start()
    plugin = Seals()
    plugin.provider = SealsByHttp(found)
    monkeypatch.setitem(core._PLUGINS_SERVICE, "seals_of_the_test", plugin)
    trusted = folder().path / "trusted" / "service.crt"
    trusted.write_bytes((found.keys.path / "root.crt").read_bytes())
    yield found
    found.stop()
    trusted.unlink()


def _signed(scene: Scene) -> dict[str, Any]:
    return scene.sign(scene.call("agreement_present", "decider", id=scene.approved()))


def _grants(agreement: dict[str, Any]) -> list[str]:
    model.Session.rollback()
    return list(model.Session.scalars(sa.select(Grant.state).where(Grant.agreement == agreement["id"])))


def _seal(scene: Scene, agreement: dict[str, Any]) -> dict[str, Any]:
    return scene.call("agreement_document_seal", "decider", id=agreement["document"])


@pytest.mark.requirement("LYG-19", "GY-c4")
@pytest.mark.parametrize("what", ["seal", "timestamp"])
def test_while_a_service_is_down_nothing_is_effective_it_is_said_and_done_when_it_is_back(
    scene: Scene, service: Service, what: str, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "timestamp":
        monkeypatch.setattr(Seals, "seal_provider", lambda self: None)
        monkeypatch.setitem(ckan_config, "govdata.agreements.timestamps", f"{service.address}/time")
    agreement = _signed(scene)
    service.stop()
    told = _seal(scene, agreement)
    waiting = told["signatures"][1]
    assert (told["step"], waiting["state"], waiting["waits_for"]) == ("signed", "waiting", what)
    assert scene.call("agreement_show", "data_user", id=agreement["id"])["state"] == "signed"
    assert _grants(agreement) == []
    assert "on its way" in str(scene.refused("agreement_document_seal", "decider", id=agreement["document"]))
    assert keeping.try_again() == 0
    service.start()
    assert keeping.try_again() == 1
    assert scene.call("agreement_show", "data_user", id=agreement["id"])["state"] == "effective"
    assert _grants(agreement) == ["running"]
    verdict = verdict_of(keeping.get(agreement["document"]).pdf)  # pyright: ignore[reportOptionalMemberAccess]
    assert verdict["holds"], verdict
    name = verdict["signers"]["agency"]["name" if what == "seal" else "clock"]
    assert name == {"seal": "交通运输局 电子印章", "timestamp": "印章与时间戳服务机构 时钟"}[what]


@pytest.mark.requirement("LYG-19")
def test_a_seal_that_is_gone_is_never_replaced_by_another_signature_under_its_name(
    scene: Scene, service: Service
) -> None:
    agreement = _signed(scene)
    service.stop()
    assert _seal(scene, agreement)["signatures"][1]["level"] == "seal"
    for file in (service.keys.path / "seals").iterdir():
        file.unlink()
    service.start()
    assert keeping.try_again() == 0
    assert _grants(agreement) == []
    told = _seal(scene, agreement)
    assert (told["step"], told["signatures"][1]["level"]) == ("sealed", "agreed")
    assert _grants(agreement) == ["running"]
