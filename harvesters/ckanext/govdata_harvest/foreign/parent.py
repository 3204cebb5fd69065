"""The parent of a foreign harvester: it lends the guarded door, and takes the datasets that the harvester tells."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from ..kinds.protocol import KindError, Visit
from ..readers import ListError

_MOST_SECONDS = 3_600


@dataclass(frozen=True)
class Told:
    """A dataset as a harvester would write it, by the identity that it has at its source; or why there is none."""

    guid: str
    dataset: Mapping[str, Any] | None
    error: str = ""


def datasets(visit: Visit, plugin: str, address: str, config: str) -> Iterator[Told]:
    """Run a harvester. Raises KindError where it fails as a whole (`harvester_failed`), DoorError as the door does."""
    with _Child() as child:
        child.say({"plugin": plugin, "address": address, "config": config})
        for said in child.lines():
            if "fetch" in said:
                child.say(_fetched(visit, said))
            elif "guid" in said:
                child.say({})
                yield Told(said["guid"], said["dataset"], said["error"])
            else:
                if "failed" in said["end"]:
                    raise KindError("harvester_failed", str(said["end"]["failed"]), passing=True)
                return
    raise KindError("harvester_failed", plugin)


def _fetched(visit: Visit, said: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = visit.fetch(str(said["fetch"]), {**said["headers"], **visit.secrets})
    except ListError as error:
        status = error.detail.rpartition(": ")[2] if error.cause == "source_answers" else ""
        return {"status": int(status)} if status.isdigit() else {"failed": str(error)}
    return {"status": 200, "path": str(found.path)}


class _Child:
    """The process, killed when it is no longer needed or takes too long."""

    def __enter__(self) -> _Child:
        command = [sys.executable, "-m", "ckanext.govdata_harvest.foreign.child"]
        # The portal's own settings, with its passwords, are none of a harvester's business.
        variables = {
            name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ
        }
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, env=variables, text=True, **pipes)
        self._into, self._out = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        self._watch = threading.Timer(_MOST_SECONDS, self._process.kill)
        self._watch.daemon = True
        self._watch.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._watch.cancel()
        self._process.kill()
        self._into.close()
        self._out.close()
        self._process.wait()

    def say(self, words: Mapping[str, Any]) -> None:
        try:
            self._into.write(json.dumps(words) + "\n")
            self._into.flush()
        except BrokenPipeError:
            raise KindError("harvester_failed", "its process has ended") from None

    def lines(self) -> Iterator[dict[str, Any]]:
        for line in self._out:
            yield json.loads(line)
