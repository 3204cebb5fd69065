"""A portal with people for all tests of a file; notices are emptied before each. A real mail server that refuses when told to."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.integration.once import once

TABLES = ("govdata_notice_delivery", "govdata_notice", "govdata_notice_contact", "govdata_clock_event", "govdata_clock")


@pytest.fixture
def staff(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """People in each role, made once for the file."""
    return once(request, "people", TABLES)


@dataclass
class Server(MessageHandler):
    """What a mail server took, and how often it fails: before it takes a mail, or after it, without saying so."""

    taken: list[Message] = field(default_factory=list)
    refuses: float = 0.0
    goes_silent: float = 0.0
    waits: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        MessageHandler.__init__(self)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.waits)
        if self.chance.random() < self.refuses:
            return self.chance.choice(["451 try again later", "550 no such mailbox"])
        await super().handle_DATA(server, session, envelope)
        if self.chance.random() < self.goes_silent and server.transport is not None:
            server.transport.abort()
        return "250 taken"

    def handle_message(self, message: Message) -> None:
        self.taken.append(message)


@pytest.fixture
def mail(ckan_config: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The portal's mail server, on a free port."""
    server = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setitem(ckan_config, "smtp.server", f"127.0.0.1:{port}")
    monkeypatch.setitem(ckan_config, "smtp.mail_from", "portal@jianghai.example")
    monkeypatch.setitem(ckan_config, "ckan.locale_default", "zh_Hans_CN")
    yield server
    controller.stop()
