"""The OpenAPI document's models and answers are those of the function: every limit, field and status of it."""

from typing import Any

from lambdas.profiles import handler, problem, profile
from stacks.contract import GATEWAY
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
    # API Gateway has no route for another method: the function's 405 guards against a route that is added unwritten.
    assert documented == (raised - {405}) | set(GATEWAY)
