"""What signing in tells the portal: verified parties, failures for the ledger; and no page of ours lets script in."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories

from ckanext.govdata.access.parties.model import Party
from ckanext.govdata.signin import recording
from ckanext.govdata_login import interfaces
from ckanext.govdata_login.mapping import Facts

from .addresses import filled, rules
from .programs import WITH_PROGRAMS
from .stage import Dataset, Stage, entries
from .web import Web

pytestmark = WITH_PROGRAMS


def test_what_a_trusted_service_says_makes_a_verified_party_and_a_strange_ones_word_does_not(
    stage: Stage, ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setitem(ckan_config, "govdata.parties.keys", str(tmp_path / "parties.keys"))
    values = {"party": "legal", "party_name": "江海停车有限公司", "uscc": "91110000600037341L"}
    facts = Facts(values={**values, "party_role": "legal_representative"})
    user = model.User.get(factories.User()["id"])
    assert user is not None

    def parties() -> list[Any]:
        return list(model.Session.query(Party).filter_by(created_by=user.id))

    interfaces.facts_changed(user, "mini", facts, {}, trusted=False)
    assert parties() == []
    interfaces.facts_changed(user, "province", facts, {}, trusted=True)
    made = parties()
    assert [one.state for one in made] == ["verified"] and made[0].name == "江海停车有限公司"


@pytest.mark.requirement("LYG-21")
def test_failures_are_counted_by_account_and_minute_and_refusals_keep_their_reason(stage: Stage) -> None:
    recording.write_counted(time.time() + 120)
    before = len(entries())
    for _ in range(7):
        interfaces.tell_event("sign_in_refused", {"user": "somebody-1", "reason": "password_wrong"})
    interfaces.tell_event("sign_in_refused", {"provider": "province", "reason": "nonce_wrong", "detail": "x"})
    assert len(entries()) == before + 1
    assert recording.write_counted(time.time() + 120) in (1, 2), "a minute may have turned between two of them"
    fresh = entries()[before:]
    reasons = {one["event"]["reason"] for one in fresh}
    assert reasons == {"nonce_wrong", "password_wrong"}
    counted = [one["govdata"]["login"]["count"] for one in fresh if one["event"]["reason"] == "password_wrong"]
    assert sum(counted) == 7 and all(one["event"]["outcome"] == "failure" for one in fresh)


def test_every_page_of_ours_forbids_script_in_the_page_and_has_none(
    web: Web, app: Any, stage: Stage, conditional: tuple[Dataset, str]
) -> None:
    seen = []
    for rule in sorted(set(rules(app, of="govdata"))):
        answer = web.get(filled(rule, conditional[0]), headers=stage.headers("administrator"))
        if answer.status_code != 200 or answer.headers.get("Content-Type", "").split(";")[0] != "text/html":
            continue
        text = answer.get_data(as_text=True)
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"], rule
        inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>(.*?)</script>", text, re.S)
        assert not [one for one in inline if one.strip()] and not re.findall(r"<[^>]+\son[a-z]+=\"", text), rule
        seen.append(rule)
    assert len(seen) > 15, seen
