"""What the files of a registry say together, and what the folder may hold."""
# ruff: noqa: E501 - the messages are long, and shown as a person sees them

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from stacks import registry
from stacks.registry.texts import GroupName
from tests.registry.sample import CLIENT, GROUPS, Files, write

Problems = Callable[..., list[str]]
NAME = "a name of 2 to 64 characters (a-z, 0-9 and single hyphens, starting with a letter) such as lead-enricher"
GROUP = "a name of 2 to 40 characters (a-z, 0-9 and single hyphens, starting with a letter) such as internal"
HANDLE = 'a GitHub team in quotes, such as "@sellwithotto/platform"'
MEND = "declare it or move its files"


def test_every_shipped_file_is_valid() -> None:
    groups = registry.load()
    shipped = {(group.name, client.name) for group in groups for client in group.clients}
    assert shipped
    files = {path.relative_to(registry.CLIENTS.parent).as_posix() for path in registry.CLIENTS.glob("*/*")}
    assert {client.path for group in groups for client in group.clients} == files


def test_a_client_is_its_file_its_group_and_what_it_says(root: Path) -> None:
    (group,) = registry.load(root)
    (client,) = group.clients
    assert (group.name, group.approvers, group.expires) == ("internal", "@sellwithotto/platform", "optional")
    assert (client.name, client.group, client.path) == ("x1", "internal", "clients/internal/x1.yaml")
    assert (client.owner, client.contact, client.kind, str(client.expires)) == (
        "growth",
        "#otto-growth",
        "service",
        "2027-06-30",
    )
    assert client.lines["expires"] == 6
    assert client.environments == {
        "dev": registry.Grant(
            scopes=("api.read", "api.write"),
            access_token_minutes=30,
            readers=("arn:aws:iam::123456789012:role/lead-enricher",),
            expected_tokens_per_day=24,
        ),
        "prod": registry.Grant(scopes=("api.read",)),
    }
    assert group.clients_in("staging") == ()
    assert group.clients_in("prod") == (client,)


def test_the_order_that_things_are_written_in_changes_nothing(root: Path) -> None:
    before = registry.load(root)
    head, dev, prod = (
        CLIENT.partition("  dev:")[0],
        CLIENT[CLIENT.index("  dev:") : CLIENT.index("  prod:")],
        "  prod:\n    scopes: [api.read]\n",
    )
    write(root, {"internal/x1.yaml": head + prod + dev.replace("[api.read, api.write]", "[api.write, api.read]")})
    after = registry.load(root)
    assert after == before
    assert list(after[0].clients[0].environments) == ["dev", "prod"]


def test_a_file_with_windows_line_ends_is_valid(problems: Problems) -> None:
    assert problems({"internal/x1.yaml": CLIENT.replace("\n", "\r\n")}) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param(
            {"internal/x2.yml": CLIENT},
            [
                "clients/internal/x2.yml:1: file name: 'x2.yml' does not end in .yaml: rename it if it is a client's, or remove it"
            ],
            id="short_suffix",
        ),
        pytest.param(
            {"internal/x2.YAML": CLIENT},
            [
                "clients/internal/x2.YAML:1: file name: 'x2.YAML' does not end in .yaml: rename it if it is a client's, or remove it"
            ],
            id="suffix_in_upper_case",
        ),
        pytest.param(
            {"internal/README.md": "# x"},
            [
                "clients/internal/README.md:1: file name: 'README.md' does not end in .yaml: rename it if it is a client's, or remove it"
            ],
            id="other_file",
        ),
        pytest.param(
            {"internal/.x2.yaml": CLIENT},
            ["clients/internal/.x2.yaml:1: file name: hidden, expected a client's name: rename or remove it"],
            id="hidden_file",
        ),
        pytest.param(
            {"internal/.x1.yaml.swp": "b", "internal/.DS_Store": "", ".DS_Store": ""},
            [],
            id="left_overs_are_no_clients",
        ),
        pytest.param(
            {"partners/.DS_Store": "", "partners/.x1.yaml.swp": "b"},
            [],
            id="a_folder_of_left_overs_is_no_group",
        ),
        pytest.param(
            {"internal/x1.yaml": CLIENT.replace("environments:", "stack: internal\nenvironments:")},
            [
                "clients/internal/x1.yaml:7: stack: 'internal' is the group that it is in, expected the one that it was moved from: remove the line"
            ],
            id="stack_of_its_own_group",
        ),
        pytest.param(
            {"internal/x1.yaml": CLIENT.replace("environments:", "stack: a-group-that-is-gone\nenvironments:")},
            [],
            id="stack_of_a_group_that_is_gone",
        ),
        pytest.param(
            {"internal/order-export.yaml": CLIENT, "internal/order-exporting.yaml": CLIENT},
            [
                "clients/internal/order-export.yaml:1: file name: 'order-export' ends in a hyphen and six characters, which Secrets Manager takes for the end of an ARN, and may then find another secret: make its last word longer or shorter"
            ],
            id="name_that_ends_as_an_arn",
        ),
        *(
            pytest.param(
                {f"internal/{name}.yaml": CLIENT},
                [
                    f"clients/internal/{name}.yaml:1: file name: {name!r} is a device on Windows, where no checkout could hold it: choose another name"
                ],
                id=f"client_{name}",
            )
            for name in ("con", "prn", "aux", "nul", "com0", "com9", "lpt1")
        ),
        *(
            pytest.param({f"internal/{name}.yaml": CLIENT}, [], id=f"client_{name}")
            for name in ("console", "com10", "nul-readers", "lpt")
        ),
        pytest.param(
            {"internal/x2.yaml": CLIENT.replace("123456789012", "210987654321")},
            [
                "clients/internal/x2.yaml:7: environments.dev.readers: arn:aws:iam::210987654321:role/lead-enricher is of another account than arn:aws:iam::123456789012:role/lead-enricher of clients/internal/x1.yaml, and the key that encrypts the credentials, AWS's own for Secrets Manager, lets in roles of their account alone: name a role of the environment's account, which the service may assume"
            ],
            id="reader_of_another_account",
        ),
        pytest.param(
            {"internal/x2.yaml": CLIENT.replace("123456789012", "210987654321").replace("  dev:", "  staging:")},
            [],
            id="each_environment_has_an_account_of_its_own",
        ),
        pytest.param(
            {
                "internal/x1.yaml": CLIENT.replace(
                    "owner: growth", "<<<<<<< HEAD\nowner: growth\n=======\nowner: sales\n>>>>>>> main"
                )
            },
            [
                "clients/internal/x1.yaml:2: file: the markers of a merge conflict: keep what is right of both sides, and remove the markers"
            ],
            id="merge_conflict",
        ),
        pytest.param(
            {"internal/more/x2.yaml": CLIENT},
            [
                "clients/internal/more:1: folder: a folder in a group, expected files alone: declare a group for it in clients/groups.yaml"
            ],
            id="nested_folder",
        ),
        pytest.param(
            {"x2.yaml": CLIENT},
            ["clients/x2.yaml:1: file: not allowed here, expected clients/<group>/<client>.yaml: move it"],
            id="file_outside_a_group",
        ),
        pytest.param(
            {"internal/LeadEnricher.yaml": CLIENT},
            [
                f"clients/internal/LeadEnricher.yaml:1: file name: 'LeadEnricher' is not a client name, expected {NAME} (did you mean 'lead-enricher'?)"
            ],
            id="name_in_camel_case",
        ),
        pytest.param(
            {"internal/x 2.yaml": CLIENT},
            [
                f"clients/internal/x 2.yaml:1: file name: 'x 2' is not a client name, expected {NAME} (did you mean 'x-2'?)"
            ],
            id="name_with_a_space",
        ),
        pytest.param(
            {f"internal/{'x' * 65}.yaml": CLIENT},
            [f"clients/internal/{'x' * 65}.yaml:1: file name: '{'x' * 57}...' is not a client name, expected {NAME}"],
            id="name_too_long",
        ),
        pytest.param(
            {"internal/a\nb.yaml": CLIENT},
            [
                f"clients/internal/a\\nb.yaml:1: file name: 'a\\nb' is not a client name, expected {NAME} (did you mean 'a-b'?)"
            ],
            id="name_on_two_lines",
        ),
        pytest.param(
            {"intrnal/x2.yaml": CLIENT},
            [
                f"clients/intrnal:1: folder: group 'intrnal' is not declared in clients/groups.yaml, expected internal: {MEND} (did you mean 'internal'?)"
            ],
            id="undeclared_group",
        ),
        pytest.param(
            {
                "partners/x1.yaml": CLIENT,
                "groups.yaml": GROUPS + GROUPS.partition("\n")[2].replace("internal", "partners"),
            },
            [
                "clients/partners/x1.yaml:1: file name: 'x1' is taken by clients/internal/x1.yaml, expected a name that no other client has"
            ],
            id="name_taken_in_another_group",
        ),
        pytest.param(
            {
                "partners/x-1.yaml": CLIENT,
                "groups.yaml": GROUPS + GROUPS.partition("\n")[2].replace("internal", "partners"),
            },
            [
                "clients/partners/x-1.yaml:1: file name: 'x-1' differs from 'x1' (clients/internal/x1.yaml) in case or punctuation alone, expected a distinct name"
            ],
            id="name_alike_in_another_group",
        ),
        pytest.param(
            {"internal/x--1.yaml": CLIENT},
            [
                f"clients/internal/x--1.yaml:1: file name: 'x--1' is not a client name, expected {NAME} (did you mean 'x-1'?)",
                "clients/internal/x1.yaml:1: file name: 'x1' differs from 'x--1' (clients/internal/x--1.yaml) in case or punctuation alone, expected a distinct name",
            ],
            id="name_alike_in_the_group",
        ),
        pytest.param(
            {
                "internal/x1.yaml": CLIENT.replace("expires: 2027-06-30\n", ""),
                "groups.yaml": GROUPS.replace("optional", "required"),
            },
            [
                "clients/internal/x1.yaml:2: expires: missing, the group internal requires it: expected a date such as 2027-06-30"
            ],
            id="group_requires_an_end",
        ),
        pytest.param(
            {"internal/x1.yaml": CLIENT.replace("expires: 2027-06-30\n", "").replace("service", "testing")},
            [
                "clients/internal/x1.yaml:2: expires: missing, a client of kind testing must end: expected a date such as 2027-06-30",
                "clients/internal/x1.yaml:14: environments.prod: a client of kind testing may exist in dev alone: remove it, or make it a service",
            ],
            id="testing_client_without_end_in_prod",
        ),
        pytest.param(
            {"groups.yaml": "partners" + GROUPS.partition("internal")[2]},
            [
                "clients/groups.yaml:1: partners: no client in clients/partners, expected at least one: add one; or, to remove the group, delete its entry here and run `make catalogue`, which takes it out of .github/CODEOWNERS and docs/access.md. The next deploy deletes its stacks, and with them the last client's credentials",
                f"clients/internal:1: folder: group 'internal' is not declared in clients/groups.yaml, expected partners: {MEND}",
            ],
            id="group_without_client",
        ),
        pytest.param(
            {"groups.yaml": GROUPS.replace("internal", "Internal")},
            [
                f"clients/groups.yaml:2: Internal: 'Internal' is not a group name, expected {GROUP} (did you mean 'internal'?)",
                "clients/groups.yaml:2: Internal: no client in clients/Internal, expected at least one: add one; or, to remove the group, delete its entry here and run `make catalogue`, which takes it out of .github/CODEOWNERS and docs/access.md. The next deploy deletes its stacks, and with them the last client's credentials",
                f"clients/internal:1: folder: group 'internal' is not declared in clients/groups.yaml, expected Internal: {MEND} (did you mean 'Internal'?)",
            ],
            id="group_in_upper_case",
        ),
        pytest.param(
            {"groups.yaml": GROUPS.replace('"@sellwithotto/platform"', "platform")},
            [f"clients/groups.yaml:3: internal.approvers: 'platform' is not a team to approve, expected {HANDLE}"],
            id="approvers_without_organisation",
        ),
        pytest.param(
            {"groups.yaml": GROUPS.replace("  approvers:", "  aprovers:")},
            [
                "clients/groups.yaml:2: internal.approvers: missing, expected " + HANDLE,
                "clients/groups.yaml:3: internal.aprovers: unknown key, expected approvers, purpose or expires (did you mean 'approvers'?)",
            ],
            id="unknown_key_of_a_group",
        ),
        pytest.param(
            {"groups.yaml": GROUPS.replace("optional", "always")},
            ["clients/groups.yaml:5: internal.expires: unknown choice 'always', expected required or optional"],
            id="unknown_choice_of_a_group",
        ),
        pytest.param(
            {"groups.yaml": "internal: platform\n"},
            ["clients/groups.yaml:1: internal: 'platform', expected a mapping of approvers, purpose and expires"],
            id="group_that_is_a_text",
        ),
        pytest.param(
            {"groups.yaml": "[internal]\n"},
            [
                "clients/groups.yaml:1: file: expected a mapping of groups",
                f"clients/internal:1: folder: group 'internal' is not declared in clients/groups.yaml, which declares none: {MEND}",
            ],
            id="groups_that_are_a_list",
        ),
        pytest.param(
            {
                "groups.yaml": GROUPS + GROUPS.partition("\n")[2].replace("internal", "in-ternal"),
                "in-ternal/x2.yaml": CLIENT,
            },
            [
                "clients/groups.yaml:6: in-ternal: 'in-ternal' differs from 'internal' (clients/groups.yaml) in case or punctuation alone, expected a distinct name"
            ],
            id="groups_alike",
        ),
    ],
)
def test_a_registry_is_refused_with_its_message(problems: Problems, files: Files, said: list[str]) -> None:
    assert problems(files) == said


def test_a_registry_without_groups_is_refused(root: Path, problems: Problems) -> None:
    (root / "groups.yaml").unlink()
    assert problems() == [
        "clients/groups.yaml:1: file: missing, expected a file that declares each group of clients",
        f"clients/internal:1: folder: group 'internal' is not declared in clients/groups.yaml, which declares none: {MEND}",
    ]


def test_what_is_not_a_regular_file_is_refused(root: Path, problems: Problems) -> None:
    (root / "internal" / "x2.yaml").symlink_to(root / "internal" / "x1.yaml")
    (root / "internal" / "x3.yaml").symlink_to(root / "nowhere")
    (root / "partners").symlink_to(root / "internal")
    os.mkfifo(root / "internal" / "x4.yaml")
    link = "file: a symbolic link, expected a regular file: copy what it points to"
    assert problems() == [
        f"clients/internal/x2.yaml:1: {link}",
        f"clients/internal/x3.yaml:1: {link}",
        "clients/internal/x4.yaml:1: file: not a regular file: remove it",
        "clients/partners:1: file: not allowed here, expected clients/<group>/<client>.yaml: move it",
    ]


def test_every_problem_of_every_file_is_told_at_once_by_file_and_line(problems: Problems) -> None:
    broken = CLIENT.replace("each", "every").replace("[api.read]", "[api.raed]").replace("minutes: 30", "minutes: 3")
    said = problems(
        {
            "internal/b2.yaml": broken.replace("owner: growth", "owner: 7"),
            "internal/a2.yaml": broken,
            "internal/c2.yaml": "a: &b",
        }
    )
    assert [text.partition(": ")[0] for text in said] == [
        "clients/internal/a2.yaml:10",
        "clients/internal/a2.yaml:16",
        "clients/internal/b2.yaml:2",
        "clients/internal/b2.yaml:10",
        "clients/internal/b2.yaml:16",
        *["clients/internal/c2.yaml:1"] * 6,
    ]


def test_a_full_group_is_refused_with_the_number_and_what_to_do(problems: Problems) -> None:
    names = [f"client-{number}" for number in range(registry.GROUP_CAPACITY - 1)]
    assert problems({f"internal/{name}.yaml": CLIENT for name in names}) == []
    assert problems({"internal/one-more.yaml": CLIENT}) == [
        "clients/internal:1: folder: holds 101 clients, expected at most 100, the most that fit one stack: "
        "declare another group in clients/groups.yaml for the new ones (a moved client gets new credentials)"
    ]


def test_a_full_pool_is_refused_with_the_number_and_what_to_do(problems: Problems) -> None:
    declaration = GROUPS.partition("internal")[2]
    groups = [f"group-{number}" for number in range(11)]
    files = {f"{group}/{group}-{number}.yaml": CLIENT for group in groups for number in range(91)}
    files["groups.yaml"] = "internal" + declaration + "".join(group + declaration for group in groups)
    mend = "the most that fit one user pool: remove what is no longer used, or have Cognito's quota and POOL_CAPACITY raised"
    assert problems(files) == [
        f"clients:1: folder: 1002 clients in dev, expected at most 1000, {mend}",
        f"clients:1: folder: 1002 clients in prod, expected at most 1000, {mend}",
    ]


def test_a_thousand_clients_are_read_and_checked_in_two_seconds(root: Path) -> None:
    """The one time that a test bounds: it is what an editor, a check and every synth wait for, and a promise.

    Of the processor, whose time other processes do not take; 0.4 s is usual.
    """
    (root / "internal/x1.yaml").unlink()
    declaration = GROUPS.partition("internal")[2]
    files = {f"group-{number % 10}/client-{number}.yaml": CLIENT for number in range(1000)}
    write(root, files | {"groups.yaml": "".join(f"group-{number}{declaration}" for number in range(10))})
    (root / "internal").rmdir()
    start = time.process_time()
    groups = registry.load(root)
    spent = time.process_time() - start
    assert [len(group.clients) for group in groups] == [100] * 10
    assert spent < 2


def test_reading_the_registry_imports_no_cdk() -> None:
    code = "import sys, stacks.registry; stacks.registry.load(); sys.exit(any('cdk' in name or name == 'jsii' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=registry.CLIENTS.parent, check=False).returncode == 0
    planted = code.replace("import sys,", "import sys; sys.modules['aws_cdk'] = sys; import ")
    assert subprocess.run([sys.executable, "-c", planted], cwd=registry.CLIENTS.parent, check=False).returncode == 1


def test_a_group_of_a_device_s_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="'nul' is a device on Windows, where no checkout could hold it"):
        TypeAdapter(GroupName).validate_python("nul")
