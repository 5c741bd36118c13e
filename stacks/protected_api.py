"""A protected API: a REST API in which no method that does anything can exist without the authorizer and a scope."""

import json
from collections.abc import Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks import scopes
from stacks.acknowledgement import acknowledge
from stacks.contract import Contract, Documentation
from stacks.discovery import Discovery, Shared
from stacks.environments import Environment, Throttle
from stacks.firewall import FirewallStack, protect_stage
from stacks.gateway_errors import NOT_ALLOWED, add_gateway_errors
from stacks.identity import IdentityStack
from stacks.retention import log_group

# Cognito puts the app client in the claim `client_id`; an access token of a machine has no `aud`. Every value is in
# quotes: what a request does not have is written as `-`, which as a bare number would make the line no JSON at all.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
_ACCESS_LOG = {
    "time": "$context.requestTime",
    "request_id": "$context.requestId",
    "client_id": "$context.authorizer.claims.client_id",
    "scope": "$context.authorizer.claims.scope",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "authorizer_error": "$context.authorizer.error",
    "integration_error": "$context.integration.error",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "response_bytes": "$context.responseLength",
    "source_ip": "$context.identity.sourceIp",
    "function_request_id": "$context.integration.requestId",
    "trace_id": "$context.xrayTraceId",
}


class ProtectedApi(Construct):
    """A regional REST API at the stage `<env>`, found by callers as `/otto/<env>/m2m/<name>-api-url`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        identity: IdentityStack,
        firewall: FirewallStack | None,
        name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._settings = [_setting("*", "/*", environment.probes)]
        self._methods: dict[str, list[str]] = {}
        """By path."""
        self._resource_server = identity.resource_server_id.read_in(self)
        access_log = log_group(self, "AccessLog", environment)
        self.access_log = Shared(self, "AccessLogName", environment=environment, value=access_log.log_group_name)
        self.name = f"otto-{environment.name}-{name}"
        self._api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=self.name,
            description=f"Otto's {name} API: access tokens of {environment.resource_server} only",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=apigateway.StageOptions(
                stage_name=environment.name,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
                tracing_enabled=True,
            ),
        )
        self._guard_transport()
        self._not_allowed = add_gateway_errors(self._api, environment)[NOT_ALLOWED]
        self._told = dict(cast("Mapping[str, str]", self._not_allowed.response_parameters))
        # Discovery publishes the address under a contract name; this output would be a second, unnamed one.
        self._api.node.try_remove_child("Endpoint")
        self._documentation = Documentation(self, "Documentation", api=self._api)
        self._validator = self._api.add_request_validator(
            "RequiredParameters", validate_request_parameters=True, validate_request_body=True
        )
        pool = cognito.UserPool.from_user_pool_arn(self, "UserPool", identity.user_pool_arn.read_in(self))
        self._authorizer = apigateway.CognitoUserPoolsAuthorizer(self, "Authorizer", cognito_user_pools=[pool])
        self._stage = self._guard_stage(firewall)
        Discovery(
            cdk.Stack.of(self),
            f"{name.capitalize()}ApiUrl",
            environment=environment,
            name=f"{name}-api-url",
            value=self._api.url_for_path(f"/{name}"),
        )

    def add_method(
        self,
        method: str,
        path: str,
        *,
        function: lambda_.IFunction,
        scope: str,
        contract: Contract,
        query: tuple[str, ...] = (),
    ) -> None:
        """Route `method path` to `function` for access tokens that carry `scope`; `query` parameters are required.

        The `contract` goes into the OpenAPI document; the gateway holds a JSON body to it before the function does.
        """
        resource = self._api.root.resource_for_path(path)
        resource.add_method(
            method,
            apigateway.LambdaIntegration(function, allow_test_invoke=False),
            authorization_type=apigateway.AuthorizationType.COGNITO,
            authorizer=self._authorizer,
            authorization_scopes=[f"{self._resource_server}/{scope}"],
            request_parameters={f"method.request.querystring.{name}": True for name in query}
            | {f"method.request.header.{name}": False for name in contract.headers},
            request_models=self._documentation.request_models(contract),
            method_responses=self._documentation.responses(contract),
            request_validator=self._validator,
        )
        self._tell_methods(resource, method)
        throttle = self._environment.reads if scope == scopes.READ else self._environment.writes
        throttle = self._environment.probes if method == "HEAD" else throttle
        # As AWS::ApiGateway::Stage MethodSetting writes a path.
        self._settings.append(_setting(method, f"/{path.replace('/', '~1')}", throttle))
        self._stage.method_settings = list(self._settings)

    def _tell_methods(self, resource: apigateway.IResource, method: str) -> None:
        """Have every other method of the path answered 405 with those that it has (docs/decisions/methods.md)."""
        if resource.path not in self._methods:
            # Nobody has a key for it, so nothing gets past that question: with a token or without, whatever is sent.
            # API Gateway does not charge for a request that it refuses so (docs/assumptions.md#other-methods-free).
            other = resource.add_method("ANY", apigateway.MockIntegration(), api_key_required=True)
            acknowledge(
                other,
                {
                    "It asks for a key that nobody has, answers 405 to all, and has nothing behind it.": (
                        "AwsSolutions-APIG4",
                        "AwsSolutions-COG4",
                    )
                },
            )
        self._methods.setdefault(resource.path, []).append(method)
        # One answer for the whole API: where its paths differ it can name no methods.
        allowed, *others = self._methods.values()
        told = {"gatewayresponse.header.Allow": f"'{', '.join(allowed)}'"} if others == [allowed] * len(others) else {}
        self._not_allowed.response_parameters = self._told | told

    def _guard_transport(self) -> None:
        """Take TLS 1.2 at least, with forward secrecy, and no Host but the name that TLS was set up for.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
        """
        api = cast("apigateway.CfnRestApi", self._api.node.default_child)
        api.security_policy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
        api.endpoint_access_mode = "STRICT"

    def _guard_stage(self, firewall: FirewallStack | None) -> apigateway.CfnStage:
        """Limit and log what no method's own settings do, and put the firewall in front."""
        stage = cast("apigateway.CfnStage", self._api.deployment_stage.node.default_child)
        stage.method_settings = list(self._settings)
        # API Gateway would make it at the first error, and keep it for ever.
        stage.node.add_dependency(
            log_group(
                self,
                "ExecutionLog",
                self._environment,
                name=f"API-Gateway-Execution-Logs_{self._api.rest_api_id}/{self._environment.name}",
            )
        )
        acknowledge(
            stage,
            {
                "An answer depends on the caller's token and must be what is stored now: nothing in between keeps "
                "it.": ("NIST.800.53.R5-APIGWCacheEnabledAndEncrypted", "CKV_AWS_120"),
                "A certificate tells a backend that speaks HTTP who calls it; this one is a function, called by IAM.": (
                    "NIST.800.53.R5-APIGWSSLEnabled",
                ),
            },
        )
        protect_stage(self._api.deployment_stage, firewall)
        return stage


def _setting(method: str, path: str, throttle: Throttle) -> apigateway.CfnStage.MethodSettingProperty:
    return apigateway.CfnStage.MethodSettingProperty(
        http_method=method,
        resource_path=path,
        throttling_rate_limit=throttle.per_second,
        throttling_burst_limit=throttle.burst,
        logging_level="ERROR",
        # Data trace writes whole requests to the log, access tokens included.
        data_trace_enabled=False,
        metrics_enabled=True,
    )
