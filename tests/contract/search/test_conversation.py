"""How the cluster is talked to: every process and thread gets its own answers, nobody waits for ever, and no key is told."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing.connection import Connection

import pytest
from elastic_transport import ConnectionTimeout
from elasticsearch import Elasticsearch, NotFoundError

from ckanext.govdata_search.config import ElasticsearchSettings
from ckanext.govdata_search.engines import elasticsearch_node
from ckanext.govdata_search.engines.elasticsearch_client import connect

_WAITING = """
import signal, sys
from ckanext.govdata_search.config import ElasticsearchSettings
from ckanext.govdata_search.engines.elasticsearch_client import connect
client = connect(ElasticsearchSettings(urls=(sys.argv[1],), index="any", timeout=60))
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs this in the background may have it ignored
print("asking", flush=True)
client.info()
"""


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    with connect(ElasticsearchSettings(urls=(elasticsearch,), index="any")) as client:
        yield client


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes what comes and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def busy() -> Iterator[str]:
    """The address of a server at which more wait to be taken up than it lets wait; what else comes it does not hear."""
    with ExitStack() as held:
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def echoed(client: Elasticsearch, word: str) -> str:
    """A word as the cluster gives it back, for what it is asked for is named in its answer."""
    with pytest.raises(NotFoundError) as missing:
        client.indices.get(index=word)
    return str(missing.value.info["error"]["index"])


def wrong_answers(client: Elasticsearch, who: str, times: int = 300) -> list[str]:
    words = [f"{who}-{number}" for number in range(times)]
    return [word for word in words if echoed(client, word) != word]


def _in_child(client: Elasticsearch, said: Connection) -> None:
    said.send(wrong_answers(client, "child"))


def test_a_forked_process_and_its_parent_read_no_answers_of_each_other(client: Elasticsearch) -> None:
    assert echoed(client, "before") == "before"
    said, say = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_in_child, args=(client, say))
    child.start()
    assert wrong_answers(client, "parent") == []
    assert said.poll(60), "the child has not come to an end"
    assert said.recv() == []
    child.join()


def test_more_threads_than_connections_that_are_kept_each_get_their_own_answers(client: Elasticsearch) -> None:
    with ThreadPoolExecutor(24) as threads:
        wrong = threads.map(lambda number: wrong_answers(client, f"thread{number}", 20), range(24))
    assert list(wrong) == [[]] * 24


def test_after_a_long_request_a_short_one_carries_nothing_of_it(client: Elasticsearch) -> None:
    assert len(client.indices.analyze(analyzer="whitespace", text="长 " * 8_000)["tokens"]) == 8_000
    with pytest.raises(NotFoundError):
        client.indices.refresh(index="none-such")
    assert client.indices.exists(index="none-such").meta.status == 404
    assert "version" in client.info()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seconds", [0.5, 0.0004, 0.0, -1.0])
def test_a_silent_server_is_waited_for_no_longer_than_is_set(silent: str, seconds: float) -> None:
    """What is left of a time limit may be next to nothing, which is not no limit."""
    with connect(ElasticsearchSettings(urls=(silent,), index="any")) as client:
        begun = time.monotonic()
        with pytest.raises(ConnectionTimeout):
            client.options(request_timeout=seconds).info()
    assert seconds - 0.1 < time.monotonic() - begun < 10


@pytest.mark.timeout(60)
def test_a_server_that_takes_up_no_connection_is_given_up_soon(busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elasticsearch_node, "CONNECTING", 0.5)
    with connect(ElasticsearchSettings(urls=(busy,), index="any")) as client:
        begun = time.monotonic()
        with pytest.raises(ConnectionTimeout):
            client.options(request_timeout=600).info()
    assert time.monotonic() - begun < 10


def test_somebody_who_waits_for_a_silent_server_can_interrupt_it(silent: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WAITING, silent], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        assert one.stdout.readline() == b"asking\n"
        time.sleep(1)
        one.send_signal(signal.SIGINT)
        one.wait(15)
        assert b"KeyboardInterrupt" in one.stderr.read()


def test_a_key_is_in_no_log_however_much_is_logged(
    elasticsearch: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("elastic_transport", "elastic_transport.node"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
    address = elasticsearch.replace("http://", "http://portal:opensesame@")
    with (
        caplog.at_level(logging.DEBUG, "elastic_transport"),
        caplog.at_level(logging.DEBUG, "elastic_transport.node"),
        connect(ElasticsearchSettings(urls=(address,), index="any")) as client,
    ):
        client.info()
    assert "GET /" in caplog.text
    assert "opensesame" not in caplog.text
    assert "cG9ydGFsOm9wZW5zZXNhbWU" not in caplog.text
