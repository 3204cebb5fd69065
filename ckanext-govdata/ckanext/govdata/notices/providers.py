"""How short messages leave the portal: a provider by name, ours for tests and drills, others by entry point."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from .. import config

GROUP = "ckanext.govdata.sms"


class SmsError(Exception):
    """A provider did not take a message, or did not say so; it is tried again. `str()` goes into the log, never a number."""


class SmsProvider(Protocol):
    """Sends short messages. An entry point of the group `ckanext.govdata.sms` names a class without arguments."""

    def send(self, number: str, text: str, reference: str) -> None:
        """Hand a message over. Raises SmsError unless it was taken.

        `reference` is the same at each try: a provider that can should pass it on, so that nobody gets a message twice.
        """
        ...


class FileProvider:
    """Writes messages into a file, a line of JSON each: for tests, drills and portals without a contract yet."""

    def send(self, number: str, text: str, reference: str) -> None:
        path = config.sms_file()
        if path is None:
            raise SmsError("govdata.notices.sms_file is not set.")
        line = json.dumps({"number": number, "text": text, "reference": reference}, ensure_ascii=False)
        try:
            _append(path, line + "\n")
        except OSError as error:
            raise SmsError(str(error)) from error


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line)


def provider(name: str) -> SmsProvider | None:
    """The provider of this name; None where nobody has installed one."""
    if name == "file":
        return FileProvider()
    for point in entry_points(group=GROUP, name=name):
        return point.load()()
    return None
