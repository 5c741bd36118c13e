"""Throttling, errors, lost replies and a token endpoint that is not there yet."""

import json
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from lambdas.rotation.aws import CONFIG, translated
from lambdas.rotation.cognito import FRESH
from lambdas.rotation.patience import RESERVE
from lambdas.rotation.ports import RotationFailed
from lambdas.rotation.token_endpoint import OAuthTokenEndpoint
from tests.lambdas.rotation.aws_model import Fault
from tests.lambdas.rotation.service import NAME, STEPS, TIMEOUT, WRITES, Service

CALLS = (
    *sorted(WRITES),
    "DescribeSecret",
    "GetSecretValue",
    "GetRandomPassword",
    "ListUserPoolClients",
    "ListUserPoolClientSecrets",
)


def rotated_twice() -> Service:
    """A client whose next rotation makes every call: it has two secrets, and its names were told a while ago."""
    service = Service()
    for _ in range(2):
        service.rotate()
    service.sleep(FRESH + 1)
    return service


THROTTLED = Fault("TooManyRequestsException")
LOST = Fault("InternalErrorException", 500)


def failing(service: Service, operation: str, fault: Fault, times: int, when: str = "before") -> None:
    """The next calls of `operation` fail with `fault`: before they do anything, or after they did it."""
    left = [times]
    around = service.aws.before if when == "before" else service.aws.after

    def disturb(called: str, sent: dict[str, Any]) -> None:
        if called == operation and left[0]:
            left[0] -= 1
            raise fault
        around(called, sent)

    if when == "before":
        service.aws.before = disturb
    else:
        service.aws.after = disturb


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "fault",
    [THROTTLED, Fault("ServiceUnavailable", 503), Fault("InternalFailure", 500)],
    ids=["throttled", "503", "500 of an unlisted code"],
)
def test_a_call_that_fails_five_times_is_made_again_and_the_rotation_finishes(operation: str, fault: Fault) -> None:
    service = rotated_twice()
    failing(service, operation, fault, times=5)
    service.rotate()
    assert service.works()
    assert service.works("AWSPREVIOUS")


@pytest.mark.parametrize("operation", sorted(WRITES))
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_change_whose_reply_is_lost_is_not_made_twice(operation: str, times: int) -> None:
    service = rotated_twice()
    failing(service, operation, LOST, times, when="after")
    service.rotate()
    assert service.works()
    assert service.works("AWSPREVIOUS")
    assert len(service.registered) == 2


@pytest.mark.parametrize("operation", CALLS)
def test_a_fault_that_lasts_ends_within_the_functions_time_and_the_current_secret_works(operation: str) -> None:
    service = rotated_twice()
    failing(service, operation, THROTTLED, times=10**6)
    with pytest.raises(RotationFailed, match=f"{operation}: TooManyRequestsException .* time is up"):
        service.rotate()
    assert service.works()


def test_a_pool_of_many_pages_whose_every_second_page_is_refused_is_read_whole() -> None:
    service = Service()
    service.aws.page = 1
    for number in range(17):
        service.aws.create_app_client(f"another-{number}")
    calls: list[str] = []

    def disturb(called: str, _sent: dict[str, Any]) -> None:
        if called == "ListUserPoolClients":
            calls.append(called)
            # And botocore's own second attempt.
            if len(calls) % 4 in {1, 2}:
                raise THROTTLED

    service.aws.before = disturb
    service.rotate()
    assert service.works()
    assert len(calls) <= 3 * 18


@pytest.mark.parametrize(("seconds", "answers"), [(5, True), (10, True), (RESERVE - 1, True), (5, False), (10, False)])
def test_calls_that_take_long_end_within_the_functions_time_and_say_so(seconds: float, answers: bool) -> None:
    """Lambda ends a function that outlasts its time without a word, and nobody would know which secret it was."""
    service = Service()
    service.rotate()
    inner = service.aws.before

    def disturb(called: str, sent: dict[str, Any]) -> None:
        inner(called, sent)
        service.aws.now += seconds
        if not answers:
            raise LOST if called != "Token" else Fault("", 0)

    version = service.start()
    service.aws.before = disturb
    for step in STEPS:
        before = service.aws.now
        try:
            service.invoke(step, version)
        except RotationFailed as failed:
            assert "time is up, but the rotation goes on from here when run again" in str(failed)  # noqa: PT017
            break
        finally:
            assert service.aws.now - before < TIMEOUT
    service.aws.before = inner
    assert service.works()
    service.rotate()
    assert service.works("AWSPREVIOUS")


def test_what_is_held_back_for_the_last_call_is_as_long_as_a_call_can_take() -> None:
    settings: Any = CONFIG
    attempts = settings.retries["total_max_attempts"]
    pauses = sum(2**number for number in range(attempts - 1))  # of botocore's standard mode, at most
    assert attempts * (settings.connect_timeout + settings.read_timeout) + pauses < RESERVE
    of_token_endpoint = OAuthTokenEndpoint("").http.connection_pool_kw["timeout"]
    assert of_token_endpoint.connect_timeout + of_token_endpoint.read_timeout < RESERVE


@pytest.mark.parametrize("operation", CALLS)
def test_a_denied_call_fails_at_once_and_says_which(operation: str) -> None:
    service = rotated_twice()
    failing(service, operation, Fault("AccessDeniedException"), times=1)
    before = service.aws.now
    with pytest.raises(RotationFailed, match=f"lead-enricher: {operation}: AccessDeniedException"):
        service.rotate()
    assert service.aws.now == before


@pytest.mark.parametrize(
    ("status", "body"),
    [(0, ""), (404, "<html>"), (429, "<html>"), (500, "<html>"), (503, "<html>"), (200, "<html>"), (200, "{}")],
)
def test_a_new_domain_that_answers_after_a_minute_is_waited_for(status: int, body: str) -> None:
    service = Service()
    ready = service.aws.now + 60
    inner = service.aws.before

    def disturb(called: str, sent: dict[str, Any]) -> None:
        if called == "Token" and service.aws.now < ready:
            raise Fault(body, status)
        inner(called, sent)

    service.aws.before = disturb
    service.rotate()
    assert service.works()
    assert service.aws.now >= ready


@pytest.mark.parametrize("status", [400, 401])
def test_an_invalid_client_is_rejected_with_either_status_of_rfc_6749(status: int) -> None:
    service = Service()
    failing(service, "Token", Fault('{"error": "invalid_client"}', status), times=10**6)
    with pytest.raises(RotationFailed, match="the token endpoint rejects the pending secret"):
        service.rotate()


def test_a_domain_that_never_answers_leaves_a_rotation_that_goes_on_later() -> None:
    service = Service()
    failing(service, "Token", Fault("<html>", 0), times=10**6)
    with pytest.raises(RotationFailed, match="token endpoint: NewConnectionError; time is up"):
        service.rotate()
    service.aws.before = lambda _called, _sent: None
    service.rotate()
    assert service.works()


@pytest.mark.parametrize("seconds", [0, 5, 15])
def test_a_secret_that_the_token_endpoint_learns_late_is_waited_for(seconds: int) -> None:
    service = Service()
    service.aws.propagation = seconds
    for _ in range(3):
        service.rotate()
        assert service.works()


def test_a_secret_that_is_never_accepted_is_not_promoted_and_is_registered_anew_next_time() -> None:
    service = Service()
    service.rotate()
    service.aws.propagation = 10**6
    with pytest.raises(RotationFailed, match="the token endpoint rejects the pending secret of app client client1;"):
        service.rotate()
    assert service.works()
    service.aws.propagation = 0
    service.rotate()
    assert service.works()
    assert service.works("AWSPREVIOUS")


def test_a_registration_that_vanished_under_its_mark_is_made_again() -> None:
    service = Service()
    service.rotate()
    version = service.start()
    for step in STEPS[:2]:
        service.invoke(step, version)
    secrets = service.aws.clients[service.client_id].secrets
    del secrets[list(secrets)[-1]]
    service.aws.register(service.client_id, service.aws.value())
    with pytest.raises(RotationFailed, match="rejects"):
        service.invoke("testSecret", version)
    service.rotate()
    assert service.works()
    assert service.works("AWSPREVIOUS")


def test_an_error_of_an_unforeseen_kind_shows_its_kind_and_place_only() -> None:
    service = Service()

    def disturb(_called: str, sent: dict[str, Any]) -> None:
        raise ZeroDivisionError(json.dumps(sent) + "".join(service.aws.values))

    service.aws.before = disturb
    with pytest.raises(RotationFailed, match=r"lead-enricher: ZeroDivisionError at disturb:") as caught:
        service.rotate()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_a_failure_logs_one_line_that_names_the_secret_and_carries_no_earlier_exception() -> None:
    service = Service()
    failing(service, "AddUserPoolClientSecret", Fault("InvalidParameterException"), times=1)
    with pytest.raises(RotationFailed) as caught:
        service.rotate()
    assert caught.value.__context__ is None
    (line,) = [json.loads(line) for line in service.said if line.startswith("{") and "failure" in line]
    assert line["failure"] == str(caught.value)
    assert line["failure"].startswith(NAME)
    assert (line["level"], line["message"]) == ("ERROR", "rotation step failed")


def test_parameters_that_botocore_refuses_are_not_quoted() -> None:
    with pytest.raises(RotationFailed, match=r"^Operation: botocore refused the parameters$"), translated("Operation"):
        raise ParamValidationError(report="CANARY")
