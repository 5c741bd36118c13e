"""Changes of templates that give somebody more, or may, and harmless ones: each an edit of synthesized stacks."""

from collections.abc import Callable
from typing import Any

Template = dict[str, Any]
Templates = dict[str, Template]
"""By stack name without `otto-`, such as `dev-identity`."""
Edit = Callable[[Templates], None]

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}
ELSEWHERE = "arn:aws:lambda:us-east-1:666666666666:function:theirs"


def of_type(templates: Templates, stack: str, kind: str, **properties: Any) -> dict[str, Any]:
    """The first resource of a type, with these properties."""
    return next(
        item
        for item in templates[stack]["Resources"].values()
        if item["Type"] == kind and properties.items() <= item.get("Properties", {}).items()
    )


def put(stack: str, kind: str, path: str, value: Any, **properties: Any) -> Edit:
    """Set a property, by a path such as `Integration.Uri` or `Rules.0.Action`; None removes it."""

    def edit(templates: Templates) -> None:
        target: Any = of_type(templates, stack, kind, **properties)["Properties"]
        *parents, last = path.split(".")
        for key in parents:
            target = target[int(key)] if isinstance(target, list) else target.setdefault(key, {})
        if value is None:
            del target[last]
        else:
            target[int(last) if isinstance(target, list) else last] = value

    return edit


def add(stack: str, kind: str, **properties: Any) -> Edit:
    def edit(templates: Templates) -> None:
        templates[stack]["Resources"]["Planted"] = {"Type": kind, "Properties": properties}

    return edit


def drop(stack: str, kind: str, **properties: Any) -> Edit:
    def edit(templates: Templates) -> None:
        resource = of_type(templates, stack, kind, **properties)
        resources = templates[stack]["Resources"]
        del resources[next(key for key, item in resources.items() if item is resource)]

    return edit


def beside(stack: str, key: str, value: Any) -> Edit:
    """Set a part of a template that is no resource."""

    def edit(templates: Templates) -> None:
        part = templates[stack].get(key)
        templates[stack][key] = part | value if isinstance(part, dict) else value

    return edit


def append(stack: str, kind: str, path: str, value: Any, **properties: Any) -> Edit:
    def edit(templates: Templates) -> None:
        target: Any = of_type(templates, stack, kind, **properties)["Properties"]
        for key in path.split("."):
            target = target[int(key)] if isinstance(target, list) else target[key]
        target.append(value)

    return edit


def second_client(**more: Any) -> Edit:
    """A client of the name of one that is there, with more than it."""

    def edit(templates: Templates) -> None:
        resource = of_type(templates, "dev-clients-internal", CLIENT, ClientName="smoke")
        copied = {"Type": CLIENT, "Properties": resource["Properties"] | more}
        templates["dev-clients-internal"]["Resources"]["Second"] = copied

    return edit


def secret_output(templates: Templates) -> None:
    """The attribute of a client that is there."""
    resources = templates["dev-clients-internal"]["Resources"]
    logical_id = next(key for key, item in resources.items() if item["Type"] == CLIENT)
    templates["dev-clients-internal"]["Outputs"] = {"S": {"Value": {"Fn::GetAtt": [logical_id, "ClientSecret"]}}}


def function_url(templates: Templates) -> None:
    add("dev-profiles", "AWS::Lambda::Url", AuthType="NONE", TargetFunctionArn={"Ref": "HandlerFunction0D87A48C"})(
        templates
    )


def http_api(templates: Templates) -> None:
    """An API of the other kind, without an authorizer, on the same function."""
    add(
        "dev-profiles", "AWS::ApiGatewayV2::Api", Name="quick", ProtocolType="HTTP",
        Target={"Fn::GetAtt": ["HandlerFunction0D87A48C", "Arn"]},
    )(templates)  # fmt: skip


def conditional(templates: Templates) -> None:
    of_type(templates, "staging-identity", "AWS::WAFv2::WebACLAssociation")["Condition"] = "Never"
    templates["staging-identity"]["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}


CLIENT = "AWS::Cognito::UserPoolClient"
SECRET = "AWS::SecretsManager::Secret"
FUNCTION = "AWS::Lambda::Function"
METHOD = "AWS::ApiGateway::Method"
POOL = "AWS::Cognito::UserPool"
ROLE = "AWS::IAM::Role"
RULE = "AWS::Events::Rule"
STAGE = "AWS::ApiGateway::Stage"
ACL = "AWS::WAFv2::WebACL"
_STRINGS = "AWS::SSM::Parameter::Value<String>"

WIDENINGS: dict[str, Edit] = {
    # App clients and their secrets
    "a second client of a name": second_client(),
    "a client with the implicit flow": put(
        "dev-clients-internal", CLIENT, "AllowedOAuthFlows", ["implicit"], ClientName="smoke"
    ),
    "a callback": put("dev-clients-internal", CLIENT, "CallbackURLs", ["https://evil.example"], ClientName="smoke"),
    "passwords accepted": put(
        "dev-clients-internal", CLIENT, "ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH"], ClientName="smoke"
    ),
    "user existence told": put(
        "dev-clients-internal", CLIENT, "PreventUserExistenceErrors", "LEGACY", ClientName="smoke"
    ),
    "no revocation": put("dev-clients-internal", CLIENT, "EnableTokenRevocation", None, ClientName="smoke"),
    "another identity provider": put(
        "dev-clients-internal", CLIENT, "SupportedIdentityProviders", ["Google"], ClientName="smoke"
    ),
    "a longer lifetime": put("dev-clients-internal", CLIENT, "AccessTokenValidity", 1440, ClientName="smoke"),
    "a lifetime in hours": put(
        "dev-clients-internal", CLIENT, "TokenValidityUnits.AccessToken", "hours", ClientName="smoke"
    ),
    "a secret in an output": secret_output,
    "a secret in a parameter": add(
        "dev-identity", "AWS::SSM::Parameter", Name="/otto/dev/x", Type="String",
        Value="{{resolve:secretsmanager:otto/dev/clients/smoke:SecretString:client_secret}}",
    ),
    "another client's id on a secret": put("dev-clients-internal", SECRET, "Tags.1.Value", "another-id"),
    "a secret's value spelled": put("dev-clients-internal", SECRET, "SecretString", "hunter2"),
    "a secret copied to another region": put(
        "dev-clients-internal", SECRET, "ReplicaRegions", [{"Region": "eu-west-1"}]
    ),
    "a secret under another key": put("dev-clients-internal", SECRET, "KmsKeyId", "arn:aws:kms:us-east-1:6:key/x"),
    "another rotation function": put(
        "dev-clients-internal", "AWS::SecretsManager::RotationSchedule", "RotationLambdaARN", ELSEWHERE
    ),
    "no rotation": drop("dev-clients-internal", "AWS::SecretsManager::RotationSchedule"),
    "rarer rotation": put(
        "dev-clients-internal", "AWS::SecretsManager::RotationSchedule", "RotationRules.AutomaticallyAfterDays", 999
    ),
    # The pool
    "sign-up switched on": put("dev-identity", POOL, "AdminCreateUserConfig.AllowAdminCreateUserOnly", False),
    "a trigger": put("dev-identity", POOL, "LambdaConfig", {"PreTokenGeneration": ELSEWHERE}),
    "weaker passwords": put("dev-identity", POOL, "Policies.PasswordPolicy.MinimumLength", 6),
    "protection off": put("staging-identity", POOL, "DeletionProtection", "INACTIVE"),
    "an identity pool": add("dev-identity", "AWS::Cognito::IdentityPool", AllowUnauthenticatedIdentities=True),
    "a user": add("dev-identity", "AWS::Cognito::UserPoolUser", Username="me"),
    # Methods and APIs
    "an HTTP API": http_api,
    "a function URL": function_url,
    "a method to another function": put("dev-profiles", METHOD, "Integration.Uri", ELSEWHERE, HttpMethod="GET"),
    "a method open": put("dev-profiles", METHOD, "AuthorizationType", "NONE", HttpMethod="DELETE"),
    "a method for readers": put(
        "dev-profiles", METHOD, "AuthorizationScopes", ["otto-dev-api-resource-server/api.read"], HttpMethod="DELETE"
    ),
    "a method that asks for no key": put("dev-profiles", METHOD, "ApiKeyRequired", None, HttpMethod="ANY"),
    "a method unvalidated": put("dev-profiles", METHOD, "RequestValidatorId", None, HttpMethod="PUT"),
    "an authorizer of another pool": put(
        "dev-profiles", "AWS::ApiGateway::Authorizer", "ProviderARNs", ["arn:aws:cognito-idp:us-east-1:6:userpool/x"]
    ),
    "an authorizer that reads elsewhere": put(
        "dev-profiles", "AWS::ApiGateway::Authorizer", "IdentitySource", "method.request.querystring.token"
    ),
    "longer cached decisions": put("dev-profiles", "AWS::ApiGateway::Authorizer", "AuthorizerResultTtlInSeconds", 3600),
    "an API in its body": put("dev-profiles", "AWS::ApiGateway::RestApi", "Body", {"openapi": "3.0.1"}),
    "a resource policy of an API": put(
        "dev-profiles", "AWS::ApiGateway::RestApi", "Policy", '{"Statement":[{"Effect":"Allow","Principal":"*"}]}'
    ),
    "older TLS": put("dev-profiles", "AWS::ApiGateway::RestApi", "SecurityPolicy", "TLS_1_0"),
    "other hosts accepted": put("dev-profiles", "AWS::ApiGateway::RestApi", "EndpointAccessMode", "BASIC"),
    "other origins let in": put(
        "dev-profiles", "AWS::ApiGateway::GatewayResponse", "ResponseParameters",
        {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}, ResponseType="DEFAULT_4XX",
    ),
    "data trace": put("dev-profiles", STAGE, "MethodSettings.0.DataTraceEnabled", True),
    "a higher throttle": put("dev-profiles", STAGE, "MethodSettings.0.ThrottlingRateLimit", 19_000_000),
    "no throttle": put("dev-profiles", STAGE, "MethodSettings", []),
    "the access log elsewhere": put(
        "dev-profiles", STAGE, "AccessLogSetting.DestinationArn", "arn:aws:logs:us-east-1:6:log-group:theirs"
    ),
    "a second stage": add("dev-profiles", STAGE, StageName="open", RestApiId={"Ref": "Api"}, Variables={"a": "b"}),
    # Firewall
    "a higher firewall limit": put("staging-firewall", ACL, "Rules.1.Statement.RateBasedStatement.Limit", 19_000_000),
    "a firewall rule that counts": put("staging-firewall", ACL, "Rules.0.Action", {"Count": {}}),
    "a firewall rule fewer": put("staging-firewall", ACL, "Rules", []),
    "no firewall": drop("staging-firewall", ACL),
    "no firewall before the pool": drop("staging-identity", "AWS::WAFv2::WebACLAssociation"),
    "bodies in the firewall's log": put("staging-firewall", ACL, "DataProtectionConfig", {"DataProtections": []}),
    "a firewall on a condition": conditional,
    # Functions
    "another token endpoint": put(
        "dev-rotation", FUNCTION, "Environment.Variables.TOKEN_ENDPOINT", "https://evil.example/oauth2/token"
    ),
    "a variable more": put("dev-profiles", FUNCTION, "Environment.Variables.PYTHONPATH", "/var/theirs"),
    "a layer": put("dev-rotation", FUNCTION, "Layers", ["arn:aws:lambda:us-east-1:6:layer:theirs:1"]),
    "another handler": put("dev-profiles", FUNCTION, "Handler", "os.system"),
    "another role": put("dev-profiles", FUNCTION, "Role", "arn:aws:iam::111122223333:role/admin"),
    "code from elsewhere": put("dev-profiles", FUNCTION, "Code", {"ImageUri": "666666666666.dkr.ecr/x"}),
    "an invoker more": add(
        "dev-profiles", "AWS::Lambda::Permission", Action="lambda:InvokeFunction", Principal="*", FunctionName="x"
    ),
    # Policies
    "everything for everybody": append("dev-profiles", "AWS::IAM::Policy", "PolicyDocument.Statement", EVERYTHING),
    "a policy as text": put("dev-profiles", "AWS::IAM::Policy", "PolicyDocument", '{"Statement": []}'),
    "a managed policy on a role": put(
        "dev-rotation", ROLE, "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]
    ),
    "a role without the boundary": put("dev-rotation", ROLE, "PermissionsBoundary", None),
    "a role of another boundary": put("dev-rotation", ROLE, "PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnly"),
    "a wider trust": append("dev-rotation", ROLE, "AssumeRolePolicyDocument.Statement", EVERYTHING),
    "a longer session": put("dev-delivery", ROLE, "MaxSessionDuration", 43_200),
    "a policy on one role more": append("dev-profiles", "AWS::IAM::Policy", "Roles", "admin"),
    "a user with a key": add("dev-rotation", "AWS::IAM::AccessKey", UserName="me"),
    "a key for everybody": append("dev-observability", "AWS::KMS::Key", "KeyPolicy.Statement", EVERYTHING),
    "a key of another environment": put("dev-observability", "AWS::KMS::Key", "Tags", []),
    "a grant on topics": append("dev-observability", "AWS::SNS::TopicPolicy", "PolicyDocument.Statement", EVERYTHING),
    "a policy of the logs": put("dev-observability", "AWS::Logs::ResourcePolicy", "PolicyDocument", "{}"),
    # What goes out
    "a log read by others": add(
        "dev-profiles", "AWS::Logs::SubscriptionFilter", DestinationArn=ELSEWHERE, LogGroupName="x", FilterPattern=""
    ),
    "a table's stream": put("dev-profiles", "AWS::DynamoDB::GlobalTable", "StreamSpecification", {"StreamViewType": 1}),
    "a table elsewhere too": append("dev-profiles", "AWS::DynamoDB::GlobalTable", "Replicas", {"Region": "eu-west-1"}),
    "another target of a rule": append("dev-observability", RULE, "Targets", {"Id": "T", "Arn": ELSEWHERE}),
    "a blind rule": put(
        "dev-observability", RULE, "EventPattern", {"source": ["nobody"]}, Name="otto-dev-foreign-secret"
    ),
    "an alarm that acts": put("dev-observability", "AWS::CloudWatch::Alarm", "AlarmActions", [ELSEWHERE]),
    "a subscriber": put(
        "dev-observability", "AWS::SNS::Topic", "Subscription",
        [{"Protocol": "https", "Endpoint": "https://evil.example"}],
    ),
    "another address for callers": put(
        "dev-identity", "AWS::SSM::Parameter", "Value", "https://evil.example", Name="/otto/dev/m2m/token-endpoint"
    ),
    # Whole templates
    "a transform": beside("dev-identity", "Transform", "AWS::Serverless-2016-10-31"),
    "a macro inside": put(
        "dev-profiles", "AWS::ApiGateway::Model", "Schema", {"Fn::Transform": {"Name": "AWS::Include"}}
    ),
    "a nested stack": add("dev-identity", "AWS::CloudFormation::Stack", TemplateURL="https://evil.example/t.json"),
    "a custom resource": add("dev-identity", "Custom::Run", ServiceToken=ELSEWHERE),
    "a mapping": beside("dev-identity", "Mappings", {"A": {"b": {"c": "d"}}}),
    "a parameter": beside("dev-identity", "Parameters", {"Open": {"Type": "String", "Default": "*"}}),
    "a parameter from elsewhere": beside("dev-identity", "Parameters", {"X": {"Type": _STRINGS, "Default": "/theirs"}}),
    "who may deploy": put("github-oidc", "AWS::IAM::OIDCProvider", "Url", "https://evil.example"),
}  # fmt: skip
"""By name. None of them may stand under "Nobody gets more access"."""

HARMLESS: dict[str, Edit] = {
    # App clients and their secrets
    "a description of a secret": put("dev-clients-internal", SECRET, "Description", "Other words."),
    "a tag on a secret": append("dev-clients-internal", SECRET, "Tags", {"Key": "cost", "Value": "42"}),
    "a shorter lifetime": put("dev-clients-internal", CLIENT, "AccessTokenValidity", 5, ClientName="smoke"),
    "a scope fewer": put("dev-clients-internal", CLIENT, "AllowedOAuthScopes", [], ClientName="smoke"),
    "more frequent rotation": put(
        "dev-clients-internal", "AWS::SecretsManager::RotationSchedule", "RotationRules.AutomaticallyAfterDays", 7
    ),
    # The pool
    "a text of the pool": put("dev-identity", POOL, "EmailVerificationSubject", "Hello"),
    "protection on": put("dev-identity", POOL, "DeletionProtection", "ACTIVE"),
    "a tag of the pool": put("dev-identity", POOL, "UserPoolTags.cost", "42"),
    "a scope that nobody holds": append(
        "dev-identity", "AWS::Cognito::UserPoolResourceServer", "Scopes", {"ScopeName": "x", "ScopeDescription": "y"}
    ),
    # Methods and APIs
    "a description of an API": put("dev-profiles", "AWS::ApiGateway::RestApi", "Description", "Other words."),
    "a response documented": append(
        "dev-profiles", METHOD, "MethodResponses", {"StatusCode": "418"}, HttpMethod="GET"
    ),
    "a method gone": drop("dev-profiles", METHOD, HttpMethod="DELETE"),
    "other words for an error": put(
        "dev-profiles", "AWS::ApiGateway::GatewayResponse", "ResponseTemplates", {"application/json": "{}"}
    ),
    "a header on an error": put(
        "dev-profiles", "AWS::ApiGateway::GatewayResponse", "ResponseParameters",
        {"gatewayresponse.header.Cache-Control": "'no-store'"}, ResponseType="DEFAULT_4XX",
    ),
    "a gateway response more": add(
        "dev-profiles", "AWS::ApiGateway::GatewayResponse", ResponseType="QUOTA_EXCEEDED", StatusCode="429",
        RestApiId={"Ref": "ApiRestApiE35FEAFE"},
    ),
    "a stricter model": put("dev-profiles", "AWS::ApiGateway::Model", "Schema", {"type": "object"}),
    "a lower throttle": put("dev-profiles", STAGE, "MethodSettings.0.ThrottlingRateLimit", 1),
    "tracing off": put("dev-profiles", STAGE, "TracingEnabled", False),
    "a field of the access log": put("dev-profiles", STAGE, "AccessLogSetting.Format", "$context.requestId"),
    "shorter cached decisions": put("dev-profiles", "AWS::ApiGateway::Authorizer", "Name", "other"),
    # Firewall
    "a lower firewall limit": put("staging-firewall", ACL, "Rules.1.Statement.RateBasedStatement.Limit", 10),
    "a smaller body": put(
        "staging-firewall", ACL, "Rules.0.Statement.OrStatement.Statements.0.SizeConstraintStatement.Size", 1024
    ),
    "a description of the firewall": put("staging-firewall", ACL, "Description", "Words."),
    # Functions
    "more memory": put("dev-profiles", FUNCTION, "MemorySize", 1024),
    "a longer timeout": put("dev-profiles", FUNCTION, "Timeout", 20),
    "more at a time": put("staging-profiles", FUNCTION, "ReservedConcurrentExecutions", 300),
    "a newer runtime": put("dev-profiles", FUNCTION, "Runtime", "python3.15"),
    "a description of a function": put("dev-rotation", FUNCTION, "Description", "Other words."),
    "tracing of a function off": put("dev-rotation", FUNCTION, "TracingConfig.Mode", "PassThrough"),
    # Policies
    "a statement fewer": put("dev-profiles", "AWS::IAM::Policy", "PolicyDocument.Statement", []),
    "a shorter session": put("dev-delivery", ROLE, "MaxSessionDuration", 1800, MaxSessionDuration=3600),
    "a tag of a role": append("dev-rotation", ROLE, "Tags", {"Key": "cost", "Value": "42"}),
    "an invoker fewer": drop("dev-rotation", "AWS::Lambda::Permission"),
    "a denial more": append(
        "dev-rotation", "AWS::IAM::Policy", "PolicyDocument.Statement",
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
    ),
    # Watching
    "logs kept longer": put("dev-profiles", "AWS::Logs::LogGroup", "RetentionInDays", 3653),
    "another threshold": put("dev-observability", "AWS::CloudWatch::Alarm", "Threshold", 5),
    "an alarm fewer": drop("dev-observability", "AWS::CloudWatch::Alarm"),
    "another dashboard": put("dev-observability", "AWS::CloudWatch::Dashboard", "DashboardBody", "{}"),
    "another metric": put("dev-observability", "AWS::Logs::MetricFilter", "FilterPattern", "x"),
    "another query": put("dev-observability", "AWS::Logs::QueryDefinition", "QueryString", "fields @message"),
    "another hour": put(
        "dev-observability", RULE, "ScheduleExpression", "rate(2 hours)", Name="otto-dev-rotation-watch"
    ),
    "a rule described": put("dev-observability", RULE, "Description", "Words.", Name="otto-dev-foreign-secret"),
    # Whole templates
    "a description of a stack": beside("dev-identity", "Description", "Other words."),
    "an output more": beside("dev-identity", "Outputs", {"Domain": {"Value": "dev-sellwithotto-ai"}}),
}  # fmt: skip
"""By name. None of them may be called wider, or not understood."""
