"""The second factors of an account: added, shown, checked, taken away."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from ckan import authz, model
from ckan.plugins import toolkit as tk

from .. import config, events, store
from ..clock import now
from ..interfaces import needs_second_factor
from ..model import Factor
from . import codes, sealing

TOTP, PASSKEY, RECOVERY = "totp", "passkey", "recovery"
KINDS = (TOTP, PASSKEY, RECOVERY)
_MOST_WRONG = 10
_WRONG_SECONDS = 300


def of(user_id: str, kind: str | None = None) -> list[Factor]:
    """An account's confirmed factors, in the order of adding."""
    query = sa.select(Factor).where(Factor.user_id == user_id, Factor.confirmed)
    if kind:
        query = query.where(Factor.kind == kind)
    return list(model.Session.execute(query.order_by(Factor.created_at)).scalars())


def enrolled(user_id: str) -> bool:
    """Whether an account has an app or a passkey; recovery codes alone are none."""
    return any(one.kind in (TOTP, PASSKEY) for one in of(user_id))


def needed(user: model.User) -> bool:
    """Whether this person may go on only with a second factor: they have one, a setting or a plugin demands it."""
    return enrolled(user.id) or demanded(user)


def demanded(user: model.User) -> bool:
    """Whether a setting or a plugin demands a second factor of this person."""
    whom = config.second_factor_for()
    if whom == "everyone" or (whom != "nobody" and user.sysadmin):
        return True
    if whom == "editors" and authz.has_user_permission_for_some_org(user.name, "create_dataset"):
        return True
    return needs_second_factor(user)


def begin_totp(user: model.User) -> Factor:
    """A new authenticator app, not counting until its first code was right; an older unfinished one is dropped."""
    query = sa.delete(Factor).where(Factor.user_id == user.id, Factor.kind == TOTP, sa.not_(Factor.confirmed))
    model.Session.execute(query)
    return _add(user.id, TOTP, sealing.seal(codes.new_secret()), confirmed=False)


def unfinished_totp(user_id: str) -> Factor | None:
    """The app that waits for its first code."""
    query = sa.select(Factor).where(Factor.user_id == user_id, Factor.kind == TOTP, sa.not_(Factor.confirmed))
    return model.Session.execute(query).scalars().first()


def finish_totp(user_id: str, code: str) -> bool:
    """Confirm the waiting app by its first code."""
    factor = unfinished_totp(user_id)
    if factor is None or not _within_limit(f"{user_id} new"):
        return False
    step = codes.step_of(sealing.unseal(factor.secret), code, factor.counter, time.time())
    if step is None:
        return False
    factor.confirmed, factor.counter, factor.used_at = True, step, now()
    model.Session.commit()
    events.tell("factor_added", user=user_id, kind=TOTP)
    return True


def add_passkey(user_id: str, title: str, reference: str, public_key: str, counter: int) -> Factor:
    """Keep a passkey that was checked."""
    factor = _add(user_id, PASSKEY, public_key, title=title, reference=reference, counter=counter)
    events.tell("factor_added", user=user_id, kind=PASSKEY)
    return factor


def _add(user_id: str, kind: str, secret: str, confirmed: bool = True, **more: Any) -> Factor:
    factor = Factor(user_id=user_id, kind=kind, secret=secret, confirmed=confirmed, created_at=now(), **more)
    model.Session.add(factor)
    model.Session.commit()
    return factor


def make_recovery_codes(user_id: str) -> list[str]:
    """Ten new codes, to be shown once; those made before count no more."""
    model.Session.execute(sa.delete(Factor).where(Factor.user_id == user_id, Factor.kind == RECOVERY))
    made = codes.new_recovery_codes()
    for code in made:
        _add(user_id, RECOVERY, sealing.mark(user_id + codes.plain(code)))
    events.tell("factor_added", user=user_id, kind=RECOVERY)
    return made


def remove(user_id: str, id: str) -> bool:
    """Take a factor off an account; with the last app or passkey its recovery codes go too."""
    gone = model.Session.execute(sa.delete(Factor).where(Factor.user_id == user_id, Factor.id == id)).rowcount  # type: ignore[attr-defined]
    model.Session.commit()
    if not gone:
        return False
    if not enrolled(user_id):
        model.Session.execute(sa.delete(Factor).where(Factor.user_id == user_id))
        model.Session.commit()
    events.tell("factor_removed", user=user_id)
    return True


def check_code(user_id: str, code: str, place: str = "") -> str:
    """Which kind of factor a typed code proves; empty when it proves none or too many were wrong lately.

    Ten wrong codes in five minutes are the most that an account takes; each right one counts once. Where no password
    was right before, the wrong ones count by `place` too, so that a stranger cannot use up the owner's.
    """
    if not code or not _within_limit(f"{user_id} {place}"):
        return ""
    kind = RECOVERY if codes.looks_like_recovery(code) else TOTP
    if (_use_recovery if kind == RECOVERY else _use_totp)(user_id, code):
        store.forget("factor-wrong", f"{user_id} {place}")
        return kind
    events.tell("factor_refused", user=user_id, kind=kind)
    return ""


def _within_limit(key: str) -> bool:
    return store.count("factor-wrong", key, _WRONG_SECONDS) <= _MOST_WRONG


def _use_totp(user_id: str, code: str) -> bool:
    for factor in of(user_id, TOTP):
        step = codes.step_of(sealing.unseal(factor.secret), code, factor.counter, time.time())
        if step is not None and _advance(factor.id, step):
            return True
    return False


def _advance(id: str, counter: int) -> bool:
    # One statement decides: of two requests with the same code, the second finds the counter moved.
    query = sa.update(Factor).where(Factor.id == id, Factor.counter < counter).values(counter=counter, used_at=now())
    moved = model.Session.execute(query).rowcount  # type: ignore[attr-defined]
    model.Session.commit()
    return bool(moved)


def _use_recovery(user_id: str, code: str) -> bool:
    mark = sealing.mark(user_id + codes.plain(code))
    query = sa.delete(Factor).where(Factor.user_id == user_id, Factor.kind == RECOVERY, Factor.secret == mark)
    used = model.Session.execute(query).rowcount  # type: ignore[attr-defined]
    model.Session.commit()
    return bool(used)


def passkey_used(factor: Factor, counter: int) -> None:
    """Note a passkey's own count after it was checked."""
    factor.counter, factor.used_at = counter, now()
    model.Session.commit()


def site() -> str:
    """What the app shows as the name of this portal."""
    return str(tk.config.get("ckan.site_title") or tk.config["ckan.site_id"])
