"""Sharing between agencies on the same machine (YZ-19..23): three kinds, five and five days, coordination."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata.access import gate
from ckanext.govdata.access.granting import grant_by_sharing
from ckanext.govdata.access.model import Grant
from ckanext.govdata.agreements.life.domain import midnight
from ckanext.govdata.rules.domain import today

from .scene import Scene


@pytest.fixture
def shared(in_city: Callable[[str], Scene]) -> Iterator[Callable[..., str]]:
    """In Yangzhou: 卫生健康委员会 drafts an application for a dataset of 交通运输局 of the kind of sharing named."""
    scene = in_city("yangzhou")
    before = scene.entry
    yield scene.shared
    scene.entry = before


def _may(scene: Scene, who: str) -> bool:
    return bool(
        gate.verdict_for_package(
            model.Package.get(scene.entry["id"]), model.User.get(scene.people[who]["name"])
        ).allowed
    )


@pytest.mark.requirement("YZ-21")
@pytest.mark.parametrize(("city", "state"), [("yangzhou", "supplied"), ("zibo", "submitted")])
def test_base_registers_are_shared_without_conditions_where_the_city_s_text_says_so(
    scene: Scene, shared: Callable[..., str], with_city: Callable[[str], None], city: str, state: str
) -> None:
    with_city(city)
    application = shared("conditional", base_register="credit")
    assert scene.call("application_submit", "other_publisher", id=application)["state"] == state
    assert _may(scene, "other_publisher") is (state == "supplied")


@pytest.mark.requirement("YZ-22", "YZ-20", "YZ-19", "DCF-19")
def test_unconditional_sharing_is_obtained_at_once(scene: Scene, shared: Callable[..., str]) -> None:
    application = shared("unconditional")
    assert not _may(scene, "other_publisher")
    assert scene.call("application_submit", "other_publisher", id=application)["state"] == "supplied"
    assert _may(scene, "other_publisher")
    assert not _may(scene, "data_user")


@pytest.mark.requirement("YZ-22", "YZ-20", "DCF-19", "GY-c4")
def test_conditional_sharing_is_answered_and_supplied_within_five_days_each(
    scene: Scene, shared: Callable[..., str]
) -> None:
    application = shared("conditional")
    submitted = scene.call("application_submit", "other_publisher", id=application)
    assert (submitted["due"]["number"], submitted["due"]["article"], submitted["due"]["kind"]) == (5, "YZ-22", "pack")
    approved = scene.call("application_decide", "decider", id=application, accept=True)
    assert (approved["due"]["topic"], approved["due"]["number"]) == ("sharing_supply", 5)
    assert not _may(scene, "other_publisher")
    supplied = scene.call("application_supply", "decider", id=application)
    assert (supplied["state"], supplied["due"]) == ("supplied", None)
    assert _may(scene, "other_publisher")


@pytest.mark.requirement("YZ-22")
def test_a_refusal_of_sharing_states_reason_and_basis(scene: Scene, shared: Callable[..., str]) -> None:
    application = shared("conditional")
    scene.call("application_submit", "other_publisher", id=application)
    for half in ({"reason": "非履职所需"}, {"basis": "第二十条"}):
        assert scene.refused("application_decide", "decider", id=application, accept=False, **half)
    whole = {"reason": "非履职所需", "basis": "第二十条"}
    answer = scene.call("application_decide", "decider", id=application, accept=False, **whole)
    assert answer["state"] == "refused"


@pytest.mark.requirement("YZ-23")
def test_the_authority_coordinates_what_the_agency_does_not_share_and_the_agency_answers(
    scene: Scene, shared: Callable[..., str]
) -> None:
    application = shared("conditional")
    scene.call("application_submit", "other_publisher", id=application)
    whole = {"reason": "非履职所需", "basis": "第二十条"}
    scene.call("application_decide", "decider", id=application, accept=False, **whole)
    asked = scene.call("application_coordinate", "other_publisher", id=application, reason="疫情防控职责需要")
    assert (asked["state"], asked["due"]["topic"]) == ("coordinating", "coordination")
    ruling = {"id": application, "uphold": False, "reason": "确需共享，请按最小范围提供"}
    sent_back = scene.call("application_appeal_decide", "authority", **ruling)
    assert (sent_back["state"], sent_back["due"]["number"]) == ("sent_back", 5)
    assert scene.call("application_decide", "decider", id=application, accept=True)["state"] == "approved"


@pytest.mark.requirement("YZ-23", "YZ-22")
def test_what_is_not_shared_is_not_seen_by_other_agencies_and_open_data_is_not_coordinated(
    scene: Scene, shared: Callable[..., str]
) -> None:
    with pytest.raises(tk.ObjectNotFound):
        shared("not_shared")
    application = scene.draft(id=scene.people["dataset"])
    found = scene.refused("application_coordinate", "data_user", id=application, reason="需要")
    assert "Appeal instead" in found["id"][0]


@pytest.mark.requirement("DCF-20")
def test_a_body_with_a_public_duty_that_is_no_agency_applies_with_safeguards_and_signs(
    in_city: Callable[[str], Scene],
) -> None:
    scene = in_city("dongchangfu")
    assert scene.effective(purpose="duty")["state"] == "effective"


@pytest.mark.requirement("YZ-22")
def test_the_database_gives_an_agency_nothing_without_its_supplied_application(
    scene: Scene, shared: Callable[..., str]
) -> None:
    application = shared("conditional")
    agency = model.Group.get("weijianwei").id
    with pytest.raises(sa.exc.DatabaseError, match="no supplied application"):
        grant_by_sharing(scene.entry["id"], agency, application, midnight(today()), "portal")
    model.Session.rollback()
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(Grant)) == 0
