"""Passkeys (WebAuthn): what the browser is asked for, and the check of what it answers."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import webauthn
from ckan import model
from ckan.plugins import toolkit as tk
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from .. import store
from ..model import Factor
from . import keeping

_SECONDS = 300


def _origin() -> str:
    parts = urlsplit(tk.config["ckan.site_url"])
    return f"{parts.scheme}://{parts.netloc}"


def _site() -> str:
    return str(urlsplit(tk.config["ckan.site_url"]).hostname)


def _descriptors(user_id: str) -> list[PublicKeyCredentialDescriptor]:
    kept = keeping.of(user_id, keeping.PASSKEY)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.reference or "")) for one in kept]


def registration(user: model.User, session_id: str) -> dict[str, Any]:
    """What the browser needs to make a passkey; its challenge is kept for this session, once."""
    options = webauthn.generate_registration_options(
        rp_id=_site(),
        rp_name=keeping.site(),
        user_id=user.id.encode(),
        user_name=user.name,
        exclude_credentials=_descriptors(user.id),
        authenticator_selection=AuthenticatorSelectionCriteria(user_verification=UserVerificationRequirement.PREFERRED),
    )
    store.keep("passkey-new", session_id, {"challenge": bytes_to_base64url(options.challenge)}, _SECONDS)
    return json.loads(webauthn.options_to_json(options))


def register(user: model.User, session_id: str, answer: Any, title: str) -> bool:
    """Check a new passkey and keep it; false when it does not hold or nobody asked for it."""
    kept = store.take("passkey-new", session_id)
    if kept is None or not isinstance(answer, dict):
        return False
    try:
        checked = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(kept["challenge"]),
            expected_rp_id=_site(),
            expected_origin=_origin(),
        )
    except (WebAuthnException, ValueError, KeyError):
        return False
    keeping.add_passkey(
        user.id,
        title[:100],
        bytes_to_base64url(checked.credential_id),
        bytes_to_base64url(checked.credential_public_key),
        checked.sign_count,
    )
    return True


def question(user_id: str, session_id: str) -> dict[str, Any]:
    """What the browser needs to show one of the account's passkeys."""
    options = webauthn.generate_authentication_options(rp_id=_site(), allow_credentials=_descriptors(user_id))
    store.keep("passkey-show", session_id, {"challenge": bytes_to_base64url(options.challenge)}, _SECONDS)
    return json.loads(webauthn.options_to_json(options))


def check(user_id: str, session_id: str, answer: Any) -> bool:
    """Whether the browser showed one of the account's passkeys for the question asked in this session."""
    kept = store.take("passkey-show", session_id)
    factor = _named(user_id, answer) if isinstance(answer, dict) else None
    if kept is None or factor is None:
        return False
    try:
        checked = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(kept["challenge"]),
            expected_rp_id=_site(),
            expected_origin=_origin(),
            credential_public_key=base64url_to_bytes(factor.secret),
            credential_current_sign_count=factor.counter,
        )
    except (WebAuthnException, ValueError, KeyError):
        return False
    keeping.passkey_used(factor, checked.new_sign_count)
    return True


def _named(user_id: str, answer: dict[str, Any]) -> Factor | None:
    return next((one for one in keeping.of(user_id, keeping.PASSKEY) if one.reference == answer.get("id")), None)
