"""One environment's alarms, and all that they and the people they call look at."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.environments import Environment
from stacks.identity import IdentityStack
from stacks.observability import suspension
from stacks.observability.alarms import Alarms, above, below
from stacks.observability.audit import CLIENT, FORM_CLIENT, STATUS, Audit
from stacks.observability.contributors import Contributors
from stacks.observability.dashboard import Dashboard
from stacks.observability.metrics import DAY, Metrics, expression, function, token_requests, top_contributor
from stacks.observability.queries import Queries
from stacks.observability.topics import Topics
from stacks.observability.watch import RotationWatch
from stacks.profiles import ProfilesStack
from stacks.rotation import RotationStack


class ObservabilityStack(cdk.Stack):
    """It owns no state: what it looks at belongs to other stacks. Its hourly watch also sets rotations going again that
    Secrets Manager gave up, which nothing else does while this stack is gone."""

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
            group=profiles.api.access_log.read_in(self),
            key="$.client_id",
            filters=[{"Match": "$.client_id", "NotIn": ["-"]}],
        )
        token_clients = Contributors(
            self,
            "TokenClients",
            name=environment.stack("token-clients"),
            group=audit.tokens.log_group_name,
            key=CLIENT,
            filters=[{"Match": STATUS, "EqualTo": 200}],
        )
        # A rule has no second field to fall back on: this one counts the events that the first one does not.
        token_clients_by_form = Contributors(
            self,
            "TokenClientsByForm",
            name=environment.stack("token-clients-by-form"),
            group=audit.tokens.log_group_name,
            key=FORM_CLIENT,
            filters=[{"Match": STATUS, "EqualTo": 200}, {"Match": CLIENT, "IsPresent": False}],
        )
        watch = RotationWatch(self, "RotationWatch", environment=environment, rotation=rotation)
        handler = profiles.function_name.read_in(self)
        rotation_function = rotation.function_name.read_in(self)
        alarms = Alarms(self, "Alarms", environment=environment, topics=topics)
        _of_api(alarms, metrics, handler, profiles.function_timeout)
        _of_tokens(alarms, metrics, handler, {"by-event": token_clients, "by-form": token_clients_by_form}, environment)
        _of_secrets(alarms, metrics, rotation_function, watch.function.function_name)
        Queries(
            self,
            "Queries",
            environment=environment,
            access=profiles.api.access_log.read_in(self),
            application=profiles.log_group_name.read_in(self),
            rotation=rotation.log_group_name.read_in(self),
            tokens=audit.tokens.log_group_name,
        )
        Dashboard(
            self,
            "Dashboard",
            environment=environment,
            metrics=metrics,
            alarms=alarms.all,
            handler=handler,
            rotation=rotation_function,
            callers=callers,
            token_clients=(token_clients, token_clients_by_form),
        )


def _of_api(alarms: Alarms, metrics: Metrics, handler: str, timeout: cdk.Duration) -> None:
    failing = alarms.add(
        "api-5xx",
        # A single failure in a quiet hour is not a rate.
        expression(
            "IF(failed >= 3, 100 * failed / requests, 0)",
            label="percent of requests answered 5xx",
            failed=metrics.api("5XXError"),
            requests=metrics.api("Count"),
        ),
        above(1),
        says="More than 1 % of requests are answered with a 5xx.",
    )
    slow = alarms.add(
        "api-latency",
        metrics.api("Latency", "p99"),
        above(2000, times=(3, 3)),
        says="One request in a hundred takes longer than 2 s, for a quarter of an hour.",
    )
    alarms.add(
        "api-unauthorized",
        metrics.unauthorized,
        above(50),
        says="More than 50 requests in 5 minutes came without a good token that carries the scope (401).",
    )
    alarms.add(
        "api-throttled",
        metrics.throttled,
        above(10),
        says="More than 10 requests in 5 minutes were turned away by a limit (429).",
    )
    alarms.add(
        "function-errors",
        function(handler, "Errors"),
        above(0),
        says="The profiles function crashed, timed out or ran out of memory; it answers its own errors.",
    )
    milliseconds = timeout.to_milliseconds()
    alarms.add(
        "function-timeouts",
        function(handler, "Duration", "Maximum"),
        above(0.9 * milliseconds),
        says=f"The profiles function came within a tenth of its timeout of {milliseconds / 1000:.0f} s, or beyond.",
    )
    alarms.add(
        "function-throttled",
        function(handler, "Throttles"),
        above(0),
        says="The profiles function was not run: all the concurrency that it may have is in use.",
    )
    starved = alarms.add_any(
        "table-throttled",
        {"reads": metrics.table("ReadThrottleEvents"), "writes": metrics.table("WriteThrottleEvents")},
        above(0, times=(2, 3)),
        says="DynamoDB throttles the profiles table.",
    )
    alarms.page("page", [failing, slow, starved], says="Callers are being failed now.")


def _of_tokens(
    alarms: Alarms,
    metrics: Metrics,
    handler: str,
    clients: Mapping[str, Contributors],
    environment: Environment,
) -> None:
    who = suspension.commands(environment)
    alarms.add(
        "tokens-throttled",
        token_requests("ThrottleCount", label="throttled token requests"),
        above(0),
        says=f"Cognito throttles token requests: the account is over its ClientAuthentication quota.\n{who}",
    )
    label = "tokens of the client that got most"
    alarms.add_any(
        "tokens-not-cached",
        {part: top_contributor(rule.name, label=label) for part, rule in clients.items()},
        above(environment.tokens_per_hour),
        says=f"An app client got more than {environment.tokens_per_hour} tokens in an hour: it does not keep them, or "
        f"another has its secret.\n{who}",
    )
    # Two days, so that the first calls after a quiet one do not alarm before CloudTrail's events of them have come.
    no_tokens = alarms.add_part(
        "audit-silent",
        "no-tokens",
        metrics.tokens.with_(period=DAY),
        below(1, times=(2, 2), silence_is_bad=True),
        says="No token request was in the audit log on two days.",
    )
    no_calls = alarms.add_part(
        "audit-silent",
        "no-calls",
        function(handler, "Invocations").with_(period=DAY),
        below(1, times=(1, 2), silence_is_bad=True),
        says="The API was not called on one of two days, so that a lack of tokens says nothing.",
    )
    alarms.combine(
        "audit-silent",
        cloudwatch.AlarmRule.all_of(
            cloudwatch.AlarmRule.from_alarm(no_tokens, cloudwatch.AlarmState.ALARM),
            cloudwatch.AlarmRule.from_alarm(no_calls, cloudwatch.AlarmState.OK),
        ),
        says="The API was called on two days without one token request in the audit log: no trail delivers events.",
    )


def _of_secrets(alarms: Alarms, metrics: Metrics, rotation: str, watch: str) -> None:
    alarms.add(
        "rotation-failed",
        function(rotation, "Errors"),
        above(0),
        says="An app client's secret could not be rotated; the log names it, and the old one works on.",
    )
    alarms.add(
        "rotation-overdue",
        metrics.own("SecretsOverdue"),
        above(0, times=(3, 3), silence_is_bad=True),
        says="A secret was not rotated when it should have been, or nobody has looked for three hours.",
    )
    alarms.add(
        "credentials-differ",
        metrics.own("SecretsDiffering"),
        above(0),
        says="A secret's tag or value names another app client than its own: somebody wrote it.",
    )
    alarms.add(
        "watch-failed",
        function(watch, "Errors"),
        above(0),
        says="The function that looks whether rotations are on time, and whose each secret is, fails.",
    )
    alarms.add(
        "foreign-secret",
        metrics.foreign_secrets,
        above(0),
        says="A secret of an app client was added or deleted, and not by the rotation function.",
    )
    alarms.add(
        "foreign-secret-untold",
        metrics.foreign_secrets_untold,
        above(0),
        says="The message that says who added or deleted a secret of an app client could not be sent.",
    )
