"""What is known of an identity service, as the file of providers says it. Pure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import LoginError

# Every one checks a signature against a public key. `none` and the HS family are left out on purpose and cannot be added.
ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
CLIENT_AUTH = ("client_secret_basic", "client_secret_post", "none")


class SecretMissing(LoginError):
    """The place where a secret should be holds none."""


@dataclass(frozen=True)
class Secret:
    """Where a secret is kept. Read when it is needed; never shown by `repr`, so never logged with its provider."""

    file: str = ""
    env: str = ""

    def reveal(self) -> str:
        """The secret itself.

        Raises:
            SecretMissing: the file is not there or is empty, or the variable is not set.
        """
        try:
            value = Path(self.file).read_text(encoding="utf-8").strip() if self.file else os.environ.get(self.env, "")
        except OSError as error:
            raise SecretMissing(f"the file {self.file} cannot be read ({error.strerror})") from None
        if not value:
            raise SecretMissing(f"{self.file or self.env} holds no secret")
        return value

    def __bool__(self) -> bool:
        return bool(self.file or self.env)


@dataclass(frozen=True)
class Endpoints:
    """The addresses of a service: from its discovery document, or written in the file where it has none."""

    authorization: str
    token: str
    issuer: str = ""
    jwks: str = ""
    userinfo: str = ""
    end_session: str = ""
    iss_in_answers: bool = False
    algorithms: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Profile:
    """How an OAuth 2 service that is no OpenID provider names its fields; the defaults are those of RFC 6749.

    `subject` is the dotted path of the lasting number of a person in the answer, `error` that of an error code.
    """

    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105 - the name of a field
    exchange_method: str = "POST"
    access_path: str = "access_token"
    userinfo_auth: str = "header"
    userinfo_parameter: str = "access_token"
    userinfo_fields: Mapping[str, str] = field(default_factory=dict)
    userinfo_root: str = ""
    subject: str = "sub"
    error: str = "error"
    error_good: tuple[str, ...] = ("", "0", "200")
    scope_separator: str = " "
    pkce: bool = True


@dataclass(frozen=True)
class Provider:
    """One identity service.

    `trusted` says that its word alone is enough for an officer's roles; a service without an ID token is never trusted
    so far, and its accounts need a second factor here. `sign_in_again_days` is the term after which an account bound to
    it has to sign in anew, or loses roles, sessions and tokens; zero sets no term.
    """

    key: str
    titles: Mapping[str, str]
    client_id: str
    protocol: str = "oidc"
    issuer: str = ""
    client_secret: Secret = field(default_factory=Secret)
    client_auth: str = "client_secret_basic"
    scopes: tuple[str, ...] = ("openid",)
    algorithms: frozenset[str] = frozenset({"RS256", "PS256", "ES256", "EdDSA"})
    endpoints: Endpoints | None = None
    profile: Profile | None = None
    http_allowed: bool = False
    clock_skew: int = 60
    keys_fresh_seconds: int = 300
    max_age: int | None = None
    acr_values: tuple[str, ...] = ()
    step_up_acr_values: tuple[str, ...] = ()
    userinfo: bool = False
    create_accounts: bool = True
    trusted: bool = True
    sign_in_again_days: int = 0
    claims: Mapping[str, Any] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """The name of the service for a reader of that language, else in the first language that the file gives."""
        short = language.split("_")[0]
        return self.titles.get(language) or self.titles.get(short) or next(iter(self.titles.values()))

    @property
    def is_oidc(self) -> bool:
        """False for a service by a profile: it proves who somebody is only as well as its own answers do."""
        return self.protocol == "oidc"
