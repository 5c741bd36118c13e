"""Who may deploy: the roles that the repository's workflows assume without a stored key, and what a deploy may touch.

An administrator deploys these stacks, once per account, with their own credentials: `cdk deploy delivery/account
delivery/dev`. They need no bootstrap, and no role of theirs can change them: a role that could widen itself would be an
administrator. They are outside the environments, so `cdk deploy "dev/*"` never selects them.
"""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks import boundary, execution_policy, gateway_logging, policy, preflight_policy
from stacks.acknowledgement import IN_ITS_ROLE, acknowledge, wildcards
from stacks.environments import Environment
from stacks.policy import Statement
from stacks.registry.own import SMOKE

_ISSUER = "token.actions.githubusercontent.com"
_BRANCH = "refs/heads/main"
_WORKFLOW = ".github/workflows/environment.yml"


def _clearing(environment: Environment, account: str, own: Mapping[str, str]) -> list[Statement]:
    """What `make deploy` needs to clear away a stack that never was complete, or is declared no more.

    Nothing more than CDK's deploy role can do already: it deletes any stack, and CloudFormation deletes what its
    template says.
    """
    here = f"{environment.region}:{account}"
    stacks = f"arn:aws:cloudformation:{here}:stack/{environment.stack('*')}/*"
    acts = ("DescribeStackEvents", "DescribeStacks", "ListStackResources", "DeleteStack", "UpdateTerminationProtection")
    return [
        # Takes no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
        Statement(actions=["cloudformation:ListStacks"], resources=["*"]),
        Statement(actions=[f"cloudformation:{act}" for act in acts], resources=[stacks]),
        Statement(
            actions=["cognito-idp:UpdateUserPool", "cognito-idp:DeleteUserPool"],
            resources=[f"arn:aws:cognito-idp:{here}:userpool/*"],
            conditions={"StringEquals": own},
        ),
        Statement(
            actions=["dynamodb:UpdateTable", "dynamodb:DescribeTable", "dynamodb:DeleteTable"],
            resources=[f"arn:aws:dynamodb:{here}:table/{environment.stack('*')}"],
        ),
    ]


class GitHubProviderStack(cdk.Stack):
    """Lets GitHub's OIDC issuer vouch for workflows. IAM takes one provider per issuer and account."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name="otto-github-oidc",
            description="GitHub Actions as an identity provider",
            synthesizer=cdk.BootstraplessSynthesizer(),
            termination_protection=True,
        )
        provider = iam.CfnOIDCProvider(self, "GitHub", url=f"https://{_ISSUER}", client_id_list=["sts.amazonaws.com"])
        provider.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


class DeliveryStack(cdk.Stack):
    """The deploy role of one environment, the policy of its CloudFormation, and in `dev` the role of `cdk diff`."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, tags: Mapping[str, str]
    ) -> None:
        repository = tags["repository"]
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("delivery"),
            description=f"What the workflows of {repository} may do in {environment.name}",
            synthesizer=cdk.BootstraplessSynthesizer(),
            termination_protection=True,
        )
        # Since 2026 GitHub puts immutable ids in the subject of new and renamed repositories ("repo:owner@1/name@2"):
        # https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
        subject = cdk.CfnParameter(
            self,
            "Subject",
            default=f"repo:{repository}",
            allowed_pattern=r"repo:[\w.-]+(@\d+)?/[\w.-]+(@\d+)?",
            description="How the repository's OIDC subject starts, up to the colon before 'environment'",
        ).value_as_string
        # A name can be given up and taken by somebody else; an id cannot. It has no default.
        number = cdk.CfnParameter(
            self,
            "RepositoryId",
            allowed_pattern=r"\d+",
            constraint_description="must be the repository's number: gh api repos/<owner>/<name> --jq .id",
            description="The repository's id on GitHub, which no other repository ever has",
        ).value_as_string
        allowed = execution_policy.policies(environment, application=tags["application"])
        by_name, _ = (
            self._execution(title, name, environment, allowed[name])
            for title, name in zip(("Execution", "ExecutionByTag"), allowed, strict=True)
        )
        acknowledge(
            by_name,
            {
                "A whole service on what has this environment's prefix: the exact calls would not fit.": (
                    "NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess",
                ),
                "AWS takes no resource for these, or asks for them on everything; a test holds each to what a deploy "
                "calls.": ("CKV_AWS_111",),
            },
        )
        most = boundary.statements(environment, application=tags["application"])
        ceiling = iam.CfnManagedPolicy(
            self,
            "Boundary",
            managed_policy_name=boundary.name(environment),
            description=f"The most that a role of Otto's stacks in {environment.name} may do",
            policy_document=policy.document(most),
        )
        acknowledge(
            ceiling,
            {
                "A ceiling, which gives nobody anything: each role's own policy names exact actions and resources.": (
                    wildcards(*most)
                )
            },
        )
        account = self.account
        own = policy.tags("ResourceTag", tags["application"], environment.name)
        # `cdk deploy` assumes these two alone. The lookup role is left out: synth looks nothing up, and its
        # ReadOnlyAccess reads every table, and client secrets through DescribeUserPoolClient.
        bootstrap = [
            f"arn:aws:iam::{account}:role/cdk-{cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER}-{role}-role-"
            f"{account}-{environment.region}"
            for role in ("deploy", "file-publishing")
        ]
        clients = f"arn:aws:secretsmanager:{environment.region}:{account}:secret:{environment.credentials('*')}"
        pools = f"arn:aws:cognito-idp:{environment.region}:{account}:userpool/*"
        rotation = f"arn:aws:lambda:{environment.region}:{account}:function:{environment.stack('rotation')}-*"
        # Secrets Manager ends an ARN with six characters of its own.
        smoke = clients.removesuffix("*") + f"{SMOKE}-??????"
        addresses = [
            f"arn:aws:ssm:{environment.region}:{account}:parameter{name}"
            for name in (
                *map(environment.parameter, ("token-endpoint", "profiles-api-url", "user-pool-id")),
                environment.shared("rotation/FunctionArn"),
            )
        ]
        self._role(
            "Deploy",
            # The subject of a job with an environment says nothing of the branch; these do, whatever GitHub limits:
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
            claims={
                "sub": f"{subject}:environment:{environment.name}",
                "repository_id": number,
                "ref": _BRANCH,
                "job_workflow_ref": f"{repository}/{_WORKFLOW}@{_BRANCH}",
            },
            statements=[
                Statement(actions=["sts:AssumeRole"], resources=bootstrap),
                # What `make credentials` asks after the deploy: whether a secret's rotation has ended, not its value.
                Statement(actions=["secretsmanager:DescribeSecret"], resources=[clients]),
                # And whether the pool, whose ARN ends in an id of Cognito's, has the app client that it was made for.
                Statement(
                    actions=["cognito-idp:ListUserPoolClients"],
                    resources=[pools],
                    conditions={"StringEquals": own},
                ),
                # And which clients there are, to name those declared no more. It takes no resource, and tells no value:
                # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
                Statement(actions=["secretsmanager:ListSecrets"], resources=["*"]),
                # It starts rotations again that were given up for want of concurrency: API_RotateSecret asks for both.
                Statement(actions=["secretsmanager:RotateSecret"], resources=[clients]),
                Statement(actions=["lambda:InvokeFunction"], resources=[rotation]),
                # And it asks the rotation function, which reads them, whether each secret is its app client's.
                # What `make smoke` reads then: the credentials of its own app client and no other's, and two addresses.
                Statement(actions=["secretsmanager:GetSecretValue"], resources=[smoke]),
                Statement(actions=["ssm:GetParameter"], resources=addresses),
                *_clearing(environment, account, own),
            ],
            # What `make deploy` looks at before it changes anything.
            preflight=preflight_policy.statements(environment),
        )
        if environment.name == "dev":
            # Without the lookup role, `cdk diff` goes on with these credentials and makes these two calls.
            stacks = f"arn:aws:cloudformation:{environment.region}:{account}:stack/{environment.stack('*')}/*"
            self._role(
                "Diff",
                claims={"sub": f"{subject}:pull_request", "repository_id": number},
                statements=[
                    Statement(
                        actions=["cloudformation:DescribeStacks", "cloudformation:GetTemplate"], resources=[stacks]
                    )
                ],
            )
        gateway_logging.add_role(self, environment)

    def _execution(
        self, title: str, name: str, environment: Environment, allowed: Sequence[Statement]
    ) -> iam.CfnManagedPolicy:
        """One of the policies of CloudFormation's role, which CDK's bootstrap attaches by their names."""
        execution = iam.CfnManagedPolicy(
            self,
            title,
            managed_policy_name=name,
            description=f"What CloudFormation may do for Otto's stacks in {environment.name}",
            policy_document=policy.document(allowed),
        )
        acknowledge(
            execution,
            {
                "What CloudFormation makes of this environment's stacks, whose names end in characters that it "
                "chooses: by the environment's own prefix where the service has names, by two tags where it has not, "
                "and the rest in the table of what reaches further.": wildcards(*allowed),
            },
        )
        return execution

    def _role(
        self, name: str, *, claims: Mapping[str, str], statements: Sequence[Statement], **others: Sequence[Statement]
    ) -> None:
        """A role for workflows whose OIDC token has exactly these claims.

        Its path keeps it out of reach of the execution policy, which may change roles at the path `/` only.
        """
        role = iam.Role(
            self,
            name,
            path="/delivery/",
            assumed_by=iam.WebIdentityPrincipal(
                f"arn:aws:iam::{self.account}:oidc-provider/{_ISSUER}",
                {
                    "StringEquals": {
                        f"{_ISSUER}:{claim}": value for claim, value in {"aud": "sts.amazonaws.com", **claims}.items()
                    }
                },
            ),
            inline_policies={
                title: policy.document(each) for title, each in {name.lower(): statements, **others}.items()
            },
            max_session_duration=cdk.Duration.hours(1),
        )
        acknowledge(
            role,
            {
                IN_ITS_ROLE: ("NIST.800.53.R5-IAMNoInlinePolicy",),
                "Any of this environment's app clients or stacks, by the prefix of its name.": wildcards(*statements),
                "Looks at what is in the account that nobody may know of, and at names and settings alone.": [
                    each for given in others.values() for each in wildcards(*given)
                ],
            },
        )
        cdk.CfnOutput(self, f"{name}RoleArn", value=role.role_arn)
