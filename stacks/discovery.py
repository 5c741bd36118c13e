"""How callers find the platform: each address is a stack output and an SSM parameter with a contract name."""

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.environments import Environment


class Discovery(Construct):
    """Publishes one value as `/otto/<env>/m2m/<name>`. Never a secret: parameters and outputs are readable by many."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, name: str, value: str) -> None:
        super().__init__(scope, construct_id)
        ssm.StringParameter(self, "Parameter", parameter_name=environment.parameter(name), string_value=value)
        cdk.CfnOutput(cdk.Stack.of(self), f"{construct_id}Output", value=value).override_logical_id(construct_id)
