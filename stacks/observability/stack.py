"""One environment's alarms, and all that they and the people they call look at."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.environments import Environment
from stacks.identity import IdentityStack
from stacks.observability.alarms import Alarms
from stacks.observability.audit import CLIENT, STATUS, Audit
from stacks.observability.contributors import Contributors
from stacks.observability.dashboard import Dashboard
from stacks.observability.metrics import DAY, Metrics, expression, function, token_requests, top_contributor
from stacks.observability.queries import Queries
from stacks.observability.topics import Topics
from stacks.observability.watch import RotationWatch
from stacks.profiles import ProfilesStack
from stacks.rotation import RotationStack


class ObservabilityStack(cdk.Stack):
    """Deleting it loses nothing but the watching: what it looks at belongs to other stacks."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        identity: IdentityStack,
        rotation: RotationStack,
        profiles: ProfilesStack,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=environment.stack("observability"),
            description="Alarms, dashboard and saved queries of Otto's machine-to-machine platform",
            termination_protection=environment.stateful,
        )
        topics = Topics(self, "Topics", environment=environment)
        audit = Audit(self, "Audit", environment=environment, identity=identity, rotation=rotation, topic=topics.alarms)
        metrics = Metrics(self, "Metrics", environment=environment, profiles=profiles, audit=audit)
        callers = Contributors(
            self,
            "Callers",
            name=environment.stack("callers"),
            group=profiles.api.access_log,
            key="$.client_id",
            filters=[{"Match": "$.client_id", "NotIn": ["-"]}],
        )
        token_clients = Contributors(
            self,
            "TokenClients",
            name=environment.stack("token-clients"),
            group=audit.tokens,
            key=CLIENT,
            filters=[{"Match": STATUS, "EqualTo": 200}],
        )
        watch = RotationWatch(self, "RotationWatch", environment=environment, rotation=rotation)
        handler = profiles.handler.function
        alarms = Alarms(self, "Alarms", environment=environment, topics=topics)
        _of_api(alarms, metrics, handler)
        _of_tokens(alarms, metrics, handler, token_clients, environment)
        _of_secrets(alarms, metrics, rotation.function, watch.function)
        Queries(
            self,
            "Queries",
            environment=environment,
            access=profiles.api.access_log,
            application=profiles.handler.logs,
            rotation=rotation.logs,
            tokens=audit.tokens,
        )
        Dashboard(
            self,
            "Dashboard",
            environment=environment,
            metrics=metrics,
            alarms=alarms.all,
            handler=handler,
            rotation=rotation.function,
            callers=callers,
            token_clients=token_clients,
        )


def _of_api(alarms: Alarms, metrics: Metrics, handler: lambda_.Function) -> None:
    failing = alarms.add(
        "api-5xx",
        # A single failure in a quiet hour is not a rate.
        expression(
            "IF(failed >= 3, 100 * failed / requests, 0)",
            label="percent of requests answered 5xx",
            failed=metrics.api("5XXError"),
            requests=metrics.api("Count"),
        ),
        says="More than 1 % of requests are answered with a 5xx.",
        above=1,
    )
    slow = alarms.add(
        "api-latency",
        metrics.api("Latency", "p99"),
        says="One request in a hundred takes longer than 2 s, for a quarter of an hour.",
        above=2000,
        times=(3, 3),
    )
    alarms.add(
        "api-unauthorized",
        metrics.unauthorized,
        says="More than 50 requests in 5 minutes came without a good token that carries the scope (401).",
        above=50,
    )
    alarms.add(
        "api-throttled",
        metrics.throttled,
        says="More than 10 requests in 5 minutes were turned away by a limit (429).",
        above=10,
    )
    alarms.add(
        "function-errors",
        function(handler, "Errors"),
        says="The profiles function crashed, timed out or ran out of memory; it answers its own errors.",
        above=0,
    )
    timeout = handler.timeout.to_milliseconds() if handler.timeout else 0
    alarms.add(
        "function-timeouts",
        function(handler, "Duration", "Maximum"),
        says=f"The profiles function came within a tenth of its timeout of {timeout / 1000:.0f} s, or beyond.",
        above=0.9 * timeout,
    )
    alarms.add(
        "function-throttled",
        function(handler, "Throttles"),
        says="The profiles function was not run: all the concurrency that it may have is in use.",
        above=0,
    )
    starved = alarms.add(
        "table-throttled",
        expression(
            "FILL(reads, 0) + FILL(writes, 0)",
            label="throttled reads and writes",
            reads=metrics.table("ReadThrottleEvents"),
            writes=metrics.table("WriteThrottleEvents"),
        ),
        says="DynamoDB throttles the profiles table.",
        above=0,
        times=(2, 3),
    )
    alarms.page("page", [failing, slow, starved], says="Callers are being failed now.")


def _of_tokens(
    alarms: Alarms, metrics: Metrics, handler: lambda_.Function, clients: Contributors, environment: Environment
) -> None:
    alarms.add(
        "tokens-throttled",
        token_requests("ThrottleCount", label="throttled token requests"),
        says="Cognito throttles token requests: the account is over its ClientAuthentication quota.",
        above=0,
    )
    alarms.add(
        "tokens-not-cached",
        top_contributor(clients.name, label="tokens of the client that got most"),
        says=f"An app client got more than {environment.tokens_per_hour} tokens in an hour: it does not keep them.",
        above=environment.tokens_per_hour,
    )
    alarms.add(
        "audit-silent",
        expression(
            "IF(FILL(calls, 0) > 0 AND FILL(tokens, 0) < 1, 1, 0)",
            label="calls without any token",
            period=DAY,
            calls=function(handler, "Invocations"),
            tokens=metrics.tokens,
        ),
        says="The API was called for a day without one token request in the audit log: no trail delivers events.",
        above=0,
    )


def _of_secrets(alarms: Alarms, metrics: Metrics, rotation: lambda_.IFunction, watch: lambda_.IFunction) -> None:
    alarms.add(
        "rotation-failed",
        function(rotation, "Errors"),
        says="An app client's secret could not be rotated; the log names it, and the old one works on.",
        above=0,
    )
    alarms.add(
        "rotation-overdue",
        metrics.own("SecretsOverdue"),
        says="A secret was not rotated when it should have been, or nobody has looked for three hours.",
        above=0,
        times=(3, 3),
        silence="is bad",
    )
    alarms.add(
        "watch-failed",
        function(watch, "Errors"),
        says="The function that looks whether rotations are on time fails.",
        above=0,
    )
    alarms.add(
        "foreign-secret",
        metrics.foreign_secrets,
        says="A secret of an app client was added or deleted, and not by the rotation function.",
        above=0,
    )
