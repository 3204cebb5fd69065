"""Shapes of the data that the actions on parties take. Shapes alone: who may do what is asked afterwards."""

from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from .blocking import Breach

Schema = dict[str, Any]
EVIDENCE = ("evidence", "evidence_2", "evidence_3")


@validator_args
def by_id(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"id": [not_empty, unicode_safe]}


@validator_args
def register(not_empty: Any, unicode_safe: Any, one_of: Any, ignore_empty: Any, ignore_missing: Any) -> Schema:
    optional = [ignore_missing, unicode_safe]
    return {
        "kind": [not_empty, unicode_safe, one_of(["person", "enterprise"])],
        "name": [not_empty, unicode_safe],
        "role": [ignore_empty, unicode_safe, one_of(["legal_representative", "member"])],
        "document": optional,
        "number": optional,
        "issuer": optional,
    }


@validator_args
def update(not_empty: Any, unicode_safe: Any, ignore_empty: Any) -> Schema:
    optional = [ignore_empty, unicode_safe]
    return {
        "id": [not_empty, unicode_safe],
        "name": optional,
        "document": optional,
        "number": optional,
        "issuer": optional,
    }


@validator_args
def page(default: Any, natural_number_validator: Any, ignore_empty: Any, unicode_safe: Any) -> Schema:
    return {
        "q": [ignore_empty, unicode_safe],
        "state": [ignore_empty, unicode_safe],
        "limit": [default(20), natural_number_validator, _at_most_100],
        "offset": [default(0), natural_number_validator],
    }


def _at_most_100(value: int) -> int:
    return min(value, 100)


@validator_args
def invite(not_empty: Any, unicode_safe: Any, default: Any) -> Schema:
    return {"id": [not_empty, unicode_safe], "note": [default(""), unicode_safe]}


@validator_args
def join(not_empty: Any, unicode_safe: Any) -> Schema:
    return {"code": [not_empty, unicode_safe]}


@validator_args
def member_update(not_empty: Any, unicode_safe: Any, default: Any, ignore_empty: Any, boolean_validator: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "manages": [ignore_empty, boolean_validator],
        "end_authorisation": [default(False), boolean_validator],
    }


@validator_args
def merge(not_empty: Any, unicode_safe: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "into": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def rename(not_empty: Any, unicode_safe: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "name": [not_empty, unicode_safe],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def ask(not_empty: Any, unicode_safe: Any, one_of: Any, default: Any, ignore_empty: Any, isodate: Any) -> Schema:
    files = {name: [ignore_empty] for name in EVIDENCE}
    return {
        "id": [not_empty, unicode_safe],
        "kind": [not_empty, unicode_safe, one_of(["identity", "representative", "authorisation"])],
        "authorised_until": [ignore_empty, isodate],
        "note": [default(""), unicode_safe],
        **files,
    }


@validator_args
def decide(not_empty: Any, unicode_safe: Any, boolean_validator: Any, not_missing: Any) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "accept": [not_missing, boolean_validator],
        "reason": [not_empty, unicode_safe],
    }


@validator_args
def propose_block(
    not_empty: Any, unicode_safe: Any, one_of: Any, isodate: Any, default: Any, boolean_validator: Any
) -> Schema:
    return {
        "id": [not_empty, unicode_safe],
        "breach": [not_empty, unicode_safe, one_of([breach.value for breach in Breach])],
        "reason": [not_empty, unicode_safe],
        "basis": [default(""), unicode_safe],
        "until": [not_empty, isodate],
        "danger": [default(False), boolean_validator],
    }


@validator_args
def words(not_empty: Any, unicode_safe: Any) -> Schema:
    """An id and what somebody says: a reply, an appeal, a reason."""
    return {"id": [not_empty, unicode_safe], "text": [not_empty, unicode_safe]}
