"""The file of providers: what stands in it, and that every fault names its provider and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_login.errors import SettingsError
from ckanext.govdata_login.oidc.provider import Secret, SecretMissing
from ckanext.govdata_login.oidc.settings import providers_of, read_providers

GOOD: dict[str, Any] = {
    "title": {"en": "Province", "zh": "全省统一认证"},
    "issuer": "https://id.example.org",
    "client_id": "portal",
    "client_secret": {"env": "PROVINCE_SECRET"},
}


def _faults(**changes: Any) -> list[tuple[str, str]]:
    entry = {**GOOD, **changes}
    with pytest.raises(SettingsError) as raised:
        providers_of({"providers": {"province": {k: v for k, v in entry.items() if v is not None}}})
    return [(fault.provider, fault.key) for fault in raised.value.faults]


def test_a_provider_needs_four_settings_and_the_rest_is_strict() -> None:
    provider = providers_of({"providers": {"province": GOOD}})["province"]
    assert (provider.protocol, provider.trusted, provider.scopes) == ("oidc", True, ("openid",))
    assert provider.title("zh_Hans_CN") == "全省统一认证" and provider.title("fr") == "Province"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"issuer": None}, "issuer"),
        ({"issuer": "http://id.example.org"}, "issuer"),
        ({"issuer": "http://id.example.org", "http_allowed": True}, "issuer"),
        ({"issuer": "https://user:word@id.example.org"}, "issuer"),
        ({"client_id": None}, "client_id"),
        ({"client_secret": None}, "client_secret"),
        ({"client_secret": "in-the-open"}, "client_secret"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"scopes": ["profile"]}, "scopes"),
        ({"clock_skew": 3600}, "clock_skew"),
        ({"max_age": "soon"}, "max_age"),
        ({"protocol": "saml"}, "protocol"),
        ({"protocol": "oauth2"}, "endpoints"),
        ({"endpoints": {"authorization": "https://a.example.org"}}, "endpoints.token"),
        ({"claims": {"party": {"form": "x"}}}, "claims.party.form"),
        ({"claims": {"party": {"from": "x", "check": "guess"}}}, "claims.party.check"),
        ({"claims": {"party": {"from": "x", "pattern": "("}}}, "claims.party.pattern"),
        ({"claims": {"memberships": [{"organization": "x"}]}}, "claims.memberships"),
        ({"clientid": "x"}, "clientid"),
    ],
)
def test_a_fault_names_provider_and_key(changes: dict[str, Any], key: str) -> None:
    assert ("province", key) in _faults(**changes)


def test_all_faults_are_told_at_once_and_a_slip_of_the_pen_gets_a_hint() -> None:
    with pytest.raises(SettingsError) as raised:
        providers_of({"providers": {"A!": {**GOOD, "isuer": "x"}, "b": "text"}})
    text = str(raised.value)
    assert "did you mean 'issuer'" in text and "provider 'A!'" in text and "provider 'b'" in text


def test_two_providers_cannot_share_an_issuer() -> None:
    with pytest.raises(SettingsError, match="is the issuer of 'a' too"):
        providers_of({"providers": {"a": GOOD, "b": GOOD}})


def test_an_oauth_service_without_id_token_is_never_trusted() -> None:
    places = {name: f"https://id.example.org/{name}" for name in ("authorization", "token", "userinfo")}
    entry = {**GOOD, "protocol": "oauth2", "endpoints": places}
    assert providers_of({"providers": {"app": entry}})["app"].trusted is False
    with pytest.raises(SettingsError, match="trusted"):
        providers_of({"providers": {"app": {**entry, "trusted": True}}})


def test_a_missing_or_broken_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_providers(tmp_path / "none.yaml")
    (tmp_path / "broken").write_text("providers: [")
    with pytest.raises(SettingsError, match="neither YAML nor JSON"):
        read_providers(tmp_path / "broken")


def test_a_secret_is_read_when_needed_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "secret"
    place.write_text("very-secret\n")
    secret = Secret(file=str(place))
    provider = providers_of({"providers": {"p": {**GOOD, "client_secret": {"file": str(place)}}}})["p"]
    assert secret.reveal() == "very-secret" and "very-secret" not in repr(provider)
    monkeypatch.setenv("PROVINCE_SECRET", "other")
    assert Secret(env="PROVINCE_SECRET").reveal() == "other"
    with pytest.raises(SecretMissing, match="NOT_SET"):
        Secret(env="NOT_SET").reveal()
