"""With `--auth`, the emulator enforces IAM on what the extension adds, as on what ministack has.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from local.emulator import process, rotation
from local.emulator.process import Emulator
from tests.local.emulator.rotation_function import RotationFunction
from tests.local.waiting import wait

ROLE = "rotation"
STEPS = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    state = tmp_path_factory.mktemp("enforcing")
    yield process.start(state=state, port=process.free_port(), auth=True)
    process.stop(state)


def policy(*allowed: tuple[str, str]) -> str:
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_a_rotation_function_can_do_what_its_role_allows_and_no_more(enforcing: Emulator) -> None:
    iam, manager = enforcing.client("iam"), enforcing.client("secretsmanager")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(RoleName=ROLE, PolicyName="record", PolicyDocument=policy(("ssm:*", "*")))
    secret = manager.create_secret(Name="a", SecretString="first")["ARN"]
    function = RotationFunction(enforcing, "rotation")
    function.permit()
    token = manager.rotate_secret(SecretId=secret, RotationLambdaARN=function.arn)["VersionId"]
    logs = enforcing.client("logs")

    def failures() -> int:
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/rotation", filterPattern="AccessDenied")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return 0
        return len(events)

    wait(failures)
    assert manager.describe_secret(SecretId=secret)["VersionIdsToStages"][token] == ["AWSPENDING"]
    steps = policy(*((f"secretsmanager:{step}", secret) for step in STEPS))
    iam.put_role_policy(RoleName=ROLE, PolicyName="rotate", PolicyDocument=steps)
    with pytest.raises(manager.exceptions.InvalidRequestException, match="reattempted"):
        manager.rotate_secret(SecretId=secret)
    wait(lambda: manager.describe_secret(SecretId=secret).get("LastRotatedDate"))
    assert function.steps()[-4:] == list(rotation.STEPS)


def test_each_added_action_needs_its_permission(enforcing: Emulator) -> None:
    iam, cognito, manager = (enforcing.client(each) for each in ("iam", "cognito-idp", "secretsmanager"))
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]
    client = cognito.create_user_pool_client(UserPoolId=pool["Id"], ClientName="c", GenerateSecret=True)[
        "UserPoolClient"
    ]
    names = {"UserPoolId": pool["Id"], "ClientId": client["ClientId"]}
    secret = manager.create_secret(Name="b", SecretString="first")["ARN"]
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    session: Any = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=process.REGION)
    own = {each: session.client(each, endpoint_url=enforcing.endpoint) for each in ("cognito-idp", "secretsmanager")}
    calls: dict[str, Callable[[], Any]] = {
        "cognito-idp:AddUserPoolClientSecret": lambda: own["cognito-idp"].add_user_pool_client_secret(**names),
        "cognito-idp:ListUserPoolClientSecrets": lambda: own["cognito-idp"].list_user_pool_client_secrets(**names),
        "secretsmanager:CancelRotateSecret": lambda: own["secretsmanager"].cancel_rotate_secret(SecretId=secret),
    }
    for action, call in calls.items():
        with pytest.raises(Exception, match=f"not authorized to perform: {action}"):
            call()
        resource = pool["Arn"] if action.startswith("cognito") else secret
        iam.put_user_policy(UserName="u", PolicyName="one", PolicyDocument=policy((action, resource)))
        call()
