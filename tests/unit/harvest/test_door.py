"""The door: which addresses it refuses, and what a source may do to it without harm."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ckanext.govdata_harvest.door import DoorError, Limits, fetch
from ckanext.govdata_harvest.door.addresses import networks, verdict

INNER = networks(["127.0.0.0/8"])
QUICK = Limits(seconds=1.0, bytes_sent=1 << 20, bytes_unpacked=1 << 22, redirects=3, tries=1, networks=INNER)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", "public"),
        ("223.5.5.5", "public"),
        ("2400:3200::1", "public"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "private"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.1", "public"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "shared"),
        ("100.127.255.255", "shared"),
        ("169.254.1.1", "link_local"),
        ("169.254.169.254", "metadata"),
        ("169.254.170.2", "metadata"),
        ("100.100.100.200", "metadata"),
        ("192.0.0.192", "metadata"),
        ("192.0.2.1", "private"),
        ("198.18.0.1", "private"),
        ("203.0.113.5", "private"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "private"),
        ("255.255.255.255", "private"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:8.8.8.8", "public"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a00:1", "private"),
        ("2002:7f00:1::", "loopback"),
        ("2002:a9fe:a9fe::", "metadata"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "private"),
        ("fe80::1", "link_local"),
        ("fe80::1%eth0", "link_local"),
        ("fc00::1", "private"),
        ("fd00:ec2::254", "metadata"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "private"),
        ("localhost", "no_address"),
        ("", "no_address"),
    ],
)
def test_addresses_and_their_verdicts(address: str, expected: str) -> None:
    assert verdict(address) == expected


def test_the_operator_s_own_networks_are_allowed_and_metadata_never() -> None:
    allowed = networks(["10.0.0.0/8", "169.254.0.0/16", "127.0.0.1"])
    assert (
        verdict("10.1.2.3", allowed) == verdict("::ffff:10.1.2.3", allowed) == verdict("127.0.0.1", allowed) == "public"
    )
    assert verdict("127.0.0.2", allowed) == "loopback"
    assert verdict("169.254.169.254", allowed) == "metadata"
    with pytest.raises(ValueError, match="not-a-network"):
        networks(["not-a-network"])


Behave = Callable[[Any], None]


@pytest.fixture
def source() -> Iterator[Callable[[Behave], str]]:
    """A server that behaves as it is told; its address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(behave: Behave) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                try:
                    behave(self)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_words: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/list.csv"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def answer(content: bytes, status: int = 200, length: int | None = None, **headers: str) -> Behave:
    def behave(request: Any) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        if "Location" not in headers:
            request.send_header("Content-Length", str(len(content) if length is None else length))
        request.end_headers()
        request.wfile.write(content)

    return behave


def drip(request: Any) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(1000):
        request.wfile.write(b"0")
        time.sleep(0.05)


def drip_headers(request: Any) -> None:
    for _ in range(1000):
        request.wfile.write(b"H")
        time.sleep(0.05)


def never(_request: Any) -> None:
    time.sleep(10)


def zeros(request: Any) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(1024):
        request.wfile.write(b"\0" * (1 << 20))


BOMB = gzip.compress(b"\0" * (64 << 20))


@pytest.mark.parametrize(
    ("behave", "cause"),
    [
        (drip, "source_too_slow"),
        (drip_headers, "source_too_slow"),
        (never, "source_too_slow"),
        (zeros, "answer_too_large"),
        (answer(b"", length=1 << 40), "answer_too_large"),
        (answer(BOMB, Content_Encoding="gzip"), "answer_too_large"),
        (answer(gzip.compress(b"x" * 999)[:-9], Content_Encoding="gzip"), "connection_cut"),
        (answer(b"no gzip", Content_Encoding="gzip"), "coding_broken"),
        (answer(b"x", Content_Encoding="br"), "coding_unknown"),
        (answer(b"half", length=4000), "connection_cut"),
        (answer(b"", 500), "source_answers"),
        (answer(b"", 404), "source_answers"),
        (answer(b"", 302, Location="http://169.254.169.254/latest/meta-data"), "address_refused"),
        (answer(b"", 302, Location="http://[::1]/"), "address_refused"),
        (answer(b"", 302, Location="http://0/"), "address_refused"),
        (answer(b"", 302, Location="http://[fe80::1]/"), "address_refused"),
        (answer(b"", 302, Location="file:///etc/hostname"), "address_unreadable"),
        (answer(b"", 302, Location="/again"), "too_many_redirects"),
        (lambda request: request.wfile.write(b"nonsense\r\n\r\n"), "connection_broken"),
    ],
)
def test_what_a_source_does_wrong_has_its_own_message(
    source: Callable[[Behave], str], tmp_path: Path, behave: Behave, cause: str
) -> None:
    started = time.monotonic()
    with pytest.raises(DoorError) as refused:
        fetch(source(behave), tmp_path, QUICK)
    assert refused.value.cause in (cause, "connection_broken" if cause == "connection_cut" else cause)
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "0"])
def test_no_spelling_of_this_machine_is_fetched_from(
    source: Callable[[Behave], str], tmp_path: Path, host: str
) -> None:
    port = source(answer(b"inner")).rsplit(":", 1)[1]
    with pytest.raises(DoorError) as refused:
        fetch(f"http://{host}:{port}", tmp_path, Limits(seconds=2.0, tries=1))
    assert refused.value.cause in ("address_refused", "host_unknown")


def test_a_name_that_points_elsewhere_the_second_time_is_looked_up_once(
    source: Callable[[Behave], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(source(answer(b"inner")).rsplit(":", 1)[1].partition("/")[0])
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked: list[str] = []
    connected: list[str] = []

    def rebinding(host: str, *_more: object, **_named: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(_socket: object, where: tuple[str, int]) -> None:
        connected.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(DoorError) as refused:
        fetch(f"http://rebinding.example:{port}/", tmp_path, Limits(seconds=2.0, tries=1))
    assert (refused.value.cause, asked, connected) == ("no_connection", ["rebinding.example"], ["93.184.216.34"])


def test_a_file_arrives_whole_under_its_own_name_through_redirects(
    source: Callable[[Behave], str], tmp_path: Path
) -> None:
    address = source(answer(gzip.compress(b"a,b\n1,2\n"), Content_Encoding="gzip"))
    first = source(answer(b"", 302, Location=address + "?token=hidden"))
    found = fetch(first, tmp_path, QUICK)
    assert (found.path.read_bytes(), found.name, found.address) == (b"a,b\n1,2\n", "list.csv", address)


def test_secrets_go_to_the_first_host_alone_and_into_no_message(
    source: Callable[[Behave], str], tmp_path: Path
) -> None:
    seen: list[str | None] = []

    def note(request: Any) -> None:
        seen.append(request.headers.get("Authorization"))
        answer(b"", 500)(request)

    address = source(note)
    first = source(answer(b"", 302, Location=address))
    with pytest.raises(DoorError) as refused:
        fetch(first, tmp_path, QUICK, {"Authorization": "Bearer geheim"})
    assert seen == [None]
    assert "geheim" not in str(refused.value)
    with pytest.raises(DoorError, match="address_with_password"):
        fetch("http://name:geheim@data.example.cn/", tmp_path, QUICK)


def test_what_may_pass_is_tried_again_and_what_may_not_is_not(source: Callable[[Behave], str], tmp_path: Path) -> None:
    asked: list[int] = []

    def busy(request: Any) -> None:
        asked.append(1)
        answer(b"late" if len(asked) == 3 else b"", 200 if len(asked) == 3 else 503)(request)

    patient = Limits(seconds=5.0, tries=3, pause=0.01, networks=INNER)
    assert fetch(source(busy), tmp_path, patient).path.read_bytes() == b"late"
    asked.clear()

    def gone(request: Any) -> None:
        asked.append(1)
        answer(b"", 404)(request)

    with pytest.raises(DoorError):
        fetch(source(gone), tmp_path, patient)
    assert len(asked) == 1


def test_the_table_of_verdicts_covers_every_special_network() -> None:
    special = (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
    )
    for text in (*special, "224.0.0.0/4", "240.0.0.0/4", "fc00::/7", "fe80::/10", "ff00::/8"):
        network = ipaddress.ip_network(text)
        assert verdict(str(network[1])) != "public"
        assert verdict(str(network[-1])) != "public"
