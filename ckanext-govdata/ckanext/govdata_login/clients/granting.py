"""How a program comes by tokens: a person's agreement, its own name, or a refresh token. Authlib's grants, made stricter.

Authlib does not ask for PKCE of programs with a secret, allows its plain form, gives a narrower scope than was asked for
without a word, and knows no reuse of a refresh token: that is decided here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from ckan import model
from ckan.model.types import make_uuid

from .. import events, store
from ..clock import now
from . import scopes, tokens
from .model import Client, Token

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
_CODE_SECONDS = 60


def refuse(client: Client | None, reason: str) -> None:
    """Put a refused request of a program on record."""
    who = {"client": client.id, "user": client.user_id} if client is not None else {}
    events.tell("token_refused", reason=reason, **who)


class Code(dict[str, Any]):
    """An authorization code as it is kept in Redis, in the shape that Authlib reads."""

    def get_redirect_uri(self) -> str:
        return str(self["redirect_uri"])

    def get_scope(self) -> str:
        return str(self["scope"])

    @property
    def code_challenge(self) -> str:
        return str(self["challenge"])

    @property
    def code_challenge_method(self) -> str:
        return "S256"


class ByCode(grants.AuthorizationCodeGrant):
    """A person agreed in the browser. A code lives a minute and counts once; used again, its tokens end."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS)

    def save_authorization_code(self, code: str, request: Any) -> None:
        kept = {
            "client": request.client.id,
            "user": request.user.id,
            "scope": " ".join(scopes.living(request.user.id, request.scope.split())),
            "redirect_uri": request.payload.redirect_uri or request.client.get_default_redirect_uri(),
            "challenge": request.payload.data["code_challenge"],
            "family": make_uuid(),
        }
        store.keep("oauth-code", code, kept, _CODE_SECONDS)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        seen = store.peek("oauth-code", code)
        if seen is not None and seen["client"] != client.id:
            # Who shows another's code does not use it up.
            refuse(client, "code_of_other_client")
            return None
        found = store.take("oauth-code", code)
        if found is not None:
            store.keep("oauth-code-used", code, {"family": found["family"]}, 3600)
            return _with_living_scopes(client, found)
        used = store.peek("oauth-code-used", code)
        refuse(client, "code_used_again" if used else "code_unknown")
        if used:
            tokens.end("code_used_again", Token.family == used["family"])
        return None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Taken out when it was shown; nothing is left to do."""

    def authenticate_user(self, authorization_code: Code) -> model.User | None:
        user = model.User.get(authorization_code["user"])
        return user if user is not None and user.is_active else None


def _with_living_scopes(client: Client, found: dict[str, Any]) -> Code | None:
    # What was agreed to a moment ago may have ended since; tokens that name it would outlive the ending.
    living = scopes.living(found["user"], found["scope"].split())
    if not living:
        refuse(client, "scope_ended")
        return None
    return Code({**found, "scope": " ".join(living)})


class OnItsOwn(grants.ClientCredentialsGrant):
    """A program without a person: it acts under its owner's grants."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS[:3])

    def validate_requested_scope(self) -> None:
        _demand_living(self.request)


def _demand_living(request: Any) -> None:
    client: Client = request.client
    allowed = client.get_allowed_scope(request.payload.scope)
    if allowed is None:
        refuse(client, "scope_widened")
        raise InvalidScopeError()
    if not scopes.living(client.user_id, allowed.split()):
        refuse(client, "scope_ended")
        raise InvalidScopeError("What this program may read has ended.")


class Again(grants.RefreshTokenGrant):
    """A new pair for a refresh token, which is used up; shown a second time, the whole family ends."""

    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar[list[str]] = list(AUTH_METHODS)
    INCLUDE_NEW_REFRESH_TOKEN = True
    request: Any

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        row = tokens.by_refresh(refresh_token, lock=True)
        if row is None:
            refuse(self.request.client, "refresh_unknown")
            return None
        if row.client_id != self.request.client.id:
            refuse(self.request.client, "token_of_other_client")
            return None
        if row.rotated_at is not None:
            refuse(self.request.client, "refresh_used_again")
            tokens.end("refresh_used_again", Token.family == row.family)
            return None
        over = row.is_revoked() or row.refresh_until is None or row.refresh_until <= now()
        return None if over else row

    def _validate_token_scope(self, token: Token) -> None:
        try:
            super()._validate_token_scope(token)  # pyright: ignore[reportAttributeAccessIssue]
        except InvalidScopeError:
            refuse(self.request.client, "scope_widened")
            raise
        if not scopes.living(token.user_id, token.scopes):
            refuse(self.request.client, "scope_ended")
            raise InvalidGrantError("What this program may read has ended.")

    def authenticate_user(self, refresh_token: Token) -> model.User | None:
        user = model.User.get(refresh_token.user_id)
        return user if user is not None and user.is_active else None

    def revoke_old_credential(self, refresh_token: Token) -> None:
        refresh_token.rotated_at = now()
        model.Session.commit()
        tokens.end("refreshed", Token.id == refresh_token.id)


class S256Only(CodeChallenge):
    """PKCE for every program, and only by S256."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("This server needs PKCE: send 'code_challenge' with the method S256.")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        try:
            super().validate_code_verifier(grant, result)
        except (InvalidRequestError, InvalidGrantError):
            refuse(grant.request.client, "verifier_wrong")
            raise
