"""Changes of the platform's code; `changes.py` has those of its registry. Importing this module adds them."""

from tests.tools.report.changes import (
    CLIENT,
    ENVIRONMENTS,
    EVERY_CLIENT,
    SECRET,
    acknowledge,
    change,
    fails,
    loss,
    route,
)
from tests.tools.report.repository import Checkout

POOL = "AWS::Cognito::UserPool"
DOMAIN = "AWS::Cognito::UserPoolDomain"
SERVER = "AWS::Cognito::UserPoolResourceServer"
TABLE = "AWS::DynamoDB::GlobalTable"
API = "AWS::ApiGateway::RestApi"


def remade(path: str, what: str = "GenerateSecretString") -> dict[str, object]:
    """A secret's value is generated from its client's id, so that a new client makes a new value."""
    return loss(
        f"{path}/Credentials", SECRET, "regenerated", (f"{what} changes, and a live secret then gets another value",)
    )


def identity(environment: str, child: str, of: str, *because: str) -> dict[str, object]:
    return loss(f"{environment}/identity/{child}", of, "replaced", because, retained=environment != "dev")


METHODS = (("DELETE", "api.write"), ("GET", "api.read"), ("HEAD", "api.read"), ("PUT", "api.write"))
"""Of the profiles API, and the scope of each."""


@change(
    not_understood=[
        "AWS::Cognito::UserPool DeletionProtection",
    ],
    losses=[
        item
        for environment in ENVIRONMENTS
        for item in (
            identity(environment, "UserPool", POOL, "its logical id changes to PoolD3F588B8"),
            identity(
                environment, "UserPool/Domain", DOMAIN,
                "its logical id changes to PoolDomainCFC71F56", "UserPoolId changes and can only be set at creation",
            ),
            identity(
                environment, "UserPool/ResourceServer", SERVER,
                "its logical id changes to PoolResourceServerEFE645D4",
                "UserPoolId changes and can only be set at creation",
            ),
            *(
                item
                for path in EVERY_CLIENT
                if path.startswith(f"{environment}/")
                for item in (
                    loss(
                        f"{path}/AppClient", CLIENT, "replaced", ("UserPoolId changes and can only be set at creation",)
                    ),
                    remade(path),
                )
            ),
        )
    ],
    routes=[
        {
            "before": route(method, scope, environment),
            "after": route(method, scope, environment, "COGNITO_USER_POOLS ${identity/Pool.Arn}"),
        }
        for environment in ENVIRONMENTS
        for method, scope in METHODS
    ],
    **fails(21),
)  # fmt: skip
def the_pool_given_another_construct_id(checkout: Checkout) -> None:
    checkout.edit("stacks/identity.py", '            "UserPool",\n', '            "Pool",\n')


@change(
    not_understood=[
        "AWS::Cognito::UserPoolDomain Domain",
        "AWS::Lambda::Function Environment",
        "AWS::SSM::Parameter Value",
    ],
    losses=[
        identity(name, "UserPool/Domain", DOMAIN, "Domain changes and can only be set at creation")
        for name in ENVIRONMENTS
    ],
    **fails(3),
)
def the_domain_renamed(checkout: Checkout) -> None:
    checkout.edit("stacks/environments.py", "{self.name}-sellwithotto-ai", "{self.name}-otto-ai")


MOVES = (
    "its stack moves from aws://unknown-account/us-east-1 to aws://unknown-account/eu-west-1, "
    "which makes everything in it anew"
)


@change(
    not_understood=[
        "AWS::ApiGateway::Method Integration",
        "AWS::ApiGateway::Stage AccessLogSetting",
        "AWS::DynamoDB::GlobalTable Replicas",
        "AWS::Events::Rule Targets",
        "AWS::Lambda::Function Environment",
        "AWS::SSM::Parameter Value",
        "AWS::WAFv2::LoggingConfiguration LogDestinationConfigs",
        "AWS::WAFv2::WebACLAssociation ResourceArn",
    ],
    losses=[
        *(
            identity("prod", child, of, MOVES)
            for child, of in (("UserPool", POOL), ("UserPool/Domain", DOMAIN), ("UserPool/ResourceServer", SERVER))
        ),
        *(
            loss(f"{path}/{child}", of, "replaced", (MOVES,))
            for path in EVERY_CLIENT
            if path.startswith("prod/")
            for child, of in (("AppClient", CLIENT), ("Credentials", SECRET))
        ),
        loss("prod/profiles/Api/RestApi", API, "replaced", (MOVES,)),
        loss("prod/profiles/Table", TABLE, "replaced", (MOVES,), retained=True),
    ],
    **fails(9),
)
def prod_moved_to_another_region(checkout: Checkout) -> None:
    checkout.edit("stacks/environments.py", 'name="prod",', 'name="prod",\n        region="eu-west-1",')


@change(
    not_understood=[
        "AWS::Cognito::UserPoolResourceServer Identifier",
    ],
    losses=[
        identity(name, "UserPool/ResourceServer", SERVER, "Identifier changes and can only be set at creation")
        for name in ENVIRONMENTS
    ],
    # The methods ask for the scopes of another server: tokens that name the old one open nothing any more.
    routes=[
        {
            "before": route(method, scope, environment),
            "after": route(method, f"otto-{environment}-api/{scope}", environment),
        }
        for environment in ENVIRONMENTS
        for method, scope in METHODS
    ],
    **fails(3),
)
def the_resource_server_renamed(checkout: Checkout) -> None:
    checkout.edit("stacks/environments.py", "otto-{self.name}-api-resource-server", "otto-{self.name}-api")


@change(
    not_understood=[
        "AWS::Cognito::UserPoolClient GenerateSecret",
    ],
    losses=[
        item
        for path in EVERY_CLIENT
        for item in (
            loss(f"{path}/AppClient", CLIENT, "replaced", ("GenerateSecret changes and can only be set at creation",)),
            remade(path),
        )
    ],
    **fails(12),
)
def app_clients_without_a_generated_secret(checkout: Checkout) -> None:
    checkout.edit("stacks/app_client.py", "            generate_secret=True,", "            generate_secret=False,")


@change(
    not_understood=[
        "AWS::Lambda::Function Environment",
    ],
    losses=[
        loss(f"{path}/Credentials", SECRET, "replaced", ("Name changes and can only be set at creation",))
        for path in EVERY_CLIENT
    ],
    **fails(6),
)
def secrets_given_another_name(checkout: Checkout) -> None:
    checkout.edit("stacks/environments.py", "otto/{self.name}/clients/{client}", "otto/{self.name}/m2m/{client}")


@change(
    losses=[
        remade(path, "GenerateSecretString.PasswordLength")
        | {"acknowledged": "The growth team shut the service down in May." if path.startswith("dev") else None}
        for path in EVERY_CLIENT
    ],
    **fails(2),
)
def secret_values_generated_anew_and_dev_acknowledged(checkout: Checkout) -> None:
    checkout.edit("stacks/app_client.py", "password_length=64", "password_length=40")
    acknowledge(checkout, "regenerated", *(f"{p}/Credentials" for p in EVERY_CLIENT if p.startswith("dev")))


@change(
    losses=[
        loss(
            f"{environment}/profiles/Table",
            TABLE,
            "replaced",
            ("KeySchema changes, which can replace it",),
            retained=False,
        )
        for environment in ENVIRONMENTS
    ],
    **fails(3),
)
def the_tables_key_renamed(checkout: Checkout) -> None:
    checkout.edit("stacks/profiles.py", 'Attribute(name="uri"', 'Attribute(name="address"')


@change(
    losses=[
        loss(f"{environment}/profiles/Api/RestApi", API, "replaced", ("its logical id changes to ApiGatewayED308F4C",))
        for environment in ENVIRONMENTS
    ],
    **fails(3),
)
def the_rest_api_given_another_construct_id(checkout: Checkout) -> None:
    checkout.edit("stacks/protected_api.py", '            "RestApi",\n', '            "Gateway",\n')


@change(
    not_understood=[
        "AWS::ApiGateway::Stage MethodSettings",
    ],
    routes=[
        {"before": route("PUT", "api.write", environment), "after": route("PUT", "api.read", environment)}
        for environment in ENVIRONMENTS
    ],
)
def a_method_opened_by_another_scope(checkout: Checkout) -> None:
    checkout.edit("stacks/profiles.py", '("PUT", scopes.WRITE)', '("PUT", scopes.READ)')


@change(
    not_understood=[
        "AWS::ApiGateway::Stage MethodSettings",
    ],
    routes=[
        item
        for environment in ENVIRONMENTS
        for item in (
            {"before": route("DELETE", "api.write", environment), "after": None},
            {"before": None, "after": route("PATCH", "api.read", environment)},
        )
    ],
)
def a_method_added_and_another_removed(checkout: Checkout) -> None:
    checkout.edit("stacks/profiles.py", '("DELETE", scopes.WRITE)', '("PATCH", scopes.READ)')
    checkout.edit("stacks/profiles.py", "CONTRACTS[method]", 'CONTRACTS["GET" if method == "PATCH" else method]')


@change(
    not_understood=[
        "AWS::ApiGateway::Stage MethodSettings",
    ],
    routes=[
        item
        for environment in ENVIRONMENTS
        for item in (
            *({"before": route(method, scope, environment), "after": None} for method, scope in METHODS),
            *(
                {"before": None, "after": route(method, scope, environment, path="/v2/profiles")}
                for method, scope in METHODS
            ),
        )
    ],
)
def every_method_at_another_path(checkout: Checkout) -> None:
    checkout.edit("stacks/profiles.py", '                "/profiles",', '                "/v2/profiles",')


@change(
    routes=[
        {"before": route(method, scope, environment), "after": route(method, "", environment, "NONE")}
        for environment in ENVIRONMENTS
        for method, scope in METHODS
    ],
    verdict="fail",
    reasons=["12 methods that would ask for no scope"],
)
def every_method_open_to_anybody(checkout: Checkout) -> None:
    checkout.edit(
        "stacks/protected_api.py",
        "        resource.add_method(\n            method,\n",
        "        made = resource.add_method(\n            method,\n",
    )
    end = "            request_validator=self._validator,\n        )\n"
    line = '        made.node.default_child.add_property_override("AuthorizationType", "NONE")\n'
    checkout.edit("stacks/protected_api.py", end, end + line)


@change(
    routes=[
        {"before": route("PUT", "api.write", environment), "after": route("PUT", "", environment)}
        for environment in ENVIRONMENTS
    ],
    verdict="fail",
    reasons=["3 methods that would ask for no scope"],
)
def a_method_that_any_user_of_the_pool_may_call(checkout: Checkout) -> None:
    checkout.edit(
        "stacks/protected_api.py",
        "        resource.add_method(\n            method,\n",
        "        made = resource.add_method(\n            method,\n",
    )
    end = "            request_validator=self._validator,\n        )\n"
    line = '        if method == "PUT":\n            made.node.default_child.authorization_scopes = None\n'
    checkout.edit("stacks/protected_api.py", end, end + line)


def grants(environment: str, *actions: str) -> dict[str, object]:
    return {
        "environment": environment,
        "holder": "${profiles/Handler/Role}",
        "effect": "Allow",
        "actions": list(actions),
        "resources": ["${profiles/Table.Arn}"],
        "principals": [],
        "condition": "",
    }


BEFORE = ("dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem")


@change(
    statements_added=[grants(name, *BEFORE, "dynamodb:Scan") for name in ENVIRONMENTS],
    statements_removed=[grants(name, *BEFORE) for name in ENVIRONMENTS],
)
def a_function_allowed_to_read_the_whole_table(checkout: Checkout) -> None:
    checkout.edit("stacks/profiles.py", '"dynamodb:DeleteItem", res', '"dynamodb:DeleteItem", "dynamodb:Scan", res')


@change(
    not_understood=[
        "TerminationProtection",
    ],
    settings=[
        {"stack": f"otto-{name}-{stack}", "setting": "TerminationProtection", "before": "true", "after": "false"}
        for name in ("staging", "prod")
        for stack in ("identity",)
    ],
    resources=[],
)
def a_stack_no_longer_protected_from_deletion(checkout: Checkout) -> None:
    checkout.edit("stacks/identity.py", "termination_protection=environment.stateful", "termination_protection=False")


@change(
    not_understood=[
        "AWS::Cognito::UserPool DeletionPolicy",
        "AWS::Cognito::UserPool UpdateReplacePolicy",
        "AWS::Cognito::UserPoolDomain DeletionPolicy",
        "AWS::Cognito::UserPoolDomain UpdateReplacePolicy",
        "AWS::Cognito::UserPoolResourceServer DeletionPolicy",
        "AWS::Cognito::UserPoolResourceServer UpdateReplacePolicy",
    ],
    resources=[
        {
            "environment": name,
            "stack": f"otto-{name}-identity",
            "resource": f"{name}/identity/{child}",
            "logical_id": logical_id,
            "type": of,
            "action": "modified",
            "because": [],
            "properties": [
                {"path": "DeletionPolicy", "before": "RetainExceptOnCreate", "after": "Delete"},
                {"path": "UpdateReplacePolicy", "before": "Retain", "after": "Delete"},
            ],
            "retained": False,
        }
        for name in ("staging", "prod")
        for child, logical_id, of in (
            ("UserPool", "UserPool6BA7E5F2", POOL),
            ("UserPool/Domain", "UserPoolDomainD0EA232A", DOMAIN),
            ("UserPool/ResourceServer", "UserPoolResourceServer05D1463A", SERVER),
        )
    ],
    settings=[],
)
def a_pool_that_no_longer_outlives_its_stack(checkout: Checkout) -> None:
    checkout.edit(
        "stacks/identity.py",
        "resource.apply_removal_policy(removal_policy(environment))",
        "resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)",
    )
