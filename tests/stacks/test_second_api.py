"""A second API is a short file, a function and `ProtectedApi.add_method`, and it is held to what the first one is."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

import app
from stacks import scopes
from stacks.contract import GATEWAY, Answer, Contract, Documentation, Model
from stacks.environments import ENVIRONMENTS, Environment
from stacks.firewall import FirewallStack
from stacks.function import Function
from stacks.identity import IdentityStack
from stacks.protected_api import ProtectedApi
from tests.stacks.synthesis import SynthesizedStack, read
from tests.stacks.test_gateway import bare_errors, lax
from tests.stacks.test_methods import foreign, scopes_by_route, unprotected
from tests.stacks.test_rule_packs import findings
from tools.synthesis import CONTEXT


class CompaniesStack(cdk.Stack):
    """The whole of a second API: what `stacks/companies.py` would hold."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        identity: IdentityStack,
        firewall: FirewallStack | None,
    ) -> None:
        super().__init__(scope, construct_id, stack_name=environment.stack("companies"))
        handler = Function(
            self,
            "Handler",
            environment=environment,
            package="profiles",
            description="Reads and writes companies",
            timeout=cdk.Duration.seconds(10),
            memory_mib=512,
            variables={},
            reserved_concurrency=environment.api_concurrency,
        )
        api = ProtectedApi(self, "Api", environment=environment, identity=identity, firewall=firewall, name="companies")
        for method, required in (("GET", scopes.READ), ("POST", scopes.WRITE)):
            api.add_method(
                method,
                "/companies",
                function=handler.function,
                scope=required,
                contract=Contract(answers=dict(GATEWAY) | {200: Answer()}),
            )


@pytest.fixture(params=ENVIRONMENTS, ids=lambda environment: environment.name)
def environment(request: pytest.FixtureRequest) -> Environment:
    assert isinstance(request.param, Environment)
    return request.param


@pytest.fixture
def built(environment: Environment, tmp_path: Path) -> cdk.App:
    built = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    stage = app.add_stage(built, environment)
    firewall, identity, _ = app.add_callers(stage, environment, ())
    CompaniesStack(stage, "companies", environment=environment, identity=identity, firewall=firewall)
    built.synth()
    return built


@pytest.fixture
def second(built: cdk.App) -> dict[str, SynthesizedStack]:
    return read(Path(built.outdir))


def test_a_contract_that_changes_is_deployed_anew(tmp_path: Path) -> None:
    """What the stage exports and enforces is that of its deployment, whose id must then be another."""

    def deployments(**schema: object) -> set[str]:
        app_ = cdk.App(context=CONTEXT, outdir=str(tmp_path / str(len(schema))))
        stack = cdk.Stack(app_, "api")
        api = apigateway.RestApi(stack, "Api")
        documentation = Documentation(stack, "Documentation", api=api)
        answers = {200: Answer(model=Model(name="Company", schema={"type": "object"} | schema))}
        responses = documentation.responses(Contract(answers=answers))
        api.root.add_method("GET", apigateway.MockIntegration(), method_responses=responses)
        template = app_.synth().get_stack_by_name("api").template
        return {name for name, each in template["Resources"].items() if each["Type"] == "AWS::ApiGateway::Deployment"}

    assert deployments() != deployments(required=["name"])


def test_its_methods_need_a_token_of_this_environment_and_a_scope(
    second: dict[str, SynthesizedStack], environment: Environment
) -> None:
    template = second[environment.stack("companies")].template
    assert scopes_by_route(template) == {"GET /companies": ["api.read"], "POST /companies": ["api.write"]}
    assert unprotected(template) == []
    assert foreign(second) == []


def test_it_is_as_strict_and_as_clear_as_the_first(
    second: dict[str, SynthesizedStack], environment: Environment
) -> None:
    template = second[environment.stack("companies")].template
    assert list(lax(template)) == []
    assert list(bare_errors(template)) == []


def test_the_rule_packs_find_nothing_to_add(built: cdk.App, environment: Environment) -> None:
    assert [finding for finding in findings(built) if finding[0].startswith(f"{environment.name}/companies")] == []


def test_callers_find_its_address_by_its_name(second: dict[str, SynthesizedStack], environment: Environment) -> None:
    parameters = second[environment.stack("companies")].of_type("AWS::SSM::Parameter")
    assert f"/otto/{environment.name}/m2m/companies-api-url" in [each["Properties"]["Name"] for _, each in parameters]
