"""The OAuth 2 server, by Authlib: its endpoints, how programs prove themselves, and what it says about itself.

Authlib takes any algorithm in a program's assertion: which are good is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc9207 import IssuerParameter
from ckan import model
from ckan.model.types import make_uuid
from ckan.plugins import toolkit as tk
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from .. import config, events, store
from ..clock import now
from . import registering, tokens
from .granting import AUTH_METHODS, Again, ByCode, Code, OnItsOwn, S256Only
from .model import Client, Token

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_ASSERTION_SECONDS = 3600


def issuer() -> str:
    """The server's name in metadata and answers: the portal's address."""
    return str(tk.config["ckan.site_url"]).rstrip("/")


def address(endpoint: str) -> str:
    """The address of one of the server's endpoints."""
    return tk.url_for(f"govdata_login_oauth.{endpoint}", qualified=True, locale="default")


class ByAssertion(JWTBearerClientAssertion):
    """A program that signs with a key of its own (RFC 7523); each assertion counts once, and only here."""

    CLIENT_AUTH_METHOD = "private_key_jwt"  # pyright: ignore[reportGeneralTypeIssues]

    def get_audiences(self) -> list[str]:
        return [issuer(), address("token")]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        if client.method != "private_key_jwt":
            raise InvalidClientError(description="This program does not sign.")
        return KeySet.import_key_set(client.keys)  # type: ignore[arg-type]

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> dict[str, Any]:
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError) as error:
            raise InvalidClientError(description="The assertion's signature is not right.") from error
        self.verify_claims(token.claims)  # type: ignore[arg-type]
        return token.claims

    def validate_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
        far = float(claims["exp"]) - now().timestamp()
        return far <= _ASSERTION_SECONDS and store.once(
            "oauth-assertion", f"{claims['sub']} {jti}", _ASSERTION_SECONDS + 120
        )


def _either(token: str, hint: str | None) -> Token | None:
    order = (tokens.by_refresh, tokens.by_access) if hint == "refresh_token" else (tokens.by_access, tokens.by_refresh)
    return order[0](token) or order[1](token)


class Revocation(RevocationEndpoint):
    """RFC 7009: ends the token with all that came from the same agreement."""

    CLIENT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS)

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        return _either(token_string, token_type_hint)

    def revoke_token(self, token: Token, request: Any) -> None:
        tokens.end("revoked", Token.family == token.family)


class Introspection(IntrospectionEndpoint):
    """RFC 7662: a program asks of its own tokens; another's does not exist for it."""

    CLIENT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS[:3])

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        found = tokens.by_access(token_string)
        return found if found is not None and tokens.lives(found) else None

    def check_permission(self, token: Token, client: Client, request: Any) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        return {
            "active": True,
            "client_id": token.client_id,
            "token_type": "Bearer",
            "scope": token.get_scope(),
            "sub": token.user_id,
            "iss": issuer(),
            "iat": int(token.created_at.timestamp()),
            "exp": int(token.expires_at.timestamp()),
        }


class Named(IssuerParameter):
    """RFC 9207: the answer says which server it is from."""

    def get_issuer(self) -> str:
        return issuer()


def _save(given: Mapping[str, Any], request: Any) -> None:
    user_id = request.user.id if request.user else request.client.user_id
    before = getattr(request, "refresh_token", None) or getattr(request, "authorization_code", None)
    family = (before["family"] if isinstance(before, Code) else before.family) if before else make_uuid()
    row = tokens.give(request.client, user_id, given, family)
    model.Session.commit()
    events.tell("token_given", user=user_id, client=row.client_id, token=row.id, scopes=list(row.scopes))


def _generator() -> BearerTokenGenerator:
    return BearerTokenGenerator(
        access_token_generator=lambda **_more: tokens.new(tokens.ACCESS),
        refresh_token_generator=lambda **_more: tokens.new(tokens.REFRESH),
        expires_generator=lambda *_more: int(config.access_token_age().total_seconds()),
    )


def build() -> AuthorizationServer:
    """The server with all that it speaks."""
    made = AuthorizationServer(query_client=registering.living, save_token=_save)
    made.register_token_generator("default", _generator())
    made.register_grant(ByCode, [S256Only(required=True)])
    made.register_grant(OnItsOwn)
    made.register_grant(Again)
    made.register_client_auth_method("private_key_jwt", ByAssertion())  # pyright: ignore[reportCallIssue]
    made.register_endpoint(Revocation)
    made.register_endpoint(Introspection)
    made.register_extension(Named())
    return made


SERVER = build()


def metadata() -> dict[str, Any]:
    """What RFC 8414 says about this server."""
    methods = list(AUTH_METHODS)
    return {
        "issuer": issuer(),
        "authorization_endpoint": address("authorize"),
        "token_endpoint": address("token"),
        "revocation_endpoint": address("revoke"),
        "introspection_endpoint": address("introspect"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": methods[:3],
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "service_documentation": tk.url_for("govdata_login_developer.index", qualified=True, locale="default"),
    }
