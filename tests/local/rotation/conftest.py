"""The fleet, deployed once a session from a changed checkout, with the rotation function's traffic over a wire."""

from collections.abc import Iterator

import pytest

from local import deployment
from tests.local.conftest import copy_checkout
from tests.local.platform.deployed import Platform
from tests.local.rotation.fleet import CLIENTS, Fleet, declare
from tests.local.rotation.processes import Processes
from tests.local.rotation.wire import Wire


@pytest.fixture(scope="session")
def wire(platform: Platform) -> Iterator[Wire]:
    """The deployed function reaches AWS over this wire, by its own environment variables alone."""
    functions = platform.emulator.client("lambda")
    [function] = [each for each in functions.list_functions()["Functions"] if each["Handler"].startswith("rotation.")]
    name, variables = function["FunctionName"], function["Environment"]["Variables"]
    laid = Wire(platform.emulator)
    laid.open()
    token_endpoint = f"{platform.emulator.address}/oauth2/token".replace(platform.emulator.endpoint, laid.endpoint)
    over = {"AWS_ENDPOINT_URL": laid.endpoint, "TOKEN_ENDPOINT": token_endpoint}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables | over})
    try:
        yield laid
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        laid.close()


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    watched = Processes()
    watched.start()
    yield watched
    watched.stop()


@pytest.fixture(scope="session")
def fleet(
    processes: Processes, platform: Platform, wire: Wire, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    assert processes.watching
    checkout = copy_checkout(tmp_path_factory.mktemp("fleet"))
    declare(checkout / "clients")
    deployment.deploy(platform.emulator, platform.state / "fleet.log", checkout=checkout)
    platform.wait_for_credentials(*CLIENTS)
    deployed = Fleet(platform, checkout, wire)
    for client in CLIENTS:
        wire.names[deployed.held(client)["client_id"]] = client
    deployed.collect()  # what the stack generated and what Cognito made are here now, and gone after two rotations
    yield deployed
    platform.emulator.client("cloudformation").delete_stack(StackName="otto-dev-clients-fleet")


@pytest.fixture(autouse=True)
def _no_rules(wire: Wire) -> Iterator[None]:
    yield
    wire.rules.clear()
