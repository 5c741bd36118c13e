"""Rules 8 and 9: what is shown to nobody, and what AWS's audit log is told."""

import logging
import pickle
import traceback
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

import otto_m2m
from otto_m2m.aws import Credentials
from otto_m2m.errors import TokenError
from otto_m2m.requests import open_session
from tests.callers.world import SECRET, TOKEN, Reply, World, to_json


@contextmanager
def everything(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """All that is logged, whatever levels these libraries were left with in this process."""
    with ExitStack() as levels:
        for library in (None, "boto3", "botocore", "urllib3"):
            levels.enter_context(caplog.at_level(logging.DEBUG, logger=library))
        yield


@pytest.mark.usefixtures("at_aws")
def test_no_log_of_any_level_and_any_library_shows_a_secret_or_a_token(caplog: pytest.LogCaptureFixture) -> None:
    with everything(caplog):
        session, url = otto_m2m.connect("dev", "lead-enricher")
        assert session.get(url).status_code == 200
    assert {"botocore.hooks", "urllib3.connectionpool"} <= {record.name for record in caplog.records}
    assert "CANARY" not in caplog.text


@pytest.mark.usefixtures("at_aws")
def test_botocore_logs_what_it_is_asked_for_by_others(caplog: pytest.LogCaptureFixture) -> None:
    with everything(caplog):
        otto_m2m.connect("dev", "lead-enricher")
    assert "Response body" in caplog.text, "the addresses' bodies: only the secret's is kept out"


def test_no_repr_shows_a_secret_or_a_token(world: World) -> None:
    source = world.open_source()
    shown = f"{source!r} {source.get()!r} {Credentials('id', SECRET)!r} {vars(source)!r}"
    assert "CANARY" not in shown
    assert "client_id='id'" in shown


def test_no_traceback_shows_a_secret_or_a_token(at_aws: World) -> None:
    at_aws.token_endpoint = lambda _: to_json(400, {"error": "invalid_client", "error_description": SECRET})
    session, url = otto_m2m.connect("dev", "lead-enricher")
    with pytest.raises(TokenError) as raised:
        session.get(url)
    shown = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert "CANARY" not in shown
    assert "invalid_client" in shown
    copied = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - made here
    assert (str(copied), copied.part) == (str(raised.value), "refused")


def test_a_failed_call_shows_no_token_in_its_error(world: World) -> None:
    world.api = lambda _: Reply(raw=b"")
    with (
        open_session(world.open_source(), world.profiles) as session,
        pytest.raises(requests.ConnectionError) as raised,
    ):
        session.get(world.profiles)
    assert "CANARY" not in f"{raised.value!r} {vars(raised.value)} {vars(raised.value.request)}"


def test_the_token_request_authenticates_by_basic_alone_and_names_the_client_in_its_form(world: World) -> None:
    """RFC 6749 §2.3: one method of authentication in a request. CloudTrail shows the form, and not who sent Basic."""
    world.open_source().get()
    [sent] = world.token_requests
    assert sent.form == {"grant_type": ["client_credentials"], "client_id": ["id"]}
    assert b64decode(sent.headers["authorization"].removeprefix("Basic ")).decode() == f"id:{SECRET}"
    assert SECRET not in str(sent.body)
    assert TOKEN not in str(sent)
