"""`make rotate` and `make credentials`, as a person types them."""

import os
import subprocess

import pytest

from local.deployment import CHECKOUT
from stacks import registry
from stacks.registry.own import SMOKE
from tests.local.conftest import ASTRAY
from tests.local.rotation.fleet import CLIENTS, Fleet
from tests.local.waiting import wait

CLIENT = SMOKE
SECRET = f"otto/dev/clients/{CLIENT}"


def clients_in(environment: str) -> list[str]:
    return sorted(client.name for group in registry.load() for client in group.clients_in(environment))


DEV = clients_in("dev")
NAMED = ", ".join(sorted({*DEV, *CLIENTS}))


FLEET = [
    f"credentials: {len(CLIENTS)} deployed and not declared, which keep their access:",
    *(f"{name}: otto/dev/clients/{name}: owner platform; make up ends it" for name in sorted(CLIENTS)),
]
"""What `make credentials` says of clients that are deployed from another checkout."""


def make(fleet: Fleet, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Type a command in the checkout, at this test's emulator instead of the one that `make up` starts for a person."""
    at = f"python -m local.at_emulator --state {fleet.platform.state}" if "ENV=local" in arguments else ""
    return subprocess.run(
        ["make", "--assume-old=.venv/.ready", *arguments, *([f"--eval=override AT := {at}"] if at else [])],
        cwd=CHECKOUT,
        env=os.environ | ASTRAY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_rotate_rotates_and_credentials_tells_when_it_is_done(fleet: Fleet) -> None:
    held = fleet.held(CLIENT)
    rotated = make(fleet, "rotate", f"CLIENT={CLIENT}", "ENV=local")
    assert (rotated.returncode, rotated.stderr) == (0, "")
    assert rotated.stdout == f"rotate: {SECRET} is being rotated; `make credentials ENV=local` tells when it is done\n"
    waited = make(fleet, "credentials", "ENV=local")
    # All are ready. The fleet's clients are of another checkout, which this one cannot know.
    assert (waited.returncode, waited.stdout) == (2, "")
    assert [
        line for line in waited.stderr.splitlines() if not line.startswith(("make: ", "waiting: ", "ready: "))
    ] == FLEET
    assert fleet.held(CLIENT) != held
    assert fleet.refusal(fleet.held(CLIENT)) is None
    assert fleet.refusal(held) is None


def test_rotate_goes_on_with_a_rotation_that_has_not_ended(fleet: Fleet) -> None:
    fleet.wire.rules.append(lambda _: (400, "AccessDeniedException"))
    assert not fleet.ended_well(fleet.start(CLIENT))
    fleet.wire.rules.clear()
    again = make(fleet, "rotate", f"CLIENT={CLIENT}", "ENV=local")
    assert (again.returncode, again.stderr) == (0, "")
    wait(lambda: fleet.pending(CLIENT) is None)


def test_credentials_names_who_cannot_get_tokens_and_the_mend(fleet: Fleet) -> None:
    manager = fleet.secrets
    manager.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    try:
        refused = subprocess.run(
            ["python", "-m", "local.at_emulator", "--state", str(fleet.platform.state),
             "python", "-m", "tools.credentials", "dev", "--seconds", "0"],
            cwd=CHECKOUT, env=os.environ | ASTRAY, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        manager.restore_secret(SecretId=SECRET)
    credentials = os.path.relpath(fleet.platform.emulator.credentials, CHECKOUT)
    at = f"AWS_SHARED_CREDENTIALS_FILE={credentials} aws --profile emulator --endpoint-url "
    at += f"{fleet.platform.emulator.endpoint} --region us-east-1 secretsmanager"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"credentials: 1 of {len(DEV)} app clients are not ready:\n"
        f"{CLIENT}: {SECRET}: it is scheduled for deletion; {at} restore-secret --secret-id {SECRET}; "
        f"or, for a client to be made anew: {at} delete-secret --secret-id "
        f"{SECRET} --force-delete-without-recovery, then deploy again\n" + "\n".join([*FLEET, ""])
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rotate", "CLIENT=generc", "ENV=local"], [f"rotate: CLIENT='generc': expected one of {NAMED}"]),
        (["rotate", "ENV=local"], [f"rotate: CLIENT='': expected one of {NAMED}"]),
        (["rotate", f"CLIENT={CLIENT}"], ["rotate: ENV='': expected dev, staging, prod, or local"]),
        (["rotate", "CLIENT=generc", "ENV=production"],
         ["rotate: ENV='production': expected dev, staging, prod, or local"]),
        (["credentials"], ["credentials: ENV='': expected dev, staging, prod, or local"]),
        (["credentials", "ENV=Dev"], ["credentials: ENV='Dev': expected dev, staging, prod, or local"]),
    ],
)  # fmt: skip
def test_a_wrong_word_is_refused_with_what_is_allowed(fleet: Fleet, arguments: list[str], says: list[str]) -> None:
    refused = make(fleet, *arguments)
    assert refused.returncode
    assert refused.stdout == ""
    assert [line for line in refused.stderr.splitlines() if not line.startswith("make: ")] == says
