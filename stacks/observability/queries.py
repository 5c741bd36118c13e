"""Saved Logs Insights queries, under `otto-<env>/` in the console."""

from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.environments import Environment

# The values of the access log are text; Logs Insights counts with those that look like numbers.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
ACCESS = {
    "by-caller": """\
stats count(*) as requests, pct(latency_ms, 99) as p99_ms,
  sum(status like /^4/) as refused, sum(status like /^5/) as failed by client_id
| sort requests desc""",
    "errors": """\
fields time, request_id, client_id, method, resource, status, error, authorizer_error, integration_error, source_ip
| filter status like /^[45]/
| sort @timestamp desc
| limit 200""",
    "slow": """\
fields time, request_id, client_id, method, resource, status, latency_ms, integration_latency_ms, trace_id
| filter latency_ms >= 1000
| sort latency_ms desc
| limit 200""",
    "scopes": """\
filter ispresent(scope) and scope != "-"
| stats count(*) as requests, sum(method in ["GET", "HEAD"]) as reads, sum(method in ["PUT", "DELETE"]) as writes
  by client_id, scope
| sort client_id""",
    "unauthorized": """\
filter status = "401"
| stats count(*) as requests, latest(authorizer_error) as last_error by source_ip, error
| sort requests desc""",
}
"""Of the access log. `scopes` shows scopes that a client has and does not use: one whose `writes` is 0 needs no
`api.write`."""

APPLICATION = {
    "request": """\
fields @timestamp, @log, level, message, cause, stack, client_id, profile
| filter request_id = "REPLACE-WITH-THE-REQUEST-ID"
| sort @timestamp""",
}
ROTATION = {
    "rotations": """\
fields @timestamp, level, secret, step, outcome, failure
| filter ispresent(step)
| sort @timestamp desc
| limit 200""",
}
TOKENS = {
    "tokens-by-client": """\
filter detail.eventName = "Token_POST"
| fields coalesce(detail.additionalEventData.clientId, \
detail.additionalEventData.requestParameters.client_id.0) as client_id
| stats count(*) as tokens by client_id, detail.additionalEventData.responseParameters.status as status, bin(1h)
| sort tokens desc""",
}


class Queries(Construct):
    """Every query, each on the log groups that can answer it, by their names."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        access: str,
        application: str,
        rotation: str,
        tokens: str,
    ) -> None:
        super().__init__(scope, construct_id)
        for queries, groups in (
            (ACCESS, [access]),
            (APPLICATION, [access, application]),
            (ROTATION, [rotation]),
            (TOKENS, [tokens]),
        ):
            for name, text in queries.items():
                logs.CfnQueryDefinition(
                    self,
                    name,
                    name=f"otto-{environment.name}/{name}",
                    query_string=text,
                    log_group_names=groups,
                )
