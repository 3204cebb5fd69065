"""Reads the file of providers and says everything that is wrong in it, by provider and key. Pure but for reading the file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ..addresses import is_secure
from ..errors import Fault, SettingsError
from ..mapping import faults_of_mapping
from .provider import ALGORITHMS, CLIENT_AUTH, Endpoints, Profile, Provider, Secret

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}\Z")
_ENDPOINTS = ("authorization", "token", "jwks", "userinfo", "end_session")
_SKEW_MOST = 300


def read_providers(path: Path) -> dict[str, Provider]:
    """The providers of a YAML or JSON file by key, in the file's order.

    Raises:
        SettingsError: with every fault of the file.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([Fault("", "", f"{path} cannot be read ({error.strerror})")]) from None
    except yaml.YAMLError as error:
        raise SettingsError([Fault("", "", f"{path} is neither YAML nor JSON: {error}")]) from None
    return providers_of(given)


def providers_of(given: Any) -> dict[str, Provider]:
    """The providers of a file already parsed.

    Raises:
        SettingsError: with every fault of the file.
    """
    entries = given.get("providers") if isinstance(given, dict) else None
    if not isinstance(entries, dict):
        raise SettingsError([Fault("", "providers", "must hold one block for each provider, named by its key")])
    faults: list[Fault] = []
    found = {str(key): _provider(str(key), entry, faults) for key, entry in entries.items()}
    _refuse_twins(found, faults)
    if faults:
        raise SettingsError(faults)
    return {key: provider for key, provider in found.items() if provider is not None}


def _refuse_twins(found: Mapping[str, Provider | None], faults: list[Fault]) -> None:
    # Accounts are bound by issuer and subject: two providers of one issuer would share accounts without saying so.
    seen: dict[str, str] = {}
    for key, provider in found.items():
        if provider is None:
            continue
        other = seen.setdefault(provider.issuer, key)
        if other != key:
            faults.append(Fault(key, "issuer", f"is the issuer of {other!r} too; each provider needs its own"))


def _provider(key: str, entry: Any, faults: list[Fault]) -> Provider | None:
    if not _KEY.match(key):
        faults.append(Fault(key, "", "the key takes small letters, digits, - and _, and begins with a letter"))
    if not isinstance(entry, dict):
        faults.append(Fault(key, "", "must be a block of settings"))
        return None
    before = len(faults)
    reader = _Reader(key, entry, faults)
    provider = _read(reader)
    reader.finish()
    return provider if len(faults) == before else None


def _read(reader: _Reader) -> Provider:
    protocol = reader.choice("protocol", ("oidc", "oauth2"), "oidc")
    http_allowed = reader.flag("http_allowed", False)
    oidc = protocol == "oidc"
    provider = Provider(
        key=reader.key,
        titles=reader.titles(),
        client_id=reader.text("client_id", needed=True),
        protocol=protocol,
        issuer=reader.address("issuer", http_allowed, needed=True),
        client_secret=reader.secret(),
        client_auth=reader.choice("client_auth", CLIENT_AUTH, CLIENT_AUTH[0]),
        scopes=reader.texts("scopes", ("openid",) if oidc else ()),
        algorithms=reader.algorithms(),
        endpoints=reader.endpoints(http_allowed),
        profile=reader.profile() if not oidc else None,
        http_allowed=http_allowed,
        clock_skew=reader.number("clock_skew", 60, most=_SKEW_MOST),
        keys_fresh_seconds=reader.number("keys_fresh_seconds", 300, most=86400),
        max_age=reader.number("max_age", 0) or None,
        acr_values=reader.texts("acr_values", ()),
        step_up_acr_values=reader.texts("step_up_acr_values", ()),
        userinfo=reader.flag("userinfo", not oidc),
        create_accounts=reader.flag("create_accounts", True),
        trusted=reader.flag("trusted", oidc),
        sign_in_again_days=reader.number("sign_in_again_days", 0),
        claims=reader.mapping(),
    )
    _check_whole(provider, reader)
    return provider


def _check_whole(provider: Provider, reader: _Reader) -> None:
    if provider.client_auth != "none" and not provider.client_secret:
        reader.fault("client_secret", "is missing; name a file or an environment variable, or set client_auth to none")
    if provider.is_oidc and "openid" not in provider.scopes:
        reader.fault("scopes", "must name openid, or the service answers without an ID token")
    if not provider.is_oidc and (provider.endpoints is None or not provider.endpoints.userinfo):
        reader.fault("endpoints", "must give authorization, token and userinfo: an OAuth 2 service has no discovery")
    if not provider.is_oidc and provider.trusted:
        reader.fault("trusted", "cannot be true without an ID token; officers of this service use a second factor here")


class _Reader:
    """Takes settings out of one provider's block, remembering which were known and what was wrong."""

    def __init__(self, key: str, entry: Mapping[str, Any], faults: list[Fault]) -> None:
        self.key, self._entry, self._faults = key, entry, faults
        self._known: set[str] = set()

    def fault(self, name: str, problem: str) -> None:
        self._faults.append(Fault(self.key, name, problem))

    def _take(self, name: str, good: Callable[[Any], bool], wanted: str, default: Any) -> Any:
        self._known.add(name)
        value = self._entry.get(name)
        if value is None:
            return default
        if good(value):
            return value
        self.fault(name, f"must be {wanted}")
        return default

    def text(self, name: str, needed: bool = False) -> str:
        value = self._take(name, lambda found: isinstance(found, (str, int)), "a text", "")
        if needed and not value and name not in self._faulty():
            self.fault(name, "is missing")
        return str(value)

    def _faulty(self) -> set[str]:
        return {fault.key for fault in self._faults if fault.provider == self.key}

    def address(self, name: str, http_allowed: bool, needed: bool = False) -> str:
        value = self.text(name, needed)
        if value and not is_secure(value, http_allowed):
            self.fault(name, f"must be an https address, not {value!r}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        return self._take(name, lambda found: isinstance(found, bool), "true or false", default)

    def number(self, name: str, default: int, most: int = 10**9) -> int:
        def good(found: Any) -> bool:
            return isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= most

        return self._take(name, good, f"a whole number from 0 to {most}", default)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        return self._take(name, lambda found: found in choices, f"one of {', '.join(choices)}", default)

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        def good(found: Any) -> bool:
            return isinstance(found, list) and all(isinstance(one, str) and one for one in found)

        return tuple(self._take(name, good, "a list of texts", default))

    def titles(self) -> Mapping[str, str]:
        value = self._take(
            "title", lambda found: isinstance(found, (str, dict)) and bool(found), "a text, or one a language", ""
        )
        return value if isinstance(value, dict) else {"": value or self.key}

    def algorithms(self) -> frozenset[str]:
        named = self.texts("algorithms", tuple(Provider.algorithms))
        for name in sorted(set(named) - ALGORITHMS):
            self.fault("algorithms", f"{name!r} is not allowed; choose from {', '.join(sorted(ALGORITHMS))}")
        return frozenset(named)

    def secret(self) -> Secret:
        self._known.add("client_secret")
        value = self._entry.get("client_secret")
        if value is None:
            return Secret()
        if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("file", "env"):
            return Secret(**{name: str(place) for name, place in value.items()})
        self.fault(
            "client_secret", "must be {file: PATH} or {env: NAME}; the secret itself does not belong in this file"
        )
        return Secret()

    def endpoints(self, http_allowed: bool) -> Endpoints | None:
        value = self._take("endpoints", lambda found: isinstance(found, dict), "a block of addresses", None)
        if value is None:
            return None
        for name, address in value.items():
            if name not in _ENDPOINTS:
                self.fault(f"endpoints.{name}", f"is not known; known are {', '.join(_ENDPOINTS)}")
            elif not is_secure(str(address), http_allowed):
                self.fault(f"endpoints.{name}", f"must be an https address, not {address!r}")
        for name in ("authorization", "token"):
            if not value.get(name):
                self.fault(f"endpoints.{name}", "is missing")
        given: dict[str, Any] = {name: str(value.get(name) or "") for name in _ENDPOINTS}
        return Endpoints(issuer=str(self._entry.get("issuer") or ""), **given)

    def profile(self) -> Profile:
        value = self._take("profile", lambda found: isinstance(found, dict), "a block of field names", {})
        known = Profile.__dataclass_fields__
        for name in value:
            if name not in known:
                self.fault(f"profile.{name}", f"is not known; known are {', '.join(known)}")
        given = {name: found for name, found in value.items() if name in known}
        if "error_good" in given:
            given["error_good"] = tuple(str(code) for code in given["error_good"])
        return Profile(**given)

    def mapping(self) -> Mapping[str, Any]:
        value = self._take("claims", lambda found: isinstance(found, dict), "a block of facts", {})
        for name, problem in faults_of_mapping(value):
            self.fault(f"claims.{name}", problem)
        return value

    def finish(self) -> None:
        self._known.add("profile")
        for name in self._entry:
            if name not in self._known:
                near = difflib.get_close_matches(str(name), self._known, n=1)
                self.fault(str(name), f"is not known{f'; did you mean {near[0]!r}?' if near else ''}")
