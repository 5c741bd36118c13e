"""Every environment is held to three rule packs: each finding is mended, or acknowledged beside its resource."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from cdk_nag import NagPack
from constructs import IConstruct

import app
from stacks.acknowledgement import acknowledge
from stacks.registry import Group
from tools import acknowledgements
from tools.synthesis import CONTEXT

Finding = tuple[str, str]
"""The path of a resource, and a rule."""


def findings(built: cdk.App) -> Iterator[Finding]:
    """What the packs find and no resource acknowledges."""
    for pack in app.rule_packs(built):
        assert isinstance(pack, NagPack)
        for violation in pack.validate_scope(built).violations:
            for resource in violation.violating_resources:
                yield resource.construct_path or "", violation.rule_name


def of_a_pack(finding: Finding) -> bool:
    return finding[1].startswith(("AwsSolutions-", "Serverless-", "NIST.800.53.R5-"))


def recorder(log: list[Finding]) -> Callable[[IConstruct], Any]:
    """Stands for `Validations.of`: notes what is acknowledged, and lets it be found nevertheless."""

    class Recorder:
        def __init__(self, scope: IConstruct) -> None:
            self._scope = scope

        def acknowledge(self, *rules: cdk.Acknowledgment) -> None:
            log.extend((self._scope.node.path, rule.id) for rule in rules)

    return Recorder


def test_every_finding_is_acknowledged_by_its_resource_and_no_acknowledgement_is_stale(
    groups: tuple[Group, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledged: list[Finding] = []
    monkeypatch.setattr(cdk.Validations, "of", recorder(acknowledged))
    built = cdk.App(context=CONTEXT)
    app.build(built, groups)
    built.synth()
    found = set(findings(built))
    assert found
    assert found == {each for each in acknowledged if of_a_pack(each)}


def test_every_environment_is_synthesized_under_the_packs(groups: tuple[Group, ...], tmp_path: Path) -> None:
    built = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    app.build(built, groups)
    cdk.Validations.of(built).add_plugins(*app.rule_packs(built))
    built.synth()


def stack_in(tmp_path: Path) -> tuple[cdk.App, cdk.Stack]:
    built = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    cdk.Validations.of(built).add_plugins(*app.rule_packs(built))
    return built, cdk.Stack(built, "planted")


def test_a_planted_function_stops_the_synth(tmp_path: Path) -> None:
    built, stack = stack_in(tmp_path)
    lambda_.CfnFunction(stack, "Function", role="role", code=lambda_.CfnFunction.CodeProperty(zip_file="x"))
    rules = {rule for _, rule in findings(built)}
    assert {"NIST.800.53.R5-LambdaConcurrency", "Serverless-LambdaTracing", "Serverless-LambdaDLQ"} <= rules
    with pytest.raises(RuntimeError, match=r"^ValidationFailed: (.|\n)*planted/Function"):
        built.synth()


def test_a_planted_warning_is_found_like_an_error(tmp_path: Path) -> None:
    built, stack = stack_in(tmp_path)
    pool = cognito.CfnUserPool(stack, "Pool", user_pool_tier="PLUS")
    acknowledge(pool, {"planted": ("AwsSolutions-COG1", "AwsSolutions-COG3")})
    assert list(findings(built)) == [("planted/Pool", "AwsSolutions-COG2")]
    with pytest.raises(RuntimeError, match=r"^ValidationFailed: "):
        built.synth()


def test_an_acknowledgement_reaches_its_own_resource_alone(tmp_path: Path) -> None:
    _, stack = stack_in(tmp_path)
    with pytest.raises(TypeError, match="planted: acknowledges CKV_AWS_1, but is not one resource"):
        acknowledge(stack, {"for all": ("CKV_AWS_1",)})


def test_synth_writes_down_what_each_resource_acknowledges(tmp_path: Path) -> None:
    built = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    stack = cdk.Stack(built, "planted")
    acknowledge(iam.CfnUser(stack, "User"), {"why": ("CKV_AWS_1", "W3005"), "and this": ("AwsSolutions-IAM4",)})
    built.synth()
    found = list(acknowledgements.read(tmp_path / "planted.template.json"))
    assert found == [
        ("planted/User", "CKV_AWS_1", "why", "User"),
        ("planted/User", "W3005", "why", "User"),
        ("planted/User", "AwsSolutions-IAM4", "and this", "User"),
    ]
