"""One emulator for every test of the local layer, on a free loopback port."""

from collections.abc import Iterator

import pytest

from local.emulator import process
from local.emulator.process import Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    state = tmp_path_factory.mktemp("emulator")
    running = process.start(state=state, port=process.free_port())
    yield running
    process.stop(state)
