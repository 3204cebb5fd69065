"""A seal service and a timestamp authority on this machine, with keys of their own, that are stopped and started."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import ckan.plugins as p
from asn1crypto import tsp, x509

from ckanext.govdata.agreements.errors import ServiceDown
from ckanext.govdata.agreements.interfaces import IGovdataSeals
from ckanext.govdata.agreements.signing.keys import Folder, read_certificates
from ckanext.govdata.agreements.signing.providers import SealProvider, sign_with
from ckanext.govdata.agreements.signing.timestamps import OwnClock


class Service:
    """One server for both, at an address that stays the same. `port` is 0 before the first start."""

    def __init__(self, path: Path, agency_id: str) -> None:
        self.keys, self.agency_id, self.port, self.asked = Folder(path), agency_id, 0, 0
        self.keys.make("印章与时间戳服务机构")
        self.keys.issue_seal(agency_id, "交通运输局 电子印章")
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Nobody listens any more: a connection is refused."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, path: str, body: bytes) -> bytes:
        self.asked += 1
        if path == "/time":
            return OwnClock(self.keys.identity("clock")).request_tsa_response(tsp.TimeStampReq.load(body)).dump()
        seal = self.keys.seal(path.rpartition("/")[2])
        if seal is None:
            return b""
        return sign_with(seal.key, body) if path.startswith("/sign/") else seal.certificate.dump()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = service.answer(self.path, body)
            self.send_response(200)
            if self.path == "/time":
                self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class SealsByHttp:
    """A seal provider that asks the service, as a city's own would."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def certificates(self, agency_id: str) -> list[x509.Certificate]:
        found = self._ask(f"/certificate/{agency_id}", b"")
        return read_certificates(found) if found else []

    def sign(self, agency_id: str, data: bytes) -> bytes:
        return self._ask(f"/sign/{agency_id}", data)

    def _ask(self, path: str, data: bytes) -> bytes:
        try:
            with urlopen(f"{self._service.address}{path}", data=data, timeout=10) as answer:
                return bytes(answer.read())
        except OSError as error:
            raise ServiceDown("seal", service="印章服务") from error


class Seals(p.SingletonPlugin):
    """A city's plugin with its seal provider."""

    p.implements(IGovdataSeals)
    provider: SealProvider | None = None

    def seal_provider(self) -> SealProvider | None:
        return self.provider
