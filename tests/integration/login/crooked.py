"""An OpenID provider in the test's own hands: over real HTTP it issues whatever token a test wants, right or wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import RSAKey

Edit = Callable[[dict[str, Any], dict[str, Any]], None]


class CrookedProvider:
    """Tells the truth until a test changes `claims`, `header`, `tokens`, `metadata` or `published`."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.change: Edit = lambda header, claims: None
        self.sign: Callable[[dict[str, Any], bytes], str] = self._sign
        self.drop_id_token = False
        self.metadata: dict[str, Any] = {}
        self.codes = 0
        self.asked: dict[str, dict[str, str]] = {}
        self.exchanged: list[dict[str, str]] = []
        self.key_fetches = 0
        self.answer_more: dict[str, str] = {}

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[CrookedProvider]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        provider = cls(server)
        server.provider = provider  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()
        server.server_close()

    def entry(self, **more: Any) -> dict[str, Any]:
        """Its block in the file of providers."""
        given = {"title": "Crooked", "issuer": self.issuer, "client_id": "portal", "http_allowed": True}
        return {**given, "keys_fresh_seconds": 300, **more}

    def _sign(self, header: dict[str, Any], payload: bytes) -> str:
        return jws.serialize_compact(header, payload, self.key, algorithms=[header["alg"]])

    def sign_with_public_key(self, header: dict[str, Any], payload: bytes) -> str:
        """The old trick: the public key as the secret of HS256."""
        header["alg"] = "HS256"
        said = f"{_part(json.dumps(header).encode())}.{_part(payload)}"
        mac = hmac.new(self.key.as_pem(private=False), said.encode(), hashlib.sha256).digest()
        return f"{said}.{_part(mac)}"

    def sign_with_other_key(self, header: dict[str, Any], payload: bytes) -> str:
        other = RSAKey.generate_key(2048)
        return jws.serialize_compact(header, payload, other, algorithms=[header["alg"]])

    def sign_not_at_all(self, header: dict[str, Any], payload: bytes) -> str:
        header["alg"] = "none"
        return f"{_part(json.dumps(header).encode())}.{_part(payload)}."

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        header: dict[str, Any] = {"alg": "RS256", "kid": "first", "typ": "JWT"}
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "sub": "0001",
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "name": "王五",
            "preferred_username": "wang-wu",
        }
        self.change(header, claims)
        return self.sign(header, json.dumps({k: v for k, v in claims.items() if v is not None}).encode())

    def code_for(self, asked: dict[str, str]) -> str:
        """Consent at once: remember what was asked, give a code."""
        self.codes += 1
        code = f"code-{self.codes}"
        self.asked[code] = asked
        return code

    def document(self) -> dict[str, Any]:
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.metadata,
        }


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Handler(BaseHTTPRequestHandler):
    @property
    def provider(self) -> CrookedProvider:
        return self.server.provider  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(self.provider.document())
        elif parts.path == "/keys":
            self.provider.key_fetches += 1
            self._json({"keys": self.provider.published})
        elif parts.path == "/authorize":
            more = "".join(f"&{name}={value}" for name, value in self.provider.answer_more.items())
            self.send_response(302)
            place = f"{query['redirect_uri']}?code={self.provider.code_for(query)}&state={query['state']}{more}"
            self.send_header("Location", place)
            self.end_headers()
        elif parts.path == "/me":
            token = query.get("access_token") or self.headers.get("Authorization", "")[len("Bearer ") :]
            found = (
                {"openid": "abc-1", "nick": "赵六"} if token == "access" else {"code": 40001, "message": "bad token"}
            )
            self._json({"code": 0, "data": found} if token == "access" else found)
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        self.provider.exchanged.append(form)
        asked = self.provider.asked.pop(form.get("code", ""), None)
        if asked is None:
            self._json({"error": "invalid_grant"}, 400)
            return
        tokens: dict[str, Any] = {"access_token": "access", "token_type": "Bearer", "expires_in": 60}
        if not self.provider.drop_id_token and "nonce" in asked:
            tokens["id_token"] = self.provider.id_token(asked)
        self._json(tokens)

    def _json(self, answer: Any, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return
