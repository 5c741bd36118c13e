"""What is replaced, and what is replaced with it, on templates made by hand."""

from typing import Any

import pytest

from tools.report import loss, resources
from tools.template import Assembly, Stack

FUNCTION = "AWS::Lambda::Function"
PERMISSION = "AWS::Lambda::Permission"


def resource(of: str, **properties: Any) -> dict[str, Any]:
    return {"Type": of, "Properties": properties}


def assembly(**templates: dict[str, Any]) -> Assembly:
    """Stacks by name, each the resources of its template; `Outputs` and `Parameters` stay what they are."""
    stacks = {}
    for name, content in templates.items():
        around = {key: content.pop(key, {}) for key in ("Outputs", "Parameters")}
        stacks[name] = Stack(name=name, environment="dev", template={"Resources": content} | around)
    return Assembly(stacks)


def summary(base: Assembly, head: Assembly) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.resource, item.action, item.because) for item in resources.compare(base, head)]


REFERENCES = {
    "Ref": {"Ref": "F"},
    "Fn::GetAtt": {"Fn::GetAtt": ["F", "Arn"]},
    "Fn::GetAtt as text": {"Fn::GetAtt": "F.Arn"},
    "Fn::Sub": {"Fn::Sub": "arn:${F.Arn}"},
    "Fn::Sub with variables": {"Fn::Sub": ["${it}!", {"it": {"Ref": "F"}}]},
    "Fn::Join": {"Fn::Join": ["", ["a", {"Ref": "F"}]]},
    "nested": {"Fn::Select": [0, [{"Ref": "F"}]]},
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_what_takes_an_id_at_creation_alone_is_replaced_with_it(reference: str) -> None:
    def made(name: str) -> Assembly:
        return assembly(
            s={
                "F": resource(FUNCTION, FunctionName=name),
                "P": resource(PERMISSION, FunctionName=REFERENCES[reference]),
                "Q": resource(PERMISSION, FunctionName="another"),
            }
        )

    assert summary(made("a"), made("b")) == [
        ("s/F", "replaced", ("FunctionName changes and can only be set at creation",)),
        ("s/P", "replaced", ("FunctionName is of s/F, which is replaced",)),
    ]


ACROSS = {
    "Fn::GetStackOutput": {"Fn::GetStackOutput": {"StackName": "one", "OutputName": "Out", "Region": "us-east-1"}},
    "Fn::ImportValue": {"Fn::ImportValue": "exported"},
    "a parameter": {"Ref": "Read"},
}


def published(value: Any) -> dict[str, Any]:
    return {"Published": resource("AWS::SSM::Parameter", Name="/it", Value=value)}


READ = {"Parameters": {"Read": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/it"}}}


@pytest.mark.parametrize("reference", ACROSS)
def test_replacement_crosses_stacks_and_goes_on(reference: str) -> None:
    def made(domain: str) -> Assembly:
        return assembly(
            one={
                "Secret": resource("AWS::SecretsManager::Secret", Name=domain),
                "Outputs": {"Out": {"Value": {"Ref": "Secret"}, "Export": {"Name": "exported"}}},
            }
            | published({"Ref": "Secret"}),
            two={
                "Policy": resource("AWS::SecretsManager::ResourcePolicy", SecretId=ACROSS[reference]),
                "Schedule": resource("AWS::SecretsManager::RotationSchedule", SecretId={"Ref": "Policy"}),
                "Reader": resource("AWS::SSM::Parameter", Name="n", Value=ACROSS[reference]),
            }
            | READ,
        )

    assert summary(made("a"), made("b")) == [
        ("one/Published", "modified", ()),
        ("one/Secret", "replaced", ("Name changes and can only be set at creation",)),
        ("two/Policy", "replaced", ("SecretId is of one/Secret, which is replaced",)),
        ("two/Reader", "modified", ()),
        ("two/Schedule", "replaced", ("SecretId is of two/Policy, which is replaced",)),
    ]


def test_a_secret_whose_value_is_made_from_a_replaced_client_is_made_anew() -> None:
    def made(generate: bool) -> Assembly:
        template = {"Fn::Sub": '{"client_id":"${Client}"}'}
        return assembly(
            s={
                "Client": resource("AWS::Cognito::UserPoolClient", GenerateSecret=generate),
                "Secret": resource("AWS::SecretsManager::Secret", GenerateSecretString={"Template": template}),
            }
        )

    found = loss.losses(resources.compare(made(True), made(False)))
    assert [(item.resource, item.kind) for item in found] == [("s/Client", "replaced"), ("s/Secret", "regenerated")]


def test_an_output_of_another_name_with_the_same_value_changes_nothing() -> None:
    def made(output: str) -> Assembly:
        return assembly(
            one={"F": resource(FUNCTION), "Outputs": {output: {"Value": {"Ref": "F"}}}},
            two={
                "P": resource(
                    PERMISSION, FunctionName={"Fn::GetStackOutput": {"StackName": "one", "OutputName": output}}
                )
            },
        )

    assert summary(made("Old"), made("New")) == []


def test_a_value_that_crosses_by_another_parameter_changes_nothing_of_who_reads_it() -> None:
    def made(name: str) -> Assembly:
        read = {"Read": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}}
        return assembly(
            one={"F": resource(FUNCTION), "P": resource("AWS::SSM::Parameter", Name=name, Value={"Ref": "F"})},
            two={"P": resource(PERMISSION, FunctionName={"Ref": "Read"}), "Parameters": read},
        )

    assert summary(made("/old"), made("/new")) == [
        ("one/P", "replaced", ("Name changes and can only be set at creation",)),
    ]


def test_a_parameter_of_nobody_here_is_itself() -> None:
    """As the bootstrap version is, which `cdk bootstrap` publishes."""
    base, head = (assembly(two={"P": resource(PERMISSION, FunctionName={"Ref": "Read"})} | READ) for _ in "ab")
    assert summary(base, head) == []
    stack = head.stacks["two"]
    assert head.text(head.values(stack, {"Ref": "Read"})) == "${Read}"


def test_a_changed_type_under_the_same_id_is_a_replacement() -> None:
    base, head = assembly(s={"T": resource("AWS::DynamoDB::Table")}), assembly(s={"T": resource(FUNCTION)})
    why = "its type changes to AWS::Lambda::Function, which CloudFormation refuses in place"
    assert summary(base, head) == [("s/T", "replaced", (why,))]
    assert [item.kind for item in loss.losses(resources.compare(base, head))] == ["replaced"]


def test_a_new_deployment_is_no_replacement_and_its_stage_no_change() -> None:
    def made(suffix: str) -> Assembly:
        deployment = resource("AWS::ApiGateway::Deployment", RestApiId="api")
        stage = resource("AWS::ApiGateway::Stage", DeploymentId={"Ref": f"D{suffix}"}, StageName="dev")
        path = {"Metadata": {"aws:cdk:path": "dev/s/D/Resource"}}
        return assembly(s={f"D{suffix}": deployment | path, "Stage": stage})

    assert summary(made("1"), made("2")) == [("dev/s/D", "redeployed", ())]


def test_new_code_alone_is_a_change_of_code() -> None:
    def made(digit: str, memory: int) -> Assembly:
        return assembly(s={"F": resource(FUNCTION, Code={"S3Key": f"{digit * 64}.zip"}, MemorySize=memory)})

    [change] = resources.compare(made("a", 128), made("b", 128))
    assert (change.action, change.properties) == (
        "code changed",
        (resources.PropertyChange(path="Code.S3Key", before="asset aaaaaaaaaaaa", after="asset bbbbbbbbbbbb"),),
    )
    assert summary(made("a", 128), made("b", 256)) == [("s/F", "modified", ())]


def test_a_type_that_no_schema_knows_is_modified_in_place() -> None:
    base, head = (assembly(s={"C": resource("Custom::Thing", Value=value)}) for value in "ab")
    assert summary(base, head) == [("s/C", "modified", ())]


def test_metadata_order_and_absent_values_are_no_change() -> None:
    base = resource(FUNCTION, Description="d")
    head = resource(FUNCTION, Description={"Fn::Sub": "d"}, Layers={"Ref": "AWS::NoValue"})
    assert summary(assembly(s={"F": base}), assembly(s={"F": head | {"DependsOn": "G", "Metadata": {"a": 1}}})) == []


@pytest.mark.parametrize("of", loss.EFFECT)
def test_every_stateful_or_credential_bearing_type_is_lost_when_it_is_removed(of: str) -> None:
    kept = resource(of) | {"DeletionPolicy": "RetainExceptOnCreate"}
    [lost] = loss.losses(resources.compare(assembly(s={"X": kept}), assembly(s={})))
    assert (lost.resource, lost.kind, lost.retained) == ("s/X", "removed", True)


@pytest.mark.parametrize("of", loss.EFFECT)
@pytest.mark.parametrize("target", ["aws://unknown-account/eu-west-1", "aws://111122223333/us-east-1"])
def test_every_stateful_or_credential_bearing_type_is_replaced_when_its_stack_moves(of: str, target: str) -> None:
    def made(where: str) -> Assembly:
        template = {"Resources": {"X": resource(of)}}
        return Assembly({"s": Stack(name="s", environment="dev", target=where, template=template)})

    [lost] = loss.losses(resources.compare(made("aws://unknown-account/us-east-1"), made(target)))
    why = f"its stack moves from aws://unknown-account/us-east-1 to {target}, which makes everything in it anew"
    assert (lost.resource, lost.kind, lost.because) == ("s/X", "replaced", (why,))


def test_what_holds_neither_data_nor_credentials_is_not_lost() -> None:
    assert loss.losses(resources.compare(assembly(s={"X": resource(FUNCTION)}), assembly(s={}))) == ()
