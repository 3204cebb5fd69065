"""A run that is killed at any moment: the next one goes on where it stopped, and each dataset is there once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit as tk

from ckanext.govdata_harvest import history
from ckanext.govdata_harvest.history import History
from ckanext.govdata_harvest.readers import ListError

from .conftest import adds_up, run, stored

PLUGINS = "govdata scheming_datasets govdata_search activity govdata_harvest"
ALL = bool(os.environ.get("GOVDATA_TEST_ALL"))
KILLS, ROWS = (100, 2_000) if ALL else (5, 60)

pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.usefixtures("portal"),
    pytest.mark.timeout(7_200),
]


@pytest.fixture
def ground(ckan_config: dict[str, Any], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    ini = tmp_path / "killed.ini"
    own = "".join(f"{key} = {ckan_config[key]}\n" for key in ("ckan.storage_path", "govdata.search.index_path"))
    own += "govdata.harvest.batch_size = 10\n"
    ini.write_text(f"[app:main]\nuse = config:{ckan_config['__file__']}\nckan.plugins = {PLUGINS}\n{own}", "utf-8")
    command = [sys.executable, str(Path(__file__).with_name("ground.py")), str(ini)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    yield process
    process.kill()
    process.wait()


def said(ground: subprocess.Popen[str], word: str) -> list[str]:
    assert ground.stdout is not None
    for line in ground.stdout:
        if line.startswith(word):
            return line.split()
    raise AssertionError(f"the process ended before it said {word}")


def start(ground: subprocess.Popen[str], path: Path) -> int:
    assert ground.stdin is not None
    ground.stdin.write(f"{path}\n")
    ground.stdin.flush()
    return int(said(ground, "started")[1])


def entries_there() -> int:
    model.Session.rollback()
    return model.Session.query(model.Package).count()


def wait_for_entries(wanted: int, child: int) -> None:
    """Until so many are there, or the run has nothing more to write."""
    until = time.monotonic() + 60
    while entries_there() < min(wanted, ROWS - 1) and Path(f"/proc/{child}").exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_killed_run_is_gone_on_with_and_each_dataset_is_there_once(
    ground: subprocess.Popen[str], listed: Callable[..., Path]
) -> None:
    from .test_plans import rows_of

    model.Session.remove()
    path = listed(rows_of(ROWS))
    chance = Random(3)
    for _ in range(KILLS):
        child = start(ground, path)
        # At some moment on the way from where the last one stopped.
        wait_for_entries(entries_there() + chance.randint(0, 2 * ROWS // KILLS), child)
        time.sleep(chance.uniform(0, 0.2))
        with contextlib.suppress(ProcessLookupError):  # it may have come to its end by itself
            os.kill(child, signal.SIGKILL)
        said(ground, "gone")
    killed = Counter(found["state"] for found in history.runs())
    assert killed["running"] + killed["failed"] > 0, "no kill met a run"
    report = run("import", path, "--create-agencies")
    adds_up(report)
    print(killed, {name: report[name] for name in ("added", "unchanged")})
    assert report["unchanged"] > 0
    assert report["added"] + report["unchanged"] == ROWS
    keys = Counter(package.extras["list_key"] for package in stored())
    assert (len(keys), max(keys.values())) == (ROWS, 1)
    titles = Counter(group.title for group in model.Session.query(model.Group).filter_by(is_organization=True))
    assert max(titles.values()) == 1
    states = Counter(found["state"] for found in history.runs())
    assert states["finished"] >= 1 and states["running"] == 0
    found = tk.get_action("package_search")({"ignore_auth": True}, {"include_private": True, "rows": 0})
    assert found["count"] == ROWS


def test_one_run_at_a_time_is_under_way_for_a_list(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("x", "utf-8")
    first = History("a-list", "somebody", path)
    with pytest.raises(ListError, match="run_under_way"):
        History("a-list", "somebody", path)
    first.failed()
    History("another-list", "somebody", path).failed()
    History("a-list", "somebody", path).failed()
    assert [found["state"] for found in history.runs("a-list")] == ["failed", "failed"]
