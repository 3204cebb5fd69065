"""A validation plan: CKAN's own validation of a record by a schema, with all that does not depend on the values done once.

CKAN works out for every record anew which validator runs for which key. That depends on the record's keys alone (its
shape), so a plan keeps it for each shape. Guarantee: converted data and errors are those of `navl_validate`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ckan.lib.navl.dictization_functions import (
    DataError,
    Invalid,
    StopOnError,
    _remove_blank_keys,
    flatten_dict,
    flatten_schema,
    flattened_order_key,
    get_all_key_combinations,
    make_full_schema,
    missing,
    unflatten,
)
from ckan.types import Context

Key = tuple[Any, ...]
Validator = tuple[Callable[..., Any], int]
_MOST_SHAPES = 4_000


@dataclass(frozen=True)
class _Shape:
    """What is settled by a record's keys: the steps in their order, keys to add, keys that move to extras or junk."""

    keys: tuple[Key, ...]
    steps: tuple[tuple[Key, tuple[Validator, ...]], ...]
    absent: tuple[Key, ...]
    nested: tuple[Key, ...]
    extras: tuple[tuple[Key, tuple[Key, ...]], ...]
    junk: tuple[Key, ...]
    moved: tuple[Key, ...]


class ValidationPlan:
    """Validates records by one schema. Not to be shared between threads; `swap` replaces validators by equal, faster ones."""

    def __init__(self, schema: dict[str, Any], swap: Mapping[Any, Callable[..., Any]] | None = None) -> None:
        self._schema = schema
        self._schema_keys = list(schema)
        self._swap = dict(swap or {})
        self._shapes: dict[tuple[Key, ...], _Shape] = {}

    def run(self, data: dict[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, Any]]:
        """The record converted and its errors, as `navl_validate(data, schema, context)` gives them.

        Unlike there, what validators note in the context stays in it: give each record a context of its own.
        """
        empty_lists = [key for key, value in data.items() if value == []]
        context["schema_keys"] = self._schema_keys  # pyright: ignore[reportGeneralTypeIssues]
        flat, errors = self._run_flat(flatten_dict(data, schema=self._schema), context)
        converted = unflatten(flat)
        for key in empty_lists:
            converted.setdefault(key, [])
        return converted, _without_passed(errors)

    def _run_flat(self, data: dict[Key, Any], context: Context) -> tuple[dict[Key, Any], dict[Key, list[str]]]:
        shape = self._shape(data)
        values = _augmented(data, shape)
        errors: dict[Key, list[str]] = {key: [] for key in shape.keys}
        for key, validators in shape.steps:
            _run_validators(key, validators, values, errors, context)
        return values, errors

    def _shape(self, data: dict[Key, Any]) -> _Shape:
        signature = tuple(data)
        found = self._shapes.get(signature)
        if found is None:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            found = self._shapes[signature] = self._work_out(data)
        return found

    def _work_out(self, data: dict[Key, Any]) -> _Shape:
        full = make_full_schema(data, self._schema)
        flat_schema = flatten_schema(self._schema)
        combinations = get_all_key_combinations(data, flat_schema)
        nested: list[Key] = []
        extras: dict[Key, list[Key]] = {}
        junk: list[Key] = []
        for key in data:
            if key in full:
                continue
            start = key[::2]
            if any(start == known[: len(start)] for known in flat_schema):
                nested.append(key)
            if key[:-1] in combinations:
                extras.setdefault((*key[:-1], "__extras"), []).append(key)
            else:
                junk.append(key)
        return _Shape(
            keys=tuple(full),
            steps=tuple((key, self._validators(full[key])) for key in _in_order(full)),
            absent=tuple(key for key in full if key not in data and not str(key[-1]).startswith("__")),
            nested=tuple(nested),
            extras=tuple((key, tuple(held)) for key, held in extras.items()),
            junk=tuple(junk),
            moved=tuple(key for key in data if key not in full),
        )

    def _validators(self, listed: list[Callable[..., Any]]) -> tuple[Validator, ...]:
        chosen = [self._swap.get(validator, validator) for validator in listed]
        return tuple((validator, validator.__code__.co_argcount) for validator in chosen)


def _in_order(full: Mapping[Key, Any]) -> list[Key]:
    """The keys in the order in which CKAN validates them: before, fields, extras, after (backwards), junk."""
    ordered = sorted(full, key=flattened_order_key)

    def ending(word: str) -> list[Key]:
        return [key for key in ordered if key[-1] == word]

    plain = [key for key in ordered if not str(key[-1]).startswith("__")]
    junk = [("__junk",)] if ("__junk",) in full else []
    return [*ending("__before"), *plain, *ending("__extras"), *reversed(ending("__after")), *junk]


def _augmented(data: dict[Key, Any], shape: _Shape) -> dict[Key, Any]:
    values = copy.copy(data)
    for key in shape.nested:
        if data[key] != []:
            raise DataError(f"Only lists of dicts can be placed against subschema {key}, not {type(data[key])}")
    junk = {key: values[key] for key in shape.junk}
    if junk:
        values[("__junk",)] = junk
    values.update({extras: {key[-1]: data[key] for key in held} for extras, held in shape.extras})
    # As in CKAN the moved keys go last: an `__extras` that came with the record goes with them.
    for key in shape.moved:
        values.pop(key)
    for key in shape.absent:
        if key not in values:
            values[key] = missing
    return values


def _run_validators(
    key: Key,
    validators: tuple[Validator, ...],
    values: dict[Key, Any],
    errors: dict[Key, list[str]],
    context: Context,
) -> None:
    try:
        for validator, arguments in validators:
            try:
                if arguments == 4:
                    validator(key, values, errors, context)
                elif arguments == 1:
                    values[key] = validator(values.get(key))
                else:
                    values[key] = validator(values.get(key), context)
            except Invalid as error:
                errors[key].append(error.error)
    except StopOnError:
        return


def _without_passed(errors: dict[Key, list[str]]) -> dict[str, Any]:
    """The errors of the fields that have some, nested as the record is."""
    if not any(errors.values()):
        return {}
    nested = unflatten(errors)
    waiting = [nested]
    while waiting:
        level = waiting.pop()
        for key, value in list(level.items()):
            if not value:
                level.pop(key)
            elif isinstance(value[0], dict):
                waiting.extend(value)
    return _remove_blank_keys(nested)
