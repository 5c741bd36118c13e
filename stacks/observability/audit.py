"""What CloudTrail tells of the user pool, through EventBridge: tokens issued, and secrets added by other hands.

EventBridge gets these events only where a trail logs management events; the alarm `audit-silent` tells when none does.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

import json

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.acknowledgement import acknowledge
from stacks.environments import Environment
from stacks.identity import IdentityStack
from stacks.observability.alarms import RUNBOOK
from stacks.retention import accept_own_encryption
from stacks.rotation import RotationStack

# https://docs.aws.amazon.com/cognito/latest/developerguide/understanding-amazon-cognito-entries.html
_DATA = "$.detail.additionalEventData"
_REQUEST = f"{_DATA}.requestParameters"
CLIENT = f"{_DATA}.clientId"
"""Whose token it is, as AWS's blog shows it of client credentials; the documented examples do not have it."""
FORM_CLIENT = f"{_REQUEST}.client_id[0]"
"""Whose token it is, as far as the request's form said so: one that authenticates with HTTP Basic need not."""
STATUS = f"{_DATA}.responseParameters.status"
_ISSUED = f'{{ {_REQUEST}.grant_type[0] = "client_credentials" && {STATUS} = 200 }}'


class Audit(Construct):
    """One log group of token requests, and one rule that reports a foreign hand on app clients' secrets."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        identity: IdentityStack,
        rotation: RotationStack,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self.issued = _ISSUED
        pool = identity.user_pool_id.read_in(self)
        # A copy of what the trail keeps, for counting: it goes with this stack.
        self.tokens = logs.LogGroup(
            self,
            "Tokens",
            log_group_name=f"/aws/events/{environment.stack('tokens')}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        accept_own_encryption(self.tokens)
        token_rule = events.CfnRule(
            self,
            "TokenRequests",
            name=environment.stack("token-requests"),
            description="Every request to the token endpoint, into a log group",
            event_pattern=token_requests(pool),
            targets=[events.CfnRule.TargetProperty(id="log", arn=_without_star(self.tokens))],
        )
        acknowledge(
            token_rule,
            {"A copy for counting: what does not arrive is in the trail itself.": ("Serverless-EventBusDLQ",)},
        )
        self._let_events_write(token_rule)
        self.foreign_rule = environment.stack("foreign-secret")
        text = {
            "alarm": self.foreign_rule,
            "what": "a secret of an app client was added or deleted, and not by the rotation function",
            "action": "<action>",
            "by": "<by>",
            "at": "<at>",
            "from": "<from>",
            "client_id": "<client>",
            "runbook": f"{RUNBOOK}#foreign-secret",
        }
        detail = {
            "action": "$.detail.eventName",
            "by": "$.detail.userIdentity.arn",
            "at": "$.detail.eventTime",
            "from": "$.detail.sourceIPAddress",
            "client": "$.detail.requestParameters.clientId",
        }
        foreign = events.CfnRule(
            self,
            "ForeignSecret",
            name=self.foreign_rule,
            description="Secrets of app clients that anybody but the rotation function added or deleted",
            event_pattern=foreign_secrets(pool, rotation.role_arn.read_in(self)),
            targets=[
                events.CfnRule.TargetProperty(
                    id="topic",
                    arn=topic.topic_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map=detail, input_template=json.dumps(text)
                    ),
                )
            ],
        )

        acknowledge(
            foreign,
            {
                "EventBridge tries for a day, and the trail keeps the event: a queue would need somebody to watch "
                "it.": ("Serverless-EventBusDLQ",)
            },
        )

    def _let_events_write(self, rule: events.CfnRule) -> None:
        """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions

        AWS's own pattern has the condition on `PutLogEvents` alone: EventBridge makes the stream without a source.
        https://github.com/aws-samples/serverless-patterns/blob/main/eventbridge-cloudwatch/template.yaml (2026-11-25)
        """
        logs.CfnResourcePolicy(
            self,
            "EventsMayWrite",
            policy_name=rule.name or "",
            policy_document=cdk.Stack.of(self).to_json_string(
                iam.PolicyDocument(
                    statements=[
                        self._write("logs:CreateLogStream"),
                        self._write("logs:PutLogEvents", {"ArnEquals": {"aws:SourceArn": rule.attr_arn}}),
                    ]
                ).to_json()
            ),
        )

    def _write(self, action: str, conditions: dict[str, object] | None = None) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            principals=[
                iam.ServicePrincipal("events.amazonaws.com"),
                iam.ServicePrincipal("delivery.logs.amazonaws.com"),
            ],
            actions=[action],
            resources=[self.tokens.log_group_arn],
            conditions=conditions,
        )


def token_requests(user_pool_id: str) -> dict[str, object]:
    """The event pattern of every answer of the pool's token endpoint."""
    return {
        "source": ["aws.cognito-idp"],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {"eventName": ["Token_POST"], "additionalEventData": {"userPoolId": [user_pool_id]}},
    }


def foreign_secrets(user_pool_id: str, role_arn: str) -> dict[str, object]:
    """The event pattern of secrets added or deleted by another identity than this role.

    `anything-but` needs the field to be there, and a user's or the root's call has no session issuer.
    """
    issuer = ("userIdentity", "sessionContext", "sessionIssuer", "arn")
    return {
        "source": ["aws.cognito-idp"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventName": ["AddUserPoolClientSecret", "DeleteUserPoolClientSecret"],
            "requestParameters": {"userPoolId": [user_pool_id]},
            "$or": [_nested(issuer, [{"anything-but": [role_arn]}]), _nested(issuer, [{"exists": False}])],
        },
    }


def _nested(path: tuple[str, ...], value: object) -> dict[str, object]:
    for name in reversed(path):
        value = {name: value}
    assert isinstance(value, dict)  # noqa: S101 - a path has at least one name
    return value


def _without_star(group: logs.LogGroup) -> str:
    """The ARN that a rule's target takes: without the `:*` of `Fn::GetAtt Arn`."""
    return cdk.Stack.of(group).format_arn(
        service="logs",
        resource="log-group",
        resource_name=group.log_group_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
