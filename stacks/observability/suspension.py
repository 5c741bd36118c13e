"""The commands that find and suspend an app client: in the message of each alarm on tokens, as in docs/runbook.md.

No limit holds one app client back at the token endpoint (docs/decisions/counting-tokens-and-rotations.md), and each
token costs money, so whoever is called has the command at hand, in a shell of the account.
"""

from stacks.environments import Environment


def commands(environment: Environment) -> str:
    """Lines of at most 1,024 characters together, with what an alarm says: that is all that its message takes.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    return f"Which client:\n{_find(environment)}\nSuspend it:\n{_suspend(environment)}"


def _find(environment: Environment) -> str:
    rule = environment.stack("$rule")
    return (
        "now=$(date +%s); for rule in token-clients token-clients-by-form; do "
        f"aws cloudwatch get-insight-rule-report --rule-name {rule} --end-time $now --period 3600 "
        "--query 'Contributors[].[Keys[0],ApproximateAggregateValue]' --output text --start-time $((now-3600)); done"
    )


def _suspend(environment: Environment) -> str:
    parameter = environment.parameter("user-pool-id")
    return "; ".join(
        (
            "client=<id>",
            f"pool=$(aws ssm get-parameter --name {parameter} --query Parameter.Value --output text)",
            "name=$(aws cognito-idp list-user-pool-clients --user-pool-id $pool "
            "--query \"UserPoolClients[?ClientId=='$client'].ClientName\" --output text)",
            "aws cognito-idp update-user-pool-client --user-pool-id $pool --client-id $client --client-name $name "
            "--explicit-auth-flows ALLOW_REFRESH_TOKEN_AUTH --no-allowed-o-auth-flows-user-pool-client",
        )
    )
