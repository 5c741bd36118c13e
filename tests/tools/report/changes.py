"""Changes that people make, each an edit of a checkout and the facts that the report must hold, in full.

A section that a change does not name must be empty; `resources`, `settings`, `quotas`, `costs` and `statements_*` hold
more than a change is about, so they are compared where it names them."""

from collections.abc import Callable
from typing import Any

from tests.tools.report.repository import GROUPS, IMPORTER, READER, TRIAL, Checkout
from tools.report.loss import EFFECT

Edit = Callable[[Checkout], None]
Facts = dict[str, Any]
CHANGES: dict[str, tuple[Edit, Facts]] = {}
"""By name: the edit and what the report says of it."""

ENVIRONMENTS = ("dev", "staging", "prod")
CLIENT = "AWS::Cognito::UserPoolClient"
SECRET = "AWS::SecretsManager::Secret"
AUTHORIZER = "COGNITO_USER_POOLS ${identity/UserPool.Arn}"


def change(**facts: Any) -> Callable[[Edit], Edit]:
    def register(edit: Edit) -> Edit:
        CHANGES[edit.__name__] = (edit, facts)
        return edit

    return register


def access(client: str, environments: str, what: str, before: str = "", after: str = "", **more: Any) -> Facts:
    """An access change; lists are written with spaces between."""
    return {
        "client": client,
        "environments": environments.split(),
        "what": what,
        "before": before.split(),
        "after": after.split(),
        "widens": False,
        "note": "",
    } | more


def loss(path: str, of: str, kind: str, because: tuple[str, ...] = (), **more: Any) -> Facts:
    environment, stack, _ = path.split("/", 2)
    return {
        "resource": path,
        "environment": environment,
        "stack": f"otto-{environment}-{stack}",
        "type": of,
        "kind": kind,
        "loses": EFFECT[of],
        "because": list(because),
        "retained": False,
        "acknowledged": None,
    } | more


def fails(count: int) -> Facts:
    return {"verdict": "fail", "reasons": [f"{count} loss{'es' if count > 1 else ''} not acknowledged"]}


def route(method: str, scope: str, environment: str, authorizer: str = AUTHORIZER, path: str = "/profiles") -> Facts:
    return {
        "environment": environment,
        "api": "otto-profiles",
        "method": method,
        "path": path,
        "authorizer": authorizer,
        "scopes": scope.split(),
    }


def people(client: str, environments: str, what: str, before: str, after: str) -> Facts:
    """A change of what a person wrote, which may hold spaces."""
    return access(client, environments, what) | {"before": [before], "after": [after]}


GONE = "its client id and secret stop working; tokens already issued live until they expire"
STUCK = (
    "refused, for two stacks cannot both hold its secret's name in one deploy: add `stack: internal` to its file, and "
    "nothing is lost"
)
PARTNERS = 'partners:\n  approvers: "@sellwithotto/platform"\n  purpose: Services that other companies run for Otto.\n'
NEW = "a new client id and secret: whoever uses the old ones must switch"
REMOVED = [
    loss(f"{environment}/clients-internal/reader/{child}", of, "removed")
    for environment in ("dev", "prod")
    for child, of in (("AppClient", CLIENT), ("Credentials", SECRET))
]
EVERY_CLIENT = (
    "dev/clients-internal/importer",
    "dev/clients-internal/paused",
    "dev/clients-internal/reader",
    "dev/clients-testing/trial",
    "prod/clients-internal/importer",
    "prod/clients-internal/reader",
)


def acknowledge(checkout: Checkout, kind: str, *resources: str) -> None:
    lines = "\n".join(f"    - {resource}" for resource in resources)
    text = f"- resources:\n{lines}\n  change: {kind}\n  reason: The growth team shut the service down in May.\n"
    checkout.write("acknowledgements.yaml", text)


@change()
def nothing(_: Checkout) -> None:
    pass


@change()
def a_comment_in_a_client_file_and_a_new_document(checkout: Checkout) -> None:
    checkout.edit("clients/internal/reader.yaml", "owner: growth", "# Ask growth.\nowner: growth")
    checkout.write("docs/new.md", "New.\n")


@change(
    access=[
        access("writer", "dev staging", "added", "", "api.write", widens=True, note="owner sales, service, 60 minutes"),
        access("writer", "prod", "added", "", "api.read", widens=True, note="owner sales, service, 5 minutes"),
        access("writer", "prod", "readers added", "", "arn:aws:iam::111122223333:role/writer", widens=True),
    ]
)
def a_client_added(checkout: Checkout) -> None:
    checkout.write(
        "clients/internal/writer.yaml",
        "owner: sales\ncontact: sales@example.com\npurpose: Writes what sales learns on the phone.\nenvironments:\n"
        "  dev:\n    scopes: [api.write]\n  staging:\n    scopes: [api.write]\n"
        "  prod:\n    scopes: [api.read]\n    access_token_minutes: 5\n"
        "    readers: ['arn:aws:iam::111122223333:role/writer']\n",
    )


@change(
    access=[
        access(
            "guest", "dev", "added", "", "api.read", widens=True,
            note="owner platform, testing, 60 minutes, expires 2027-06-30",
        )
    ]
)  # fmt: skip
def a_testing_client_added(checkout: Checkout) -> None:
    checkout.write("clients/testing/guest.yaml", TRIAL.replace("anybody uses", "guests use"))


@change(access=[access("reader", "dev prod", "removed", "api.read", note=GONE)], losses=REMOVED, **fails(4))
def a_client_removed(checkout: Checkout) -> None:
    checkout.remove("clients/internal/reader.yaml")


@change(
    access=[access("reader", "dev prod", "removed", "api.read", note=GONE)],
    losses=[item | {"acknowledged": "The growth team shut the service down in May."} for item in REMOVED],
)
def a_client_removed_and_acknowledged(checkout: Checkout) -> None:
    checkout.remove("clients/internal/reader.yaml")
    acknowledge(checkout, "removed", *(item["resource"] for item in REMOVED))


@change(
    access=[access("reader", "prod", "removed", "api.read", note=GONE)],
    losses=[
        REMOVED[2] | {"acknowledged": "The growth team shut the service down in May."},
        REMOVED[3],
    ],
    verdict="fail",
    reasons=["1 loss not acknowledged", "1 problem in acknowledgements.yaml"],
    problems=[
        "acknowledgements.yaml:3: resources: 'dev/clients-internal/reader/AppClient' is not removed by this change: "
        "expected prod/clients-internal/reader/AppClient (removed), prod/clients-internal/reader/Credentials (removed)"
    ],
)
def an_environment_dropped_and_the_wrong_one_acknowledged(checkout: Checkout) -> None:
    checkout.edit("clients/internal/reader.yaml", "  prod:\n    scopes: [api.read]\n", "")
    acknowledge(checkout, "removed", REMOVED[2]["resource"], "dev/clients-internal/reader/AppClient")


@change(
    access=[access("trial", "dev", "removed", "api.read", note=GONE)],
    losses=[
        loss(f"dev/clients-testing/trial/{child}", of, "removed", because=(
            "its stack is not synthesized any more: `make deploy` deletes it",
        ))
        for child, of in (("AppClient", CLIENT), ("Credentials", SECRET))
    ],
    settings=[{"stack": "otto-dev-clients-testing", "setting": "Stack", "before": "exists", "after": None}],
    **fails(2),
)  # fmt: skip
def the_last_client_of_a_group_removed(checkout: Checkout) -> None:
    checkout.remove("clients/testing/trial.yaml")
    checkout.write("clients/groups.yaml", GROUPS[: GROUPS.index("testing:")])


@change(access=[access("reader", "prod", "suspended", note="gets no new token, keeps its id and secret")])
def a_client_suspended_in_one_environment(checkout: Checkout) -> None:
    text = READER.replace("  prod:\n", "  prod:\n    suspended: true\n")
    checkout.write("clients/internal/reader.yaml", text)


@change(
    access=[
        access("paused", "dev", "resumed", widens=True, note="can get tokens again"),
        access("paused", "dev", "scopes widened", "", "api.write", widens=True),
    ]
)
def a_client_resumed_with_more_scopes(checkout: Checkout) -> None:
    checkout.edit("clients/internal/paused.yaml", "[api.read]\n    suspended: true", "[api.read, api.write]")


@change(access=[access("paused", "dev", "scopes widened", "", "api.write", widens=True)])
def a_suspended_client_given_more_scopes(checkout: Checkout) -> None:
    checkout.edit("clients/internal/paused.yaml", "[api.read]", "[api.read, api.write]")


@change(access=[access("reader", "prod", "scopes widened", "", "api.write", widens=True)])
def scopes_widened_in_one_environment(checkout: Checkout) -> None:
    checkout.write(
        "clients/internal/reader.yaml", READER.replace("prod:\n    scopes: [", "prod:\n    scopes: [api.write, ")
    )


@change(access=[access("importer", "dev prod", "scopes narrowed", "api.read")])
def scopes_narrowed_in_every_environment(checkout: Checkout) -> None:
    checkout.write("clients/internal/importer.yaml", IMPORTER.replace("[api.read, api.write]", "[api.write]"))


@change(
    access=[
        access("reader", "dev prod", "scopes widened", "", "api.write", widens=True),
        access("reader", "dev prod", "scopes narrowed", "api.read"),
    ]
)
def one_scope_swapped_for_another(checkout: Checkout) -> None:
    checkout.write("clients/internal/reader.yaml", READER.replace("api.read", "api.write"))


@change(access=[people("importer", "prod", "lifetime", "120 minutes", "1440 minutes") | {"widens": True}])
def a_lifetime_lengthened(checkout: Checkout) -> None:
    checkout.edit("clients/internal/importer.yaml", "access_token_minutes: 120", "access_token_minutes: 1440")


@change(access=[people("importer", "prod", "lifetime", "120 minutes", "5 minutes")])
def a_lifetime_shortened(checkout: Checkout) -> None:
    checkout.edit("clients/internal/importer.yaml", "access_token_minutes: 120", "access_token_minutes: 5")


@change(
    access=[
        access("importer", "prod", "readers added", "", "arn:aws:iam::111122223333:role/new", widens=True),
        access("importer", "prod", "readers removed", "arn:aws:iam::111122223333:role/importer"),
    ]
)
def a_secret_reader_exchanged(checkout: Checkout) -> None:
    checkout.edit("clients/internal/importer.yaml", "role/importer", "role/new")


@change(
    access=[
        access(
            "importer", "prod", "readers removed", "arn:aws:iam::111122223333:role/importer", widens=True,
            note="no readers are named any more, so whoever the account's own policies allow can read the secret",
        ),
        access(
            "reader", "prod", "readers added", "", "arn:aws:iam::111122223333:role/reader", widens=True,
            note="from now on they alone can read the secret",
        ),
    ]
)  # fmt: skip
def the_last_reader_of_one_removed_and_the_first_of_another_added(checkout: Checkout) -> None:
    checkout.edit("clients/internal/importer.yaml", '    readers: ["arn:aws:iam::111122223333:role/importer"]\n', "")
    checkout.write("clients/internal/reader.yaml", f"{READER}    readers: ['arn:aws:iam::111122223333:role/reader']\n")


@change(
    access=[
        people("reader", "dev prod", "owner", "growth", "sales"),
        people("reader", "dev prod", "contact", "#otto-growth", "sales@example.com"),
        people(
            "reader", "dev prod", "purpose", "Looks up the public profile of each new lead.", "Looks up each new lead."
        ),
    ]
)
def another_owner_contact_and_purpose(checkout: Checkout) -> None:
    text = READER.replace("owner: growth", "owner: sales").replace('"#otto-growth"', "sales@example.com")
    checkout.write("clients/internal/reader.yaml", text.replace("the public profile of ", ""))


@change(
    access=[
        people("trial", "dev", "kind", "testing", "service"),
        people("trial", "dev", "expires", "2027-06-30", "2028-06-30") | {"widens": True},
    ]
)
def a_testing_client_made_a_service_that_lasts_longer(checkout: Checkout) -> None:
    checkout.write(
        "clients/testing/trial.yaml", TRIAL.replace("kind: testing", "kind: service").replace("2027", "2028")
    )


@change(
    access=[people("trial", "dev", "expires", "2027-06-30", "2027-01-31")],
    expiry=[{"client": "trial", "owner": "platform", "expires": "2027-01-31", "days": 30}],
)
def an_end_within_thirty_days(checkout: Checkout) -> None:
    checkout.edit("clients/testing/trial.yaml", "2027-06-30", "2027-01-31")


@change(
    access=[people("importer", "prod", "expected tokens a day", "100", "1000")],
    costs=[
        {"environment": "dev", "tokens_before": 0, "tokens_after": 0, "usd_before": 0, "usd_after": 0, "unstated": 4},
        {
            "environment": "prod",
            "tokens_before": 3044,
            "tokens_after": 30438,
            "usd_before": 6.85,
            "usd_after": 68.48,
            "unstated": 1,
        },
    ],
)
def ten_times_the_tokens(checkout: Checkout) -> None:
    checkout.edit("clients/internal/importer.yaml", "expected_tokens_per_day: 100", "expected_tokens_per_day: 1000")


@change(
    access=[
        access(
            "lead-reading", "dev prod", "renamed", "reader", "lead-reading",
            note=f"clients/internal/reader.yaml became clients/internal/lead-reading.yaml: {NEW}",
        ),
        access("lead-reading", "prod", "scopes widened", "", "api.write", widens=True),
    ],
    losses=REMOVED,
    **fails(4),
)  # fmt: skip
def a_file_renamed_and_widened(checkout: Checkout) -> None:
    checkout.move("clients/internal/reader.yaml", "clients/internal/lead-reading.yaml")
    text = READER.replace("prod:\n    scopes: [", "prod:\n    scopes: [api.write, ")
    checkout.write("clients/internal/lead-reading.yaml", text)


@change(
    access=[
        access(
            "reader", "dev prod", "moved", "otto-clients-internal", "otto-clients-partners",
            note=f"clients/internal/reader.yaml became clients/partners/reader.yaml: {STUCK}",
        )
    ],
    violations=[f"clients/partners/reader.yaml: moves from the stack of internal to that of partners: {STUCK}"],
    losses=[
        item | {
            "kind": "replaced",
            "because": [f"it moves to clients-partners/reader/{item['resource'].rsplit('/', 1)[1]}, in another stack"],
        }
        for item in REMOVED
    ],
    verdict="fail",
    reasons=["4 losses not acknowledged", "1 violation of what no change may do"],
)  # fmt: skip
def a_file_moved_to_another_group(checkout: Checkout) -> None:
    checkout.move("clients/internal/reader.yaml", "clients/partners/reader.yaml")
    checkout.write("clients/groups.yaml", GROUPS + PARTNERS)


@change(
    access=[
        access(
            "reader", "dev prod", "moved", "clients/internal", "clients/partners",
            note="its file moves and nothing is lost: its stack goes on holding it, so its id, secret, rotation and "
            "readers stay",
        )
    ],
)  # fmt: skip
def a_file_moved_whose_stack_stays(checkout: Checkout) -> None:
    checkout.move("clients/internal/reader.yaml", "clients/partners/reader.yaml")
    checkout.write("clients/partners/reader.yaml", READER.replace("environments:", "stack: internal\nenvironments:"))
    checkout.write("clients/groups.yaml", GROUPS + PARTNERS)


@change(
    access=[
        access("other", "dev", "added", "", "api.read", widens=True, note="owner growth, service, 60 minutes"),
        access("reader", "dev prod", "removed", "api.read", note=GONE),
    ],
    losses=REMOVED,
    **fails(4),
)
def one_client_removed_and_an_unlike_one_of_the_same_owner_added(checkout: Checkout) -> None:
    checkout.remove("clients/internal/reader.yaml")
    checkout.write(
        "clients/internal/other.yaml",
        'owner: growth\ncontact: "#otto-growth"\npurpose: Counts what campaigns brought.\n'
        "environments:\n  dev:\n    scopes: [api.read]\n",
    )
