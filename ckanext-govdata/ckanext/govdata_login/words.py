"""What a person reads when a sign-in is refused: what happened, and what to do. The reasons are those of `errors.Refused`."""

from __future__ import annotations

from collections.abc import Mapping

from ckan.plugins import toolkit as tk


def _(text: str) -> str:
    return text


_AGAIN = _("Please start again from the sign-in page; your old link may be out of date.")
_PROVIDER = _(
    "The identity service sent an answer that cannot be trusted. Try again; if it stays so, tell the administrator."
)
_STATE = _(
    "This sign-in was not started in this browser, or was finished already. Please start again from the sign-in page."
)

REFUSALS: Mapping[str, str] = {
    "state_missing": _STATE,
    "state_unknown": _STATE,
    "state_of_other_browser": _STATE,
    "state_of_other_provider": _PROVIDER,
    "answer_of_other_issuer": _PROVIDER,
    "code_missing": _AGAIN,
    "code_refused": _AGAIN,
    "provider_error": _("The identity service did not sign you in. You may have stopped there; you can try again."),
    "id_token_missing": _PROVIDER,
    "token_malformed": _PROVIDER,
    "algorithm_refused": _PROVIDER,
    "key_from_token": _PROVIDER,
    "unknown_key": _PROVIDER,
    "wrong_kind_of_token": _PROVIDER,
    "signature_wrong": _PROVIDER,
    "issuer_wrong": _PROVIDER,
    "audience_wrong": _PROVIDER,
    "party_wrong": _PROVIDER,
    "times_missing": _PROVIDER,
    "token_expired": _AGAIN,
    "issued_in_future": _PROVIDER,
    "subject_missing": _PROVIDER,
    "subject_changed": _PROVIDER,
    "nonce_wrong": _PROVIDER,
    "access_token_swapped": _PROVIDER,
    "signed_in_too_long_ago": _("You have to confirm at the identity service that it is you, once more."),
    "too_weak": _("This needs a stronger way of signing in at the identity service, such as a certificate or a code."),
    "no_account": _(
        "No account here belongs to this identity. Sign in to your account first, then link the identity there."
    ),
    "mail_taken": _(
        "An account with this mail address exists already. Sign in to it as you used to, then link the identity there."
    ),
    "account_closed": _("The account of this identity is closed. Ask the administrator."),
    "identity_taken": _("This identity is linked to another account already."),
    "link_needs_sign_in": _("Sign in to your account first; only then an identity can be linked to it."),
    "other_identity": _("You confirmed with another identity than the one that you signed in with."),
}


def refusal(reason: str) -> str:
    """The sentence of a reason in the reader's language."""
    return str(tk._(REFUSALS.get(reason, _PROVIDER)))


WEAKNESSES: Mapping[str, str] = {
    "no_tls": _("The portal's address is not https: passwords and sessions travel in the open. Set up TLS."),
    "cookie_not_secure": _("Browsers would send the session cookie without TLS too. Set it to true."),
    "session_in_cookie": _("What a session holds lies in the browser's cookie. Set it to redis."),
    "secret_short": _("It is shorter than 32 characters: sessions and tokens could be forged. Make a longer one."),
    "forms_unprotected": _("Forms are not protected against other sites. Set it to true."),
    "debug_on": _("Error pages show the inside of the portal, and run code. Set it to false."),
    "accounts_public": _("Visitors can list names and details of accounts. Set it to false."),
    "seal_shared": _(
        "Second factors are sealed by SECRET_KEY: changing that would lock people out. Give a key of its own."
    ),
    "tokens_endless": _(
        "So many API tokens are from before this plugin and never end. Have new ones made in their place."
    ),
    "registration_tells": _(
        "CKAN's own page of registering tells who has an account. Set govdata.login.registration, or this to false."
    ),
    "proxy_unknown": _(
        "Requests come through a proxy that is not believed: all visitors share its limits. Say how many."
    ),
    "provider_without_tls": _("This identity service is asked without TLS. Use https."),
    "provider_without_term": _(
        "Who lost their post at this service keeps it here until they sign in. Set sign_in_again_days."
    ),
    "factor_not_demanded": _("Nobody has to use a second factor. Demand it at least of administrators."),
    "identities_orphaned": _(
        "So many accounts keep what a service gave them that is no longer set up here. Nothing takes it back: look through them."
    ),
    "sysadmins_without_factor": _("So many administrators have no second factor. Ask them to add one."),
}


def weakness(reason: str) -> str:
    """The sentence of a weak point in the reader's language."""
    return str(tk._(WEAKNESSES[reason]))
