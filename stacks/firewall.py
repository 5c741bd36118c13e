"""The web application firewall (AWS WAF) in front of the APIs and of the token endpoint."""

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from stacks import firewall_rules as rules
from stacks.acknowledgement import acknowledge
from stacks.discovery import Published, Shared
from stacks.environments import Environment, FirewallLimits
from stacks.retention import log_group

_NONE = "This environment has no firewall: stacks/environments.py says where one is worth its price."


class FirewallStack(cdk.Stack):
    """Two sets of rules, apart from what they protect: they hold nothing and may be replaced at any time. The next
    deployment puts the new ones in front, for each is read by its ARN of that moment."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, limits: FirewallLimits
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("firewall"),
            description="Firewall of Otto's APIs and token endpoint",
            termination_protection=environment.stateful,
        )
        self.apis = self._access_list("Apis", environment, rules.of_apis(limits))
        self.token_endpoint = self._access_list("TokenEndpoint", environment, rules.of_token_endpoint(limits))

    def _access_list(
        self, construct_id: str, environment: Environment, listed: list[wafv2.CfnWebACL.RuleProperty]
    ) -> Published:
        access_list = wafv2.CfnWebACL(
            self,
            construct_id,
            # Named, so that a deployment may be allowed to touch this environment's alone.
            name=environment.stack(construct_id.lower()),
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            rules=listed,
            visibility_config=rules.visibility(construct_id),
            # The largest body that a function takes; the default is 16 KB.
            association_config=wafv2.CfnWebACL.AssociationConfigProperty(
                request_body={
                    "API_GATEWAY": wafv2.CfnWebACL.RequestBodyAssociatedResourceTypeConfigProperty(
                        default_size_inspection_limit="KB_64"
                    )
                }
            ),
            # Tokens, secrets and people's addresses leave the firewall in no log and no sample.
            data_protection_config=wafv2.CfnWebACL.DataProtectionConfigProperty(
                data_protections=[_hidden("SINGLE_HEADER", ["authorization"]), _hidden("QUERY_STRING"), _hidden("BODY")]
            ),
        )
        self._log(construct_id, access_list, environment)
        return Shared(self, f"{construct_id}Arn", environment=environment, value=access_list.attr_arn)

    def _log(self, construct_id: str, access_list: wafv2.CfnWebACL, environment: Environment) -> None:
        """Log what was refused or counted: the rest is in the access log of the API."""
        # WAF takes no other name: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
        name = f"aws-waf-logs-{environment.stack(construct_id.lower())}"
        group = log_group(self, f"{construct_id}Log", environment, name=name)
        wafv2.CfnLoggingConfiguration(
            self,
            f"{construct_id}Logging",
            resource_arn=access_list.attr_arn,
            log_destination_configs=[_plain_arn(group)],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [
                            {"ActionCondition": {"Action": action}}
                            for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
                        ],
                    }
                ],
            },
        )


def protect_stage(stage: apigateway.Stage, firewall: FirewallStack | None) -> None:
    """Put the firewall in front of a deployed API, where the environment has one."""
    if firewall:
        _associate(stage, stage.stage_arn, firewall.apis)
    else:
        acknowledge(stage, {_NONE: ("AwsSolutions-APIG3", "NIST.800.53.R5-APIGWAssociatedWithWAF")})


def protect_user_pool(pool: cognito.UserPool, firewall: FirewallStack | None) -> None:
    """Put the firewall in front of the pool's domain, and so of its token endpoint, where the environment has one."""
    if firewall:
        _associate(pool, pool.user_pool_arn, firewall.token_endpoint)


def _associate(protected: Construct, arn: str, access_list: Published) -> None:
    wafv2.CfnWebACLAssociation(protected, "Firewall", resource_arn=arn, web_acl_arn=access_list.read_in(protected))


def _hidden(field: str, keys: list[str] | None = None) -> wafv2.CfnWebACL.DataProtectProperty:
    return wafv2.CfnWebACL.DataProtectProperty(
        action="SUBSTITUTION", field=wafv2.CfnWebACL.FieldToProtectProperty(field_type=field, field_keys=keys)
    )


def _plain_arn(group: logs.LogGroup) -> str:
    """Without the `:*` that a log group's own ARN ends in, which WAF refuses."""
    return cdk.Stack.of(group).format_arn(
        service="logs",
        resource="log-group",
        resource_name=group.log_group_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
