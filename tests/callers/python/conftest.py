"""A world for each test, and each HTTP library as a caller of its API."""

import asyncio
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from otto_m2m.httpx import open_async_client, open_client
from otto_m2m.requests import open_session
from otto_m2m.source import TokenSource
from tests.callers.world import World, serve


@dataclass(frozen=True)
class Answer:
    status: int
    shown: dict[str, str]
    """The headers of the request, as the answer shows them to whoever logs them."""


Call = Callable[..., Answer]
"""Called with a method, an address and options of both libraries; redirects are followed."""


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    with serve(made) as address:
        made.url = f"http://{address}"
        yield made


@pytest.fixture
def stranger() -> Iterator[World]:
    """Another origin."""
    made = World()
    with serve(made) as address:
        made.url = f"http://{address}"
        yield made


@pytest.fixture
def at_aws(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world as boto3 finds it."""
    for name, value in {
        "AWS_ENDPOINT_URL": world.url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "key",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    return world


def call_by_requests(source: TokenSource, api: str) -> Iterator[Call]:
    with open_session(source, api) as session:

        def call(method: str, url: str, content: Any = None, **options: Any) -> Answer:
            answer = session.request(method, url, data=content, **options)
            return Answer(
                answer.status_code, {name.lower(): str(text) for name, text in answer.request.headers.items()}
            )

        yield call


def call_by_httpx(source: TokenSource, api: str) -> Iterator[Call]:
    with open_client(source, api) as client:

        def call(method: str, url: str, **options: Any) -> Answer:
            answer = client.request(method, url, follow_redirects=True, **options)
            return Answer(answer.status_code, dict(answer.request.headers))

        yield call


def call_by_async_httpx(source: TokenSource, api: str) -> Iterator[Call]:
    with asyncio.Runner() as runner:
        client = open_async_client(source, api)

        def call(method: str, url: str, content: Any = None, **options: Any) -> Answer:
            sent = client.request(method, url, content=_to_async(content), follow_redirects=True, **options)
            answer = runner.run(cast("Any", sent))
            return Answer(answer.status_code, dict(answer.request.headers))

        yield call
        runner.run(client.aclose())


def _to_async(content: Any) -> Any:
    """An async client takes async generators alone."""
    if not hasattr(content, "__next__"):
        return content

    async def chunks() -> Any:
        for chunk in content:
            yield chunk

    return chunks()


BY = {"requests": call_by_requests, "httpx": call_by_httpx, "httpx async": call_by_async_httpx}


@pytest.fixture(params=BY)
def call(request: pytest.FixtureRequest, world: World) -> Iterator[Call]:
    """A caller of the world's API by each library, over one token source."""
    with closing(BY[request.param](world.open_source(), world.profiles)) as opened:  # type: ignore[type-var]
        yield next(opened)
        next(opened, None)


@pytest.fixture
def call_at_once(world: World) -> Iterator[Call]:
    """A caller by requests whose renewals run in the background, for threads."""
    yield from call_by_requests(world.open_source(at_once=False), world.profiles)


@pytest.fixture(scope="session")
def certificate() -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        context.load_cert_chain(file.name)
    return context
