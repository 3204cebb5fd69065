"""Starts npm's oidc-provider, which is not ours and is certified, with the pinned packages of `provider/`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from .browser import free_port

_HERE = Path(__file__).parent / "provider"
_LOCK = (_HERE / "package-lock.json").read_text()
# One folder for each state of the lock file: two checkouts side by side do not take each other's packages away.
_CACHE = (
    Path(os.environ.get("GOVDATA_TEST_CACHE", "~/.cache/govdata-tests")).expanduser()
    / f"login-{hashlib.sha256(_LOCK.encode()).hexdigest()[:12]}"
)
_CLIENT = "portal"
PEOPLE: dict[str, Any] = {
    "zhang": {
        "name": "张三",
        "preferred_username": "zhang-san",
        "email": "zhang.san@example.org",
        "email_verified": True,
        "dept": "JTJ",
        "roles": ["data-officer"],
    },
    "li": {"name": "李四", "preferred_username": "li-si", "email": "li.si@example.org", "email_verified": True},
}


def missing_reason() -> str:
    """Why the provider cannot run here; empty when it can. Installs its packages into a cache at the first call."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if (_CACHE / "installed").is_file():
        return ""
    _CACHE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_HERE / name, _CACHE / name)
    done = subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=_CACHE, capture_output=True, text=True, timeout=300)
    if done.returncode:
        return f"npm ci failed: {done.stderr[-300:]}"
    (_CACHE / "installed").write_text(_LOCK)
    return ""


class HonestProvider:
    """A running provider; people sign in by writing their key into its form."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"

    @classmethod
    @contextmanager
    def started(cls, portal: str, secret: str, folder: Path) -> Iterator[HonestProvider]:
        provider = cls(free_port())
        settings = {
            "port": int(provider.issuer.rsplit(":", 1)[1]),
            "client_id": _CLIENT,
            "client_secret": secret,
            "redirect_uris": [f"{portal}/login/back/province"],
            "post_logout_redirect_uris": [f"{portal}/login/signed-out"],
            "backchannel_logout_uri": f"{portal}/login/back-channel/province",
            "people": PEOPLE,
        }
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                ["node", str(_HERE / "provider.mjs")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PROVIDER_MODULES": str(_CACHE)},
            )
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(settings) + "\n")
            process.stdin.flush()
            assert process.stdout.readline().strip() == "ready", (folder / "log").read_text()
            try:
                yield provider
            finally:
                process.stdin.close()
                process.wait(timeout=10)

    def entry(self, **more: Any) -> dict[str, Any]:
        """Its block in the file of providers."""
        return {
            "title": {"en": "The province", "zh_Hans_CN": "省统一身份认证"},
            "issuer": self.issuer,
            "client_id": _CLIENT,
            "http_allowed": True,
            "scopes": ["openid", "profile", "email"],
            "userinfo": True,
            **more,
        }

    def tell(self, **fields: str) -> None:
        requests.post(f"{self.issuer}/control", data=fields, timeout=10).raise_for_status()

    def claims(self, who: str, **claims: Any) -> None:
        """Change what the provider says of somebody."""
        self.tell(do="claims", who=who, claims=json.dumps(claims))

    def reset(self) -> None:
        self.tell(do="up")
        for who, claims in PEOPLE.items():
            self.claims(who, **claims)

    def turn_keys(self) -> None:
        """Begin to sign with a new key, and no longer publish the old one."""
        self.tell(do="turn_keys")

    def down(self) -> None:
        """Answer nobody any more."""
        self.tell(do="down")

    def up(self) -> None:
        self.tell(do="up")
        time.sleep(0.05)


def node(script: str) -> subprocess.Popen[str]:
    """Start one of the scripts beside the provider, with the same packages; speak to it line by line."""
    return subprocess.Popen(
        ["node", str(_HERE / script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PROVIDER_MODULES": str(_CACHE)},
    )
