"""`make client` writes a file that is valid as it is, or nothing."""
# ruff: noqa: E501 - the messages are long, and shown as a person sees them

from datetime import date
from pathlib import Path

import pytest

from stacks import registry
from tests.registry.sample import CLIENT, GROUPS, write
from tools import client

TODAY = date(2027, 1, 1)
NAME = "a name of 2 to 64 characters (a-z, 0-9 and single hyphens, starting with a letter) such as lead-enricher"
NAMED = "a name of 2 to 40 characters (a-z, 0-9 and single hyphens, starting with a letter) such as growth"


def load(root: Path, name: str) -> registry.AppClient:
    return next(each for group in registry.load(root) for each in group.clients if each.name == name)


def test_a_name_and_a_group_are_enough(root: Path) -> None:
    said = client.create(root, {"NAME": "order-exporter", "GROUP": "internal"}, today=TODAY)
    assert (root / "internal" / "order-exporter.yaml").read_text() == (
        "# yaml-language-server: $schema=../client.schema.json\n"
        "owner: platform\n"
        'contact: "#otto-platform"\n'
        'purpose: "Calls the APIs as order-exporter, for the team platform."\n'
        "kind: service\n"
        "environments:\n"
        "  dev:\n    scopes: [api.read]\n  staging:\n    scopes: [api.read]\n  prod:\n    scopes: [api.read]\n"
    )
    assert load(root, "order-exporter").kind == "service"
    assert said == (
        "wrote clients/internal/order-exporter.yaml, an app client that may read in dev, staging and prod. Next:\n"
        "  1. Edit it: its owner, a purpose that a reviewer can judge, the environments and scopes it needs and no more.\n"
        "     An editor with YAML support completes the fields; docs/registry.md explains them.\n"
        "  2. Run `make catalogue`: it renews docs/access.md. Then `make check`: it names what is not valid or not up to date.\n"
        "  3. `make report BASE=origin/main` shows what a reviewer will be shown: the access that it adds, and what it costs.\n"
        "     Open a pull request with both files. @sellwithotto/platform approves it.\n"
        "  4. When it is merged and deployed, the credentials are in Secrets Manager, as JSON with client_id and client_secret:\n"
        "     otto/dev/clients/order-exporter\n"
        "     otto/staging/clients/order-exporter\n"
        "     otto/prod/clients/order-exporter\n"
        "     Your service reads them as it runs, with an IAM role that the file lists under `readers`; nobody copies them:\n"
        '     boto3.client("secretsmanager").get_secret_value(SecretId="otto/dev/clients/order-exporter")'
    )


def test_what_is_said_is_written(root: Path) -> None:
    purpose = r'Exports: "orders" \ every night #1.'
    said = {
        "NAME": "order-exporter",
        "GROUP": "internal",
        "OWNER": "orders",
        "CONTACT": "orders@otto.example",
        "PURPOSE": purpose,
    }
    client.create(root, said | {"EXPIRES": "2027-03-01"}, today=TODAY)
    written = load(root, "order-exporter")
    assert (written.owner, written.contact, written.purpose) == ("orders", "orders@otto.example", purpose)
    assert written.expires == date(2027, 3, 1)


def test_a_testing_client_is_for_dev_and_ends_in_90_days(root: Path) -> None:
    client.create(root, {"NAME": "trial", "GROUP": "internal", "KIND": "testing"}, today=TODAY)
    written = load(root, "trial")
    assert (written.kind, written.expires, list(written.environments)) == ("testing", date(2027, 4, 1), ["dev"])


def test_a_client_of_a_group_that_requires_an_end_has_one(root: Path) -> None:
    write(root, {"groups.yaml": GROUPS.replace("optional", "required")})
    client.create(root, {"NAME": "order-exporter", "GROUP": "internal"}, today=TODAY)
    assert load(root, "order-exporter").expires == date(2027, 4, 1)


def test_the_platform_approves_the_page_where_another_team_approves_the_group(root: Path) -> None:
    (root / "groups.yaml").write_text(GROUPS.replace("@sellwithotto/platform", "@sellwithotto/partners"))
    said = client.create(root, {"NAME": "order-exporter", "GROUP": "internal"}, today=TODAY)
    assert "@sellwithotto/partners approves the client, @sellwithotto/platform the page." in said


def test_the_first_client_of_a_group_makes_its_folder(root: Path) -> None:
    write(root, {"groups.yaml": GROUPS + GROUPS.partition("\n")[2].replace("internal", "partners")})
    client.create(root, {"NAME": "order-exporter", "GROUP": "partners"}, today=TODAY)
    assert load(root, "order-exporter").group == "partners"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["NAME=order-exporter"], f"GROUP not given, expected {client.USAGE}"),
        (["NAME=", "GROUP=  "], f"NAME and GROUP not given, expected {client.USAGE}"),
        (["NAME=order-exporter", "GROUP=internal", "SCOPES=api.write"], f"unknown 'SCOPES', expected {client.USAGE}"),
        (
            ["NAME=OrderExporter", "GROUP=internal"],
            f"clients/internal/OrderExporter.yaml:1: file name: 'OrderExporter' is not a client name, expected {NAME} (did you mean 'order-exporter'?)",
        ),
        (
            ["NAME=../escaped", "GROUP=internal"],
            f"clients/internal/../escaped.yaml:1: file name: '../escaped' is not a client name, expected {NAME} (did you mean 'escaped'?)",
        ),
        (
            ["NAME=order-exporter", "GROUP=intrnal"],
            "unknown group 'intrnal', expected internal (did you mean 'internal'?); the platform team declares groups in clients/groups.yaml",
        ),
        (
            ["NAME=x1", "GROUP=internal"],
            "clients/internal/x1.yaml:1: file: exists already: edit it, or choose another NAME",
        ),
        (
            ["NAME=x-1", "GROUP=internal"],
            "clients/internal/x1.yaml:1: file name: 'x1' differs from 'x-1' (clients/internal/x-1.yaml) in case or punctuation alone, expected a distinct name\n"
            "nothing is written",
        ),
        (
            [
                "NAME=order-exporter",
                "GROUP=internal",
                "OWNER=a: b",
                "CONTACT=#otto",
                "KIND=testng",
                "EXPIRES=2027-02-30",
            ],
            f"clients/internal/order-exporter.yaml:2: owner: 'a: b' is not a team, expected {NAMED} (did you mean 'a-b'?)\n"
            "clients/internal/order-exporter.yaml:5: kind: unknown kind 'testng', expected service or testing (did you mean 'testing'?)\n"
            "clients/internal/order-exporter.yaml:6: expires: 2027-02-30 is not in the calendar, expected a date such as 2027-06-30\n"
            "nothing is written",
        ),
    ],
)
def test_what_is_not_valid_is_refused_and_leaves_nothing(
    root: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert client.main(words, root) == 1
    assert capsys.readouterr().err == f"{said}\n"
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_another_file_s_problem_does_not_keep_a_client_from_being_written(root: Path) -> None:
    write(root, {"internal/x1.yaml": CLIENT.replace("owner", "ownr")})
    client.create(root, {"NAME": "order-exporter", "GROUP": "internal"}, today=TODAY)
    assert (root / "internal" / "order-exporter.yaml").exists()
