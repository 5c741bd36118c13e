"""`make smoke ENV=local` on the platform that `make up` deployed."""

from tests.local.platform.deployed import Platform
from tests.local.platform.test_commands import run


def smoke(platform: Platform) -> tuple[int, list[str], str]:
    ran = run("local.at_emulator", "--state", str(platform.state), "python", "-m", "tools.smoke", "dev")
    return ran.returncode, ran.stdout.splitlines(), ran.stderr


def test_a_deployed_platform_passes_and_the_table_shows_no_secret(platform: Platform) -> None:
    status, lines, errors = smoke(platform)
    assert (status, errors) == (0, "")
    assert {line.split()[0] for line in lines[1:-1]} == {"ok"}
    assert lines[-1].startswith("smoke: local: 9 of 9 checks are good")
    assert platform.credentials("smoke")["client_secret"] not in "\n".join(lines)


def test_missing_credentials_are_named_with_the_mend(platform: Platform) -> None:
    parameters = platform.emulator.client("ssm")
    name = "/otto/dev/m2m/profiles-api-url"
    address = platform.parameter("profiles-api-url")
    parameters.delete_parameter(Name=name)
    try:
        status, lines, errors = smoke(platform)
    finally:
        parameters.put_parameter(Name=name, Value=address, Type="String")
    assert (status, lines) == (1, [])
    assert errors.startswith(f"smoke: local: addresses: {name}: ParameterNotFound\n")
    assert errors.endswith("see docs/runbook.md#smoke-credentials\n")


def test_a_stage_that_is_gone_fails_every_check_of_the_api(platform: Platform) -> None:
    parameters = platform.emulator.client("ssm")
    name = "/otto/dev/m2m/profiles-api-url"
    address = platform.parameter("profiles-api-url")
    parameters.put_parameter(Name=name, Value=address.replace("/dev/", "/gone/"), Type="String", Overwrite=True)
    try:
        status, lines, _ = smoke(platform)
    finally:
        parameters.put_parameter(Name=name, Value=address, Type="String", Overwrite=True)
    assert status == 1
    good = [line.split("  ")[1:3] for line in lines if line.startswith("ok")]
    assert all("token for" in " ".join(row) for row in good)
    assert "to mend it: docs/runbook.md#smoke-api" in lines


def test_an_unknown_environment_is_refused() -> None:
    refused = run("tools.smoke", "production")
    assert refused.stderr == "smoke: expected ENV=dev, ENV=staging, ENV=prod, or ENV=local\n"
