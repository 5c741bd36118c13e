"""The OpenAPI document's models and answers are those of the function: every limit, field and status of it."""

from typing import Any

from lambdas.profiles import handler, problem, profile
from stacks.contract import GATEWAY
from stacks.gateway_errors import ERRORS
from stacks.profiles_contract import CONTRACTS


def properties(method: str, status: int | None = None) -> dict[str, Any]:
    contract = CONTRACTS[method]
    model = contract.body if status is None else contract.answers[status].model
    assert model is not None
    found: dict[str, Any] = model.schema["properties"]
    return found


def test_every_method_of_the_function_has_its_contract() -> None:
    assert set(CONTRACTS) == set(handler.ROUTES)


def test_the_longest_texts_are_those_that_the_function_takes() -> None:
    for found in (properties("PUT"), properties("PUT", 200)):
        assert {name: found[name]["maxLength"] for name in profile.TEXTS} == profile.TEXTS


def test_the_fields_are_those_of_a_profile() -> None:
    assert set(properties("PUT")) == {*profile.TEXTS, "attributes"}
    assert set(properties("GET", 200)) == set(profile.FIELDS)


def test_every_problem_is_documented_and_no_other() -> None:
    raised = {kind.status for kind in (*problem.KINDS.values(), problem.FAULT)}
    documented = {status for contract in CONTRACTS.values() for status in contract.answers if status >= 400}
    # API Gateway answers 405 itself: the function's guards against a route that is added unwritten.
    assert documented == (raised - {405}) | set(GATEWAY)


def test_the_answers_to_head_are_those_to_get_without_their_content() -> None:
    head, get = CONTRACTS["HEAD"].answers, CONTRACTS["GET"].answers
    assert {status: answer.headers for status, answer in head.items()} == {
        status: answer.headers for status, answer in get.items()
    }
    assert {answer.model for answer in head.values()} == {None}


def test_no_status_is_promised_that_the_gateway_never_sends() -> None:
    """DEFAULT_5XX "changes the status codes of all other 5XX responses": none but those that have a row of their own.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    [default] = (error.status for error in ERRORS if error.kind == "DEFAULT_5XX")
    functions = {kind.status for kind in (*problem.KINDS.values(), problem.FAULT) if kind.status >= 500}
    sent = {error.status for error in ERRORS if error.status and error.status >= 500} | functions
    promised = {status for contract in CONTRACTS.values() for status in contract.answers if status >= 500}
    assert promised == sent
    assert default in promised
    assert 502 not in promised
