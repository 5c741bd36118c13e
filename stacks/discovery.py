"""What a stack tells others: each value is an SSM parameter, whose name is spelled once, where it is published.

docs/decisions/references-between-stacks.md says why nothing else crosses from stack to stack.
"""

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.environments import Environment


class Published(Construct):
    """One value of a stack, for the stacks that are deployed after it. Never a secret: many may read parameters."""

    def __init__(self, scope: Construct, construct_id: str, *, parameter: str, value: str) -> None:
        super().__init__(scope, construct_id)
        self._stack = cdk.Stack.of(self)
        self._parameter = parameter
        # By scope: each reading is calls to jsii, and every app client of a stack reads the same.
        self._read: dict[Construct, str] = {}
        self._value = value
        ssm.StringParameter(self, "Parameter", parameter_name=parameter, string_value=value)

    def read_in(self, scope: Construct) -> str:
        """Give the value to a construct of any stack, and have that stack deployed after this one.

        In another stack it is a template parameter, which CloudFormation looks up whenever it makes a change set:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/systems-manager-parameter-types.html
        """
        if scope not in self._read:
            self._read[scope] = self._cross(cdk.Stack.of(scope))
        return self._read[scope]

    def _cross(self, stack: cdk.Stack) -> str:
        if stack is self._stack:
            return self._value
        stack.add_stack_dependency(self._stack)
        return ssm.StringParameter.value_for_string_parameter(stack, self._parameter)


class Discovery(Published):
    """Published as `/otto/<env>/m2m/<name>` and as a stack output: callers find the platform by these names."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, name: str, value: str) -> None:
        super().__init__(scope, construct_id, parameter=environment.parameter(name), value=value)
        cdk.CfnOutput(cdk.Stack.of(self), f"{construct_id}Output", value=value).override_logical_id(construct_id)


class Shared(Published):
    """Published as `/otto/<env>/stacks/<stack>/<construct id>`, for the stacks of this repository alone."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, value: str) -> None:
        stack = cdk.Stack.of(scope).stack_name.removeprefix(environment.stack(""))
        super().__init__(scope, construct_id, parameter=environment.shared(f"{stack}/{construct_id}"), value=value)
