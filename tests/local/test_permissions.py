"""Each function has what it needs and no more: with IAM enforced, each allowed action is taken away in turn.

The policies are those of the synthesized templates; the operations are the functions' own, made with a caller who has
that policy alone.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import boto3
import pytest
from ministack.core import iam_evaluator  # type: ignore[import-untyped]

from lambdas.profiles.profile import Content, Profile
from lambdas.profiles.store import Table
from lambdas.rotation.cognito import UserPool
from lambdas.rotation.credentials import Credentials
from lambdas.rotation.secrets_manager import SecretsManager
from lambdas.rotation_watch import handler as watch
from local.emulator import process
from local.emulator.key import ACCOUNT
from local.emulator.process import REGION, Emulator
from stacks.registry import Group
from stacks.registry.own import SMOKE
from tests.stacks.synthesis import SynthesizedStack, Template, synthesize_callers
from tests.stacks.test_credentials import READERS, changed

PREFIX = "otto/dev/clients/"
URI = "https://www.linkedin.com/in/arjaynacion"
PROFILE = Profile(
    content=Content(uri=URI, full_name="A", attributes={}),
    version=1,
    revision="one",
    updated_at="2026-01-01",
    updated_by="me",
)


@dataclass
class Caller:
    """A principal that may do what one policy says; its clients are signed as it."""

    emulator: Emulator
    name: str = field(default_factory=lambda: f"u{uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        iam = self.emulator.client("iam")
        iam.create_user(UserName=self.name)
        key = iam.create_access_key(UserName=self.name)["AccessKey"]
        self._session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)

    def __call__(self, service: str) -> Any:
        """A client of this principal's."""
        make: Any = self._session.client
        return make(service, endpoint_url=self.emulator.endpoint)

    def allow(self, statements: list[dict[str, Any]]) -> None:
        self.document = document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.emulator.client("iam").put_user_policy(UserName=self.name, PolicyName="one", PolicyDocument=document)


def require(caller: Caller, *, action: str, resource: str) -> None:
    """Raises PermissionError unless the caller's policy allows it."""
    asked = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{ACCOUNT}:user/u",
        principal_type="User",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
    )
    if iam_evaluator.evaluate(asked, [iam_evaluator.parse_policy_document(caller.document)]).decision != "Allow":
        raise PermissionError(f"not authorized to perform: {action}")


def resolved(value: Any, known: dict[str, str]) -> Any:
    """A part of a template with what it refers to filled in: each by a part of its logical id or parameter's name."""
    match value:
        case {"Ref": "AWS::AccountId"}:
            return ACCOUNT
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(resolved(part, known) for part in parts)
        case {"Fn::GetAtt": [str(name), "Arn"]} | {"Ref": str(name)}:
            return next(value for known_name, value in known.items() if known_name in name)
        case list():
            return [resolved(item, known) for item in value]
        case dict():
            return {name: resolved(item, known) for name, item in value.items()}
        case _:
            return value


def statements(stack: SynthesizedStack, known: dict[str, str]) -> list[dict[str, Any]]:
    """One statement for each action that the stack's one function is allowed."""
    [(_, policy)] = stack.of_type("AWS::IAM::Policy")
    return [
        {"Effect": each["Effect"], "Action": action, "Resource": resolved(each["Resource"], known)}
        for each in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]


Operations = dict[str, Callable[[Caller], object]]
"""The operation that needs each action, as a caller."""


def judged(resource: str, *actions: str) -> Operations:
    """What the emulator cannot refuse, judged by its evaluator from the same policy: X-Ray, which it does not have, and
    logs, which it asks for by a group's ARN where AWS asks by a stream's."""
    return {action: partial(require, action=action, resource=resource) for action in actions}


def logging(group: str) -> Operations:
    stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:one"
    return judged(stream, "logs:CreateLogStream", "logs:PutLogEvents")


TRACING = judged("*", "xray:PutTraceSegments", "xray:PutTelemetryRecords")


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    state = tmp_path_factory.mktemp("enforcing")
    yield process.start(state=state, port=process.free_port(), auth=True)
    process.stop(state)


@dataclass(frozen=True)
class Function:
    """A function's policy in this account, and every operation that it does there."""

    allowed: list[dict[str, Any]]
    operations: Operations
    foreign: Operations
    """The same on what belongs to another."""


def log_group(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"  # as Fn::GetAtt returns it


@pytest.fixture(scope="module")
def profiles(enforcing: Emulator, stacks: dict[str, SynthesizedStack]) -> Function:
    database = enforcing.client("dynamodb")
    [(_, table)] = stacks["otto-dev-profiles"].of_type("AWS::DynamoDB::GlobalTable")
    keys = {name: table["Properties"][name] for name in ("KeySchema", "AttributeDefinitions", "BillingMode")}
    tables = [database.create_table(TableName=name, **keys) for name in ("profiles", "other")]
    known = {
        "Table": tables[0]["TableDescription"]["TableArn"],
        "HandlerLogs": log_group("profiles-log"),
    }

    def on(table: str) -> Operations:
        return {
            "dynamodb:GetItem": lambda make: Table(make("dynamodb"), table).get(URI),
            "dynamodb:PutItem": lambda make: write(Table(make("dynamodb"), table)),
            "dynamodb:DeleteItem": lambda make: Table(make("dynamodb"), table).delete(PROFILE),
        }

    def write(table: Table) -> None:
        # Another has written it already, which is told only to who may write.
        database.delete_item(TableName="profiles", Key={"uri": {"S": URI}})
        table.put(PROFILE, replacing=None)

    return Function(
        allowed=statements(stacks["otto-dev-profiles"], known),
        operations={**on("profiles"), **logging("profiles-log"), **TRACING},
        foreign=on("other") | logging("other-log"),
    )


@pytest.fixture(scope="module")
def rotation(enforcing: Emulator, stacks: dict[str, SynthesizedStack]) -> Function:
    cognito, manager = enforcing.client("cognito-idp"), enforcing.client("secretsmanager")
    pools = [cognito.create_user_pool(PoolName=name)["UserPool"] for name in ("p", "other")]
    known = {"identityUserPoolArn": pools[0]["Arn"], "HandlerLogs": log_group("rotation-log")}

    def on(pool: str, secret: str) -> Operations:
        def app_client() -> str:
            made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="c", GenerateSecret=True)
            return str(made["UserPoolClient"]["ClientId"])

        def added(client: str) -> str:
            made = cognito.add_user_pool_client_secret(UserPoolId=pool, ClientId=client)
            return str(made["ClientSecretDescriptor"]["ClientSecretId"])

        manager.create_secret(Name=secret, SecretString="first")
        version = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = next(iter(version))

        def delete(make: Any) -> None:
            client = app_client()
            UserPool(make("cognito-idp"), pool).delete(client, added(client))

        return {
            "secretsmanager:DescribeSecret": lambda make: SecretsManager(make("secretsmanager"), PREFIX).describe(
                secret
            ),
            "secretsmanager:GetSecretValue": lambda make: SecretsManager(make("secretsmanager"), PREFIX).read(
                secret, current
            ),
            "secretsmanager:PutSecretValue": lambda make: SecretsManager(make("secretsmanager"), PREFIX).write_pending(
                secret, str(uuid4()), "next"
            ),
            "secretsmanager:UpdateSecretVersionStage": lambda make: SecretsManager(make("secretsmanager"), PREFIX).move(
                secret, "mark", to=current, off=None
            ),
            "cognito-idp:ListUserPoolClients": lambda make: UserPool(make("cognito-idp"), pool).names(),
            "cognito-idp:DescribeUserPoolClient": lambda make: UserPool(make("cognito-idp"), pool).managed(
                app_client()
            ),
            "cognito-idp:ListUserPoolClientSecrets": lambda make: UserPool(make("cognito-idp"), pool).secrets(
                app_client()
            ),
            "cognito-idp:AddUserPoolClientSecret": lambda make: UserPool(make("cognito-idp"), pool).add(
                Credentials(client_id=app_client(), client_secret="A" * 64)
            ),
            "cognito-idp:DeleteUserPoolClientSecret": delete,
        }

    return Function(
        allowed=statements(stacks["otto-dev-rotation"], known),
        operations={
            **on(pools[0]["Id"], "otto/dev/clients/mine"),
            "secretsmanager:GetRandomPassword": lambda make: SecretsManager(make("secretsmanager"), PREFIX).generate(),
            **logging("rotation-log"),
            **TRACING,
        },
        foreign=on(pools[1]["Id"], "otto/prod/clients/others") | logging("other-log"),
    )


@pytest.fixture(scope="module")
def rotation_watch(enforcing: Emulator, stacks: dict[str, SynthesizedStack]) -> Function:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
    known = {"rotationFunctionArn": f"{function}:rotation", "RotationWatchHandlerLogs": log_group("watch-log")}
    secrets = ("otto/dev/clients/watched", "otto/prod/clients/watched")
    for secret in secrets:
        enforcing.client("secretsmanager").create_secret(Name=secret, SecretString="first")

    def look(make: Caller) -> None:
        with (
            patch.object(watch, "_client", lambda: make("secretsmanager")),
            patch.object(watch, "_functions", lambda: make("lambda")),
            patch.dict(
                "os.environ", {"SECRETS": "no secret has this name", "NAMESPACE": "Otto/dev", "ROTATION": "none"}
            ),
        ):
            watch.handle({}, SimpleNamespace(aws_request_id="a-request"))

    def resume(secret: str, make: Caller) -> None:
        with patch.object(watch, "_client", lambda: make("secretsmanager")):
            fault = watch._resume(secret)
        if fault and "AccessDenied" in fault:  # which it notes of one secret, and goes on to the next
            raise PermissionError(fault)

    def on(secret: str, rotation: str) -> Operations:
        # Secrets Manager asks for both of whoever starts a rotation; the emulator, for the first. The comparison calls
        # the function as well.
        started = judged(f"{function}:{rotation}", "lambda:InvokeFunction")
        return {"secretsmanager:RotateSecret": partial(resume, secret), **started}

    return Function(
        allowed=statements(stacks["otto-dev-observability"], known),
        operations={
            "secretsmanager:ListSecrets": look,
            **on(secrets[0], "rotation"),
            **logging("watch-log"),
            **TRACING,
        },
        foreign=on(secrets[1], "another") | logging("other-log"),
    )


FUNCTIONS = ("profiles", "rotation", "rotation_watch")
"""The package of each function that is tried here: a fixture's name."""


def packages(stacks: Iterable[SynthesizedStack]) -> set[str]:
    """The package of every function that is deployed to `dev`."""
    return {
        resource["Properties"]["Handler"].partition(".")[0]
        for stack in stacks
        if stack.environment == "dev"
        for _, resource in stack.of_type("AWS::Lambda::Function")
    }


def test_every_function_is_tried(stacks: dict[str, SynthesizedStack]) -> None:
    assert packages(stacks.values()) == set(FUNCTIONS)


def test_a_planted_function_is_one_that_is_not_tried(stacks: dict[str, SynthesizedStack]) -> None:
    planted = {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "planted.handler.handle"}}
    stack = replace(stacks["otto-dev-account"], template={"Resources": {"Planted": planted}})
    assert packages([*stacks.values(), stack]) - set(FUNCTIONS) == {"planted"}


def denied(do: Callable[[Caller], object], caller: Caller) -> bool:
    """Whether IAM refuses it; it must succeed otherwise."""
    try:
        do(caller)
    except Exception as error:
        if "AccessDenied" in f"{error} {error.__cause__}" or "not authorized" in str(error):
            return True
        raise
    return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_needs_every_action_that_it_is_allowed(
    enforcing: Emulator, name: str, request: pytest.FixtureRequest
) -> None:
    function: Function = request.getfixturevalue(name)
    assert sorted(each["Action"] for each in function.allowed) == sorted(function.operations)
    caller = Caller(enforcing)
    for taken in [None, *function.operations]:
        caller.allow([each for each in function.allowed if each["Action"] != taken])
        refused = {action for action, do in function.operations.items() if denied(do, caller)}
        assert refused == ({taken} if taken else set())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_do_nothing_to_what_is_anothers(
    enforcing: Emulator, name: str, request: pytest.FixtureRequest
) -> None:
    function: Function = request.getfixturevalue(name)
    caller = Caller(enforcing)
    caller.allow(function.allowed)
    assert {action for action, do in function.foreign.items() if denied(do, caller)} == function.foreign.keys()
    # And planted: with a wildcard in the place of each resource, nothing of it would be refused.
    caller.allow([each | {"Resource": "*"} for each in function.allowed])
    assert not any(denied(do, caller) for do in function.foreign.values())


ROTATION = f"arn:aws:iam::{ACCOUNT}:role/rotation"
CLOUDFORMATION = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-{REGION}"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:otto-prod-rotation-Handler"


@pytest.fixture(scope="module")
def readers(groups: tuple[Group, ...]) -> Template:
    """The policy on the secret of a client that names readers."""
    stack = synthesize_callers(changed(groups, SMOKE, readers=READERS))["otto-prod-clients-internal"]
    [resource] = [
        each
        for _, each in stack.of_type("AWS::SecretsManager::ResourcePolicy")
        if SMOKE in each["Properties"]["SecretId"]["Ref"]
    ]
    known = {"RoleArn": ROTATION, "FunctionArn": FUNCTION}
    policy: Template = resolved(resource["Properties"]["ResourcePolicy"], known)
    return policy


def decided(
    policy: Template, role: str, action: str = "GetSecretValue", *, tls: bool = True, function: str | None = None
) -> str:
    """What a secret's own policy says to a role; `function` is the one that a request to rotate names."""
    asked = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=f"secretsmanager:{action}",
        resource_arn=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:otto/prod/clients/{SMOKE}-AbCdEf",
        region=REGION,
        secure_transport=tls,
        service_context={"secretsmanager:rotationlambdaarn": function} if function else {},
    )
    return str(iam_evaluator.evaluate_resource_policy(policy, asked).decision)


@pytest.mark.parametrize("role", [*READERS, ROTATION])
def test_a_reader_and_the_rotation_may_read_over_tls_alone(readers: Template, role: str) -> None:
    assert decided(readers, role) == "Allow"
    assert decided(readers, role, tls=False) == "Deny"


def test_nobody_else_may_read_whatever_the_accounts_policies_allow(readers: Template) -> None:
    stranger = f"arn:aws:iam::{ACCOUNT}:role/stranger"
    assert decided(readers, stranger) == "Deny"
    # And planted: without its refusals, a stranger's own policy would decide, and plain HTTP would do.
    allowing = {"Statement": [each for each in readers["Statement"] if each["Effect"] == "Allow"]}
    assert decided(allowing, stranger) == "ImplicitDeny"
    assert decided(allowing, READERS[0], tls=False) == "Allow"


@pytest.mark.parametrize(
    "action",
    [
        "CancelRotateSecret",
        "DeleteResourcePolicy",
        "DeleteSecret",
        "PutResourcePolicy",
        "PutSecretValue",
        "TagResource",
        "UntagResource",
        "UpdateSecret",
        "UpdateSecretVersionStage",
    ],
)
def test_cloudformation_and_the_rotation_alone_may_write_a_secret(readers: Template, action: str) -> None:
    for role in (*READERS, f"arn:aws:iam::{ACCOUNT}:role/owner", f"arn:aws:iam::{ACCOUNT}:role/administrator"):
        assert decided(readers, role, action) == "Deny"
    for role in (CLOUDFORMATION, ROTATION):
        assert decided(readers, role, action) == "ImplicitDeny", "its own policy decides"


@pytest.mark.parametrize("action", ["DescribeSecret", "RestoreSecret", "RotateSecret"])
def test_whoever_is_allowed_to_may_look_restore_and_rotate(readers: Template, action: str) -> None:
    assert decided(readers, f"arn:aws:iam::{ACCOUNT}:role/on-duty", action) == "ImplicitDeny", "its own policy decides"


def test_nobody_may_have_a_secret_rotated_by_another_function(readers: Template) -> None:
    another = FUNCTION.replace("otto-prod", "mine")
    for role in (f"arn:aws:iam::{ACCOUNT}:role/owner", CLOUDFORMATION):
        assert decided(readers, role, "RotateSecret", function=another) == "Deny"
        assert decided(readers, role, "RotateSecret", function=FUNCTION) == "ImplicitDeny"
