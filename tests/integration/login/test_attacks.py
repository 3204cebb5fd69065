"""What a cheating provider, a thief or a forger tries: each is refused with its reason, and nobody is signed in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from ckan import model

from .browser import Person
from .conftest import PASSWORD, sessions_of
from .crooked import CrookedProvider
from .honest import HonestProvider

Events = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def victim(events: Events, make_portal: Callable[..., str], crooked: CrookedProvider) -> Person:
    """Somebody who is about to sign in by way of the crooked provider."""
    portal = make_portal(
        {
            "crooked": crooked.entry(algorithms=["RS256", "ES256"]),
            "other": {**crooked.entry(), "issuer": "https://other.example.org"},
        },
        ckan__plugins="govdata_login login_listener",
    )
    return Person(portal)


def refused_for(events: Events) -> list[str]:
    return [details["reason"] for name, details in events if name == "sign_in_refused"]


CLAIMS: dict[str, tuple[str, Callable[[dict[str, Any], dict[str, Any]], None]]] = {
    "another issuer": ("issuer_wrong", lambda header, claims: claims.update(iss="https://evil.example.org")),
    "another audience": ("audience_wrong", lambda header, claims: claims.update(aud="someone-else")),
    "two audiences without azp": ("party_wrong", lambda header, claims: claims.update(aud=["portal", "other"])),
    "another azp": ("party_wrong", lambda header, claims: claims.update(azp="someone-else")),
    "two audiences with another azp": (
        "party_wrong",
        lambda header, claims: claims.update(aud=["portal", "other"], azp="other"),
    ),
    "another nonce": ("nonce_wrong", lambda header, claims: claims.update(nonce="guessed")),
    "no nonce": ("nonce_wrong", lambda header, claims: claims.pop("nonce")),
    "expired": ("token_expired", lambda header, claims: claims.update(exp=int(time.time()) - 120)),
    "no end": ("times_missing", lambda header, claims: claims.pop("exp")),
    "no beginning": ("times_missing", lambda header, claims: claims.pop("iat")),
    "issued in the future": ("issued_in_future", lambda header, claims: claims.update(iat=int(time.time()) + 600)),
    "signed in in the future": (
        "issued_in_future",
        lambda header, claims: claims.update(auth_time=int(time.time()) + 600),
    ),
    "not yet valid": ("issued_in_future", lambda header, claims: claims.update(nbf=int(time.time()) + 600)),
    "no subject": ("subject_missing", lambda header, claims: claims.pop("sub")),
    "a subject too long": ("subject_missing", lambda header, claims: claims.update(sub="x" * 256)),
    "another access token": (
        "access_token_swapped",
        lambda header, claims: claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    ),
    "unknown kid": ("unknown_key", lambda header, claims: header.update(kid="no-such-key")),
    "a key from jku": ("key_from_token", lambda header, claims: header.update(jku="https://evil.example.org/keys")),
    "a key in the header": ("key_from_token", lambda header, claims: header.update(jwk={"kty": "RSA"})),
    "a key from x5u": ("key_from_token", lambda header, claims: header.update(x5u="https://evil.example.org/cert")),
    "an algorithm not allowed": ("algorithm_refused", lambda header, claims: header.update(alg="RS512")),
    "a logout token": ("wrong_kind_of_token", lambda header, claims: header.update(typ="logout+jwt")),
}


def test_an_id_token_that_says_something_wrong_is_refused(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    shown = {}
    for attack, (_, crooked.change) in CLAIMS.items():
        page = victim.get("/login/with/crooked?next=/login/account/")
        assert page.status_code == 403 and refused_for(events)[-1] in page.text, attack
        shown[attack] = refused_for(events)[-1]
        assert not victim.is_signed_in(), attack
    assert shown == {attack: reason for attack, (reason, _) in CLAIMS.items()}
    assert len(refused_for(events)) == len(CLAIMS) and model.User.by_name("wang-wu") is None


SIGNATURES = {
    "HS256 with the public key": ("algorithm_refused", "sign_with_public_key"),
    "alg none": ("algorithm_refused", "sign_not_at_all"),
    "another's key under a known kid": ("signature_wrong", "sign_with_other_key"),
}


def test_an_id_token_with_a_false_signature_is_refused(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    for attack, (reason, way) in SIGNATURES.items():
        crooked.sign = getattr(crooked, way)
        assert victim.get("/login/with/crooked").status_code == 403, attack
        assert refused_for(events)[-1] == reason and not victim.is_signed_in(), attack


def test_the_same_provider_telling_the_truth_signs_in(victim: Person, crooked: CrookedProvider) -> None:
    assert victim.get("/login/with/crooked?next=/login/account/").status_code == 200
    assert victim.is_signed_in() and crooked.exchanged[0]["code_verifier"]


def test_an_answer_without_an_id_token_is_refused(victim: Person, crooked: CrookedProvider, events: Events) -> None:
    crooked.drop_id_token = True
    victim.get("/login/with/crooked")
    assert refused_for(events) == ["id_token_missing"] and not victim.is_signed_in()


def test_a_key_that_the_provider_withdrew_is_refused(
    victim: Person, crooked: CrookedProvider, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.govdata_login.oidc import flow

    victim.get("/login/with/crooked")
    crooked.published = []
    later = time.monotonic() + 301
    monkeypatch.setattr(flow.KEYS, "_clock", lambda: later)
    Person(victim.portal).get("/login/with/crooked")
    assert refused_for(events) == ["unknown_key"]


def test_tokens_with_made_up_keys_do_not_make_the_portal_ask_without_end(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    crooked.change = lambda header, claims: header.update(kid=f"made-up-{time.monotonic_ns()}")
    for _ in range(6):
        victim.get("/login/with/crooked")
    assert refused_for(events) == ["unknown_key"] * 6 and crooked.key_fetches == 1


def _answer(victim: Person, crooked: CrookedProvider) -> str:
    """The address with code and state at which the provider sends the victim back, not yet visited."""
    stopped = victim.get("/login/with/crooked", stop_at=f"{victim.portal}/login/back/")
    return stopped.headers["Location"]


def test_a_code_and_state_used_once_are_refused_the_second_time(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    address = _answer(victim, crooked)
    victim.get(address)
    victim.get("/user/_logout")
    assert victim.get(address).status_code == 403
    assert refused_for(events) == ["state_unknown"] and len(crooked.exchanged) == 1


def test_an_answer_shown_in_another_browser_signs_nobody_in_and_leaves_the_sign_in_to_its_owner(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    address = _answer(victim, crooked)
    other = Person(victim.portal)
    assert other.get(address).status_code == 403 and not other.is_signed_in()
    assert refused_for(events) == ["state_of_other_browser"]
    victim.get(address)
    assert victim.is_signed_in()


def test_the_answer_of_one_provider_is_refused_at_the_address_of_another(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    address = _answer(victim, crooked).replace("/back/crooked", "/back/other")
    victim.get(address)
    assert refused_for(events) == ["state_of_other_provider"] and not crooked.exchanged


def test_an_answer_that_names_another_issuer_is_refused_before_the_code_is_used(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    victim.get(_answer(victim, crooked) + "&iss=https://evil.example.org")
    victim.get(_answer(victim, crooked) + "&iss=")
    assert refused_for(events) == ["answer_of_other_issuer"] * 2 and not crooked.exchanged


def test_an_answer_without_issuer_is_refused_where_the_provider_says_that_it_names_it(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    crooked.metadata = {"authorization_response_iss_parameter_supported": True}
    victim.get("/login/with/crooked")
    assert refused_for(events) == ["answer_of_other_issuer"] and not crooked.exchanged


def test_an_answer_that_nobody_asked_for_is_refused(victim: Person, events: Events) -> None:
    assert victim.get("/login/back/crooked?code=x").status_code == 403
    assert victim.get("/login/back/crooked?code=x&state=made-up").status_code == 403
    assert refused_for(events) == ["state_missing", "state_unknown"]


def test_a_refusal_at_the_provider_and_a_missing_code_are_told(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    without = _answer(victim, crooked).replace("code=", "no=")
    victim.get(without)
    victim.get(_answer(victim, crooked) + "&error=access_denied")
    assert refused_for(events) == ["code_missing", "provider_error"]


NEXT = [
    "https://evil.example.org/",
    "//evil.example.org/",
    "/\\evil.example.org",
    "\\\\evil.example.org",
    "/%09/evil.example.org",
    "/%0a/evil.example.org",
    "%20//evil.example.org",
    "http:evil.example.org",
    "javascript:alert(1)",
    "///evil.example.org",
    "/%5cevil.example.org",
]


def test_a_sign_in_never_leads_away_from_the_portal(victim: Person) -> None:
    for following in NEXT:
        stopped = victim.get(f"/login/with/crooked?next={following}", stop_at=f"{victim.portal}/login/back/")
        answer = victim.http.get(stopped.headers["Location"], allow_redirects=False)
        assert answer.status_code == 302, following
        place = requests.compat.urljoin(victim.portal, answer.headers["Location"])
        assert place.startswith(f"{victim.portal}/") and "evil" not in place, following


def test_a_session_key_planted_before_the_sign_in_is_worth_nothing_after_it(
    victim: Person, crooked: CrookedProvider
) -> None:
    victim.get("/login/with/crooked", stop_at=crooked.issuer)
    planted = dict(victim.http.cookies)
    victim.get("/login/with/crooked")
    assert victim.is_signed_in() and victim.http.cookies["ckan"] != planted["ckan"]
    attacker = Person(victim.portal)
    attacker.http.cookies.update(planted)
    assert not attacker.is_signed_in()


def test_a_logout_token_of_nobody_or_with_another_signature_ends_no_session(
    victim: Person, crooked: CrookedProvider, events: Events
) -> None:
    victim.get("/login/with/crooked")
    place = f"{victim.portal}/login/back-channel/crooked"
    sign = crooked.sign
    now = int(time.time())
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    good = {
        "iss": crooked.issuer,
        "aud": "portal",
        "iat": now,
        "exp": now + 60,
        "jti": "1",
        "sub": "0001",
        "events": event,
    }
    tries: list[tuple[str, dict[str, Any], Any]] = [
        ("signature_wrong", good, crooked.sign_with_other_key),
        ("algorithm_refused", good, crooked.sign_not_at_all),
        ("logout_event_missing", {**good, "events": {}}, sign),
        ("logout_with_nonce", {**good, "nonce": "x"}, sign),
        ("logout_names_nobody", {k: v for k, v in good.items() if k != "sub"}, sign),
        ("audience_wrong", {**good, "aud": "x"}, sign),
        ("token_expired", {**good, "iat": now - 4000}, sign),
    ]
    for reason, claims, by in tries:
        token = by({"alg": "RS256", "kid": "first", "typ": "logout+jwt"}, json.dumps(claims).encode())
        answer = requests.post(place, data={"logout_token": token}, timeout=10)
        assert (answer.status_code, answer.json()["error_description"]) == (400, reason)
        assert victim.is_signed_in()
    token = sign({"alg": "RS256", "kid": "first", "typ": "logout+jwt"}, json.dumps(good).encode())
    assert requests.post(place, data={"logout_token": token}, timeout=10).status_code == 200
    assert not victim.is_signed_in()
    again = requests.post(place, data={"logout_token": token}, timeout=10)
    assert again.json()["error_description"] == "logout_token_used"


def test_a_form_sent_in_somebodys_name_needs_its_token_even_after_visitors_saw_the_view(
    person: Person, account: dict[str, Any]
) -> None:
    place = "/login/account/sessions/end-others"
    Person(person.portal).post(place)
    requests.post(person.portal + place, headers={"Authorization": "made-up"}, timeout=10)
    person.sign_in_locally("li-si", PASSWORD)
    assert person.post(place).status_code == 400, "a POST without the token of its form"
    edit = f"/user/edit/{account['name']}"
    Person(person.portal).post(edit)
    assert person.post(edit, save="", fullname="Forged").status_code == 400
    assert model.User.by_name("li-si").fullname != "Forged"


def test_nobody_is_signed_in_by_a_form_that_another_site_sends(person: Person, account: dict[str, Any]) -> None:
    answer = person.post("/user/login", login="li-si", password=PASSWORD)
    assert answer.status_code == 400 and not person.is_signed_in()


def test_somebody_elses_session_cannot_be_ended(
    person: Person, account: dict[str, Any], honest: HonestProvider
) -> None:
    other = Person(person.portal)
    other.sign_in_at("province", "zhang")
    person.sign_in_locally("li-si", PASSWORD)
    page = person.get("/login/account/")
    id = sessions_of("zhang-san")[0].id
    with pytest.raises(AssertionError):
        person.send(page, f"/sessions/{id}/end")
    assert other.is_signed_in()
