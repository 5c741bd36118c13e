"""Changes of resources that give nobody more access, as data. No other one is understood, and the report says so.

`SHOWN` is judged by another part of the report: clients by `access`, methods by `routes`, policies by `statements`.
"""

from collections.abc import Mapping
from typing import Final

from tools.report import rules
from tools.report.clients import CLIENT

_NAMED: Final[dict[str, rules.Rule]] = {"Description": rules.accept, "Name": rules.accept, "Tags": rules.accept}
_WATCHING: Final[dict[str, rules.Rule]] = {"*": rules.accept}

PROPERTIES: Final[dict[str, dict[str, rules.Rule]]] = {
    "AWS::ApiGateway::Account": {"CloudWatchRoleArn": rules.only_at_creation},
    "AWS::ApiGateway::Authorizer": {
        "Name": rules.accept,
        "RestApiId": rules.only_at_creation,
        "Type": rules.one_of("COGNITO_USER_POOLS"),
        "IdentitySource": rules.one_of("method.request.header.Authorization"),
        "AuthorizerResultTtlInSeconds": rules.no_higher,
        "ProviderARNs": rules.SHOWN,
    },
    "AWS::ApiGateway::Deployment": {"Description": rules.accept, "RestApiId": rules.only_at_creation},
    "AWS::ApiGateway::GatewayResponse": {
        "ResponseParameters": rules.fixed_headers,
        "ResponseTemplates": rules.accept,
        "ResponseType": rules.accept,
        "StatusCode": rules.accept,
        "RestApiId": rules.only_at_creation,
    },
    "AWS::ApiGateway::Method": {
        "ApiKeyRequired": rules.one_of(True),
        "AuthorizationScopes": rules.SHOWN,
        "AuthorizationType": rules.SHOWN,
        "AuthorizerId": rules.SHOWN,
        "HttpMethod": rules.SHOWN,
        "ResourceId": rules.SHOWN,
        "RestApiId": rules.SHOWN,
        "Integration": rules.only_at_creation,
        "MethodResponses": rules.accept,
        "OperationName": rules.accept,
        "RequestModels": rules.accept,
        "RequestParameters": rules.accept,
        "RequestValidatorId": rules.not_dropped,
    },
    "AWS::ApiGateway::Model": {"ContentType": rules.accept, "RestApiId": rules.only_at_creation, "Schema": rules.accept}
    | _NAMED,
    "AWS::ApiGateway::RequestValidator": {
        "Name": rules.accept,
        "RestApiId": rules.only_at_creation,
        "ValidateRequestBody": rules.one_of(True),
        "ValidateRequestParameters": rules.one_of(True),
    },
    "AWS::ApiGateway::Resource": {"ParentId": rules.SHOWN, "PathPart": rules.SHOWN, "RestApiId": rules.SHOWN},
    "AWS::ApiGateway::RestApi": _NAMED
    | {
        "EndpointAccessMode": rules.one_of("STRICT"),
        "EndpointConfiguration": rules.only_at_creation,
        "SecurityPolicy": rules.only_at_creation,
    },
    "AWS::ApiGateway::Stage": {
        "AccessLogSetting": rules.same_log_group,
        "DeploymentId": rules.accept,
        "MethodSettings": rules.no_higher_throttles,
        "RestApiId": rules.only_at_creation,
        "StageName": rules.accept,
        "Tags": rules.accept,
        "TracingEnabled": rules.accept,
    },
    "AWS::CloudWatch::Alarm": _WATCHING
    | {"AlarmActions": rules.TOPICS, "OKActions": rules.TOPICS, "InsufficientDataActions": rules.TOPICS},
    "AWS::CloudWatch::CompositeAlarm": _WATCHING
    | {"AlarmActions": rules.TOPICS, "OKActions": rules.TOPICS, "InsufficientDataActions": rules.TOPICS},
    "AWS::CloudWatch::Dashboard": _WATCHING,
    "AWS::CloudWatch::InsightRule": _WATCHING,
    "AWS::Cognito::UserPool": {
        "AccountRecoverySetting": rules.only_at_creation,
        "AdminCreateUserConfig": rules.one_of({"AllowAdminCreateUserOnly": True}),
        "DeletionProtection": rules.one_of("ACTIVE"),
        "EmailVerificationMessage": rules.accept,
        "EmailVerificationSubject": rules.accept,
        "SmsVerificationMessage": rules.accept,
        "VerificationMessageTemplate": rules.accept,
        "UserPoolTags": rules.accept,
        "Policies": rules.only_at_creation,
        "UserPoolTier": rules.accept,
    },
    CLIENT: {
        "AccessTokenValidity": rules.SHOWN,
        "AllowedOAuthFlows": rules.SHOWN,
        "AllowedOAuthFlowsUserPoolClient": rules.SHOWN,
        "AllowedOAuthScopes": rules.SHOWN,
        "ClientName": rules.SHOWN,
        "TokenValidityUnits": rules.SHOWN,
        "UserPoolId": rules.ours("AWS::Cognito::UserPool"),
        "EnableTokenRevocation": rules.one_of(True),
        "ExplicitAuthFlows": rules.one_of(["ALLOW_REFRESH_TOKEN_AUTH"]),
        "GenerateSecret": rules.one_of(True),
        "PreventUserExistenceErrors": rules.one_of("ENABLED"),
        "SupportedIdentityProviders": rules.one_of([]),
    },
    "AWS::Cognito::UserPoolDomain": {"Domain": rules.only_at_creation, "UserPoolId": rules.only_at_creation},
    # A scope that nobody holds opens nothing; each client's and method's scopes are shown.
    "AWS::Cognito::UserPoolResourceServer": {"Scopes": rules.accept, "Name": rules.accept}
    | {"Identifier": rules.only_at_creation}
    | {"UserPoolId": rules.only_at_creation},
    "AWS::DynamoDB::GlobalTable": {
        "AttributeDefinitions": rules.accept,
        "KeySchema": rules.accept,
        "BillingMode": rules.accept,
    }
    | {
        "GlobalSecondaryIndexes": rules.accept,
        "Replicas": rules.only_at_creation,
        "SSESpecification": rules.only_at_creation,
    },
    "AWS::Events::Rule": _NAMED
    | {"ScheduleExpression": rules.accept, "State": rules.accept, "EventPattern": rules.only_at_creation},
    "AWS::IAM::ManagedPolicy": {
        "Description": rules.accept,
        "ManagedPolicyName": rules.accept,
        "PolicyDocument": rules.statements_read,
        "Roles": rules.no_further_roles,
    },
    "AWS::IAM::Policy": {
        "PolicyDocument": rules.statements_read,
        "PolicyName": rules.accept,
        "Roles": rules.no_further_roles,
    },
    "AWS::IAM::Role": {
        "AssumeRolePolicyDocument": rules.statements_read,
        "Description": rules.accept,
        "ManagedPolicyArns": rules.SHOWN,
        "MaxSessionDuration": rules.no_higher,
        "PermissionsBoundary": rules.our_boundary,
        "Policies": rules.policies_read,
        "Tags": rules.accept,
    },
    "AWS::KMS::Key": {
        "Description": rules.accept,
        "EnableKeyRotation": rules.one_of(True),
        "KeyPolicy": rules.statements_read,
    }
    | {"Tags": rules.tag_of_its_environment},
    "AWS::Lambda::Function": _NAMED
    | {
        "Architectures": rules.accept,
        "Code": rules.asset_of_this_checkout,
        "Handler": rules.only_at_creation,
        "LoggingConfig": rules.only_at_creation,
        "MemorySize": rules.accept,
        "ReservedConcurrentExecutions": rules.accept,
        "Role": rules.only_at_creation,
        "Runtime": rules.accept,
        "Timeout": rules.accept,
        "TracingConfig": rules.accept,
    },
    "AWS::Lambda::Permission": {
        "Action": rules.SHOWN,
        "FunctionName": rules.SHOWN,
        "Principal": rules.SHOWN,
        "SourceArn": rules.SHOWN,
    }
    | {"SourceAccount": rules.only_at_creation},
    "AWS::Logs::LogGroup": {"LogGroupName": rules.accept, "RetentionInDays": rules.accept, "Tags": rules.accept},
    "AWS::Logs::MetricFilter": _WATCHING,
    "AWS::Logs::QueryDefinition": _WATCHING,
    "AWS::SNS::Topic": {"KmsMasterKeyId": rules.only_at_creation, "Tags": rules.accept, "TopicName": rules.accept},
    "AWS::SNS::TopicPolicy": {"PolicyDocument": rules.statements_read, "Topics": rules.only_at_creation},
    # An address that callers read: they send their secret to whatever stands there.
    "AWS::SSM::Parameter": {
        "Description": rules.accept,
        "Name": rules.only_at_creation,
        "Tags": rules.accept,
        "Type": rules.one_of("String"),
    }
    | {"Value": rules.only_at_creation},
    "AWS::SecretsManager::ResourcePolicy": {
        "BlockPublicPolicy": rules.one_of(True),
        "ResourcePolicy": rules.statements_read,
    }
    | {"SecretId": rules.only_at_creation},
    "AWS::SecretsManager::RotationSchedule": {
        "RotationLambdaARN": rules.ours("AWS::Lambda::Function"),
        "RotationRules": rules.no_higher,
    }
    | {"SecretId": rules.only_at_creation},
    "AWS::SecretsManager::Secret": {
        "Description": rules.accept,
        "Name": rules.accept,
        "GenerateSecretString": rules.generated_for_its_client,
    }
    | {"Tags": rules.tags_of_its_client},
    "AWS::WAFv2::LoggingConfiguration": {"LogDestinationConfigs": rules.only_at_creation, "LoggingFilter": rules.accept}
    | {"ResourceArn": rules.only_at_creation},
    "AWS::WAFv2::WebACL": _NAMED
    | {
        "AssociationConfig": rules.no_higher,
        "DataProtectionConfig": rules.only_at_creation,
        "DefaultAction": rules.only_at_creation,
        "Rules": rules.no_higher,
        "Scope": rules.only_at_creation,
        "VisibilityConfig": rules.accept,
    },
    "AWS::WAFv2::WebACLAssociation": {"ResourceArn": rules.only_at_creation, "WebACLArn": rules.only_at_creation},
}
"""By type: the properties that may change, and how. `*` is every property that is not named."""

GUARDS: Final[Mapping[str, str]] = {
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
    "AWS::SecretsManager::RotationSchedule": "SecretId",
    "AWS::WAFv2::LoggingConfiguration": "ResourceArn",
    "AWS::WAFv2::WebACL": "",
    "AWS::WAFv2::WebACLAssociation": "ResourceArn",
}
"""Types whose removal takes a limit away, and the property that names what they limit: with that gone, all is well."""
