"""What can go wrong when somebody signs in: each error knows its reason as a short key, for log and page."""

from __future__ import annotations

from dataclasses import dataclass


class LoginError(Exception):
    """The root of this plugin's errors."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in the file of providers: whose, under which key, and what to write instead."""

    provider: str
    key: str
    problem: str

    def __str__(self) -> str:
        where = f"provider {self.provider!r}" if self.provider else "the file of providers"
        return f"{where}, {self.key!r}: {self.problem}" if self.key else f"{where}: {self.problem}"


class SettingsError(LoginError):
    """The file of providers cannot be used; carries every fault found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in faults))


class Refused(LoginError):
    """A sign-in that is not let in.

    `reason` is a key of `words.REFUSALS`; `detail` is for the log alone and never holds a secret, a token or a code.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class ProviderUnavailable(LoginError):
    """A provider did not answer, or not in its protocol; nobody but its own accounts is concerned."""

    def __init__(self, provider: str, detail: str) -> None:
        self.provider = provider
        self.detail = detail
        super().__init__(f"{provider}: {detail}")
