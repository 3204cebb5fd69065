"""A cluster with certificates and keys is reached with them, and with nothing less."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from elasticsearch import Elasticsearch

from ckanext.govdata_search.config import ElasticsearchSettings, Settings
from ckanext.govdata_search.engines.elasticsearch import ElasticsearchEngine
from ckanext.govdata_search.engines.elasticsearch_client import connect
from ckanext.govdata_search.errors import EngineFailure, EngineUnavailable
from ckanext.govdata_search.request import Request

from ...servers.elasticsearch import Node, Unavailable, java_home, prepared_node
from .city import DOCUMENTS
from .standard import Table

USER, PASSWORD = "portal", secrets.token_urlsafe(12)


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "http.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    (folder / "http.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "http.crt"


def hashed(password: str) -> str:
    """As the file of users has it."""
    salt, rounds = secrets.token_bytes(32), 10_000
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, 32)
    return f"{{PBKDF2}}{rounds}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"


@pytest.fixture(scope="module")
def secured() -> Iterator[tuple[Node, Path]]:
    try:
        java_home()
        node = prepared_node()
        node.settings |= {
            "xpack.security.enabled": "true",
            "xpack.security.http.ssl.enabled": "true",
            "xpack.security.http.ssl.key": "http.key",
            "xpack.security.http.ssl.certificate": "http.crt",
        }
        node.prepare()
        config = node.folder / "config"
        authority = certificate(config)
        node.trust = ssl.create_default_context(cafile=str(authority))
        (config / "users").write_text(f"{USER}:{hashed(PASSWORD)}\n")
        (config / "users_roles").write_text(f"superuser:{USER}\n")
        node.start()
        node.wait()
    except Unavailable as reason:
        pytest.skip(f"no Elasticsearch: {reason}")
    yield node, authority
    node.remove()


def engine_with(node: Node, **known: Any) -> ElasticsearchEngine:
    cluster = ElasticsearchSettings(urls=(node.url,), index="secured", **known)
    return ElasticsearchEngine(Settings("elasticsearch", Path(), 30, cluster))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_keys_and_certificates_are_used_and_their_lack_is_said(secured: tuple[Node, Path]) -> None:
    node, authority = secured
    trusted = {"ca_certs": str(authority)}
    table = Table()
    table.put(*DOCUMENTS)
    by_password = engine_with(node, user=USER, password=PASSWORD, **trusted)
    by_password.catch_up(table.feed)
    assert by_password.search(Request()).count == len(DOCUMENTS)
    with Elasticsearch(node.url, basic_auth=(USER, PASSWORD), ca_certs=str(authority)) as client:
        rights = {"indices": [{"names": ["secured", "secured-v*"], "privileges": ["all"]}], "cluster": ["monitor"]}
        key = client.security.create_api_key(name="portal", role_descriptors={"portal": rights})["encoded"]
    by_key = engine_with(node, api_key=key, **trusted)
    assert by_key.search(Request()).count == len(DOCUMENTS)
    table.delete("key-roads")
    by_key.rebuild(table.feed)
    assert by_key.search(Request()).count == len(DOCUMENTS) - 1
    assert by_key.status()["health"] in ("green", "yellow")
    with pytest.raises(EngineFailure, match=r"401 .*elasticsearch\.password") as refused:
        engine_with(node, user=USER, password="wrong", **trusted).search(Request())
    assert "wrong" not in str(refused.value), "what was given stays unsaid"
    with pytest.raises(EngineUnavailable, match=r"certificate.*elasticsearch\.ca_certs"):
        engine_with(node, user=USER, password=PASSWORD).search(Request())


def test_the_client_is_given_what_the_settings_say() -> None:
    with connect(ElasticsearchSettings(urls=("http://a:9200", "http://b:9200"), timeout=3, api_key="abc")) as client:
        assert client._headers["authorization"] == "ApiKey abc"
        assert client._request_timeout == 3
        assert {node.base_url for node in client.transport.node_pool.all()} == {"http://a:9200", "http://b:9200"}
    with connect(ElasticsearchSettings(user="portal", password="secret")) as client:
        assert client._headers["authorization"] == f"Basic {base64.b64encode(b'portal:secret').decode()}"
    with pytest.raises(EngineFailure, match=r"govdata\.search\.elasticsearch"):
        connect(ElasticsearchSettings(urls=("search.city.example",)))


def test_passwords_and_keys_stay_out_of_what_is_written_of_settings() -> None:
    shown = repr(Settings("elasticsearch", Path(), 1, ElasticsearchSettings(api_key="k3y", password="p4ss")))
    assert "k3y" not in shown
    assert "p4ss" not in shown
