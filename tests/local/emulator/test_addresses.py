"""Addresses of AWS in a template lead to the emulator once deployed."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.emulator.addresses import translate
from local.emulator.process import Emulator

HERE = "http://127.0.0.1:1"
PROTECTED_API = Path(__file__).with_name("protected_api.yaml").read_text()
Deploy = Callable[..., dict[str, str]]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://dev-x.auth.us-east-1.amazoncognito.com/oauth2/token", f"{HERE}/oauth2/token"),
        ("https://dev-x.auth.us-east-1.amazoncognito.com", HERE),
        ("https://a1b2.execute-api.us-east-1.amazonaws.com/dev/x", f"{HERE}/_aws/execute-api/a1b2/dev/x"),
        ('{"u": "https://a1.execute-api.us-east-1.amazonaws.com/dev"}', f'{{"u": "{HERE}/_aws/execute-api/a1/dev"}}'),
        ([{"k": "https://p.auth.eu-west-1.amazoncognito.com/a"}, "b"], [{"k": f"{HERE}/a"}, "b"]),
    ],
)  # fmt: skip
def test_a_url_of_a_domain_or_an_api_becomes_the_emulators(before: Any, after: Any) -> None:
    assert translate(before, HERE) == after


@pytest.mark.parametrize(
    "value",
    [
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc",
        "arn:aws:execute-api:us-east-1:000000000000:a1b2/dev/GET/x",
        "a1b2.execute-api.us-east-1.amazonaws.com",
        "dev-x.auth.us-east-1.amazoncognito.com",
        "https://dev-x.auth.us-east-1.amazoncognito.com.evil.example/",
        "https://a1b2.execute-api.us-east-1.amazonaws.com.cn/dev",
        "https://-.auth.us-east-1.amazoncognito.com/",
        7,
        None,
    ],
)
def test_what_is_no_such_url_stays(value: Any) -> None:
    assert translate(value, HERE) == value


@pytest.fixture
def outputs(deploy: Deploy, name: str) -> dict[str, str]:
    return deploy(PROTECTED_API, Name=name)


def token(emulator: Emulator, outputs: dict[str, str]) -> str:
    names = {"UserPoolId": outputs["Pool"], "ClientId": outputs["Client"]}
    described = emulator.client("cognito-idp").describe_user_pool_client(**names)["UserPoolClient"]
    form = {
        "grant_type": "client_credentials",
        "client_id": outputs["Client"],
        "client_secret": described["ClientSecret"],
    }
    request = urllib.request.Request(outputs["Token"], urllib.parse.urlencode(form).encode())  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return str(json.load(answer)["access_token"])


def test_a_token_from_the_deployed_address_opens_the_deployed_api(emulator: Emulator, outputs: dict[str, str]) -> None:
    assert outputs["Token"].startswith(f"{emulator.address}/")
    headers = {"Authorization": f"Bearer {token(emulator, outputs)}"}
    request = urllib.request.Request(outputs["Api"], headers=headers)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert answer.status == 200


def test_the_issuer_of_the_template_is_the_issuer_in_the_token(emulator: Emulator, outputs: dict[str, str]) -> None:
    payload = token(emulator, outputs).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["iss"] == outputs["Issuer"] == f"https://cognito-idp.us-east-1.amazonaws.com/{outputs['Pool']}"


def test_a_translated_property_is_no_drift(emulator: Emulator, outputs: dict[str, str], name: str) -> None:
    parameter = emulator.client("ssm").get_parameter(Name=f"/{name}/token")["Parameter"]["Value"]
    assert parameter == outputs["Token"]
    drift = emulator.client("cloudformation").detect_stack_resource_drift(StackName=name, LogicalResourceId="Parameter")
    assert drift["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"


def test_a_change_set_of_the_same_template_has_no_changes(
    emulator: Emulator, outputs: dict[str, str], name: str
) -> None:
    assert outputs
    client = emulator.client("cloudformation")
    client.create_change_set(
        StackName=name,
        ChangeSetName="same",
        TemplateBody=PROTECTED_API,
        Parameters=[{"ParameterKey": "Name", "ParameterValue": name}],
    )
    described = client.describe_change_set(StackName=name, ChangeSetName="same")
    assert described["Changes"] == []


def test_a_suspended_client_keeps_its_id_and_secret_when_its_flows_come_back(
    emulator: Emulator, deploy: Deploy, name: str
) -> None:
    active = deploy(PROTECTED_API, Name=name)
    token(emulator, active)
    suspended = deploy(PROTECTED_API, Name=name, Suspended="yes")
    with pytest.raises(urllib.error.HTTPError) as refused:
        token(emulator, suspended)
    with refused.value as answer:
        assert json.load(answer)["error"] == "unauthorized_client"
    assert deploy(PROTECTED_API, Name=name) == suspended == active
    token(emulator, active)
