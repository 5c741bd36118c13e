"""Every message that holds a command leads where the command that printed it ran."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks.environments import ENVIRONMENTS
from tools import place
from tools.place import Place

ROOT = Path(__file__).parents[2]
_AWS = re.compile(r"\baws( --[a-z-]+ \S+)* [a-z][a-z-]+ [a-z]+(-[a-z]+)+")
_MAKE = re.compile(r"\bmake [a-z-]+ (\w+=\S* )*ENV=(?!…|dev or)\S*")


def texts(source: str) -> Iterator[str]:
    """Every text of a module that may be printed, with `{}` for what is filled in; no docstring."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent.update(map(id, node.values))
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def commands(source: str) -> list[str]:
    """The commands that a module's messages spell themselves: none of them knows where it runs."""
    return [found[0] for text in texts(source) for pattern in (_AWS, _MAKE) if (found := pattern.search(text))]


def test_no_message_spells_a_command_that_depends_on_the_place() -> None:
    modules = [path for folder in ("tools", "local", "lambdas", "stacks") for path in (ROOT / folder).rglob("*.py")]
    # What preflight tells is printed by Place.carry alone, which leads each command where it ran.
    # And the message of an alarm is AWS's own, of the account where it went off.
    elsewhere = [*(ROOT / "tools/preflight").glob("*.py"), ROOT / "stacks/observability/suspension.py"]
    modules = [path for path in modules if path not in elsewhere]
    spelt = {str(path.relative_to(ROOT)): commands(path.read_text()) for path in modules}
    assert {path: found for path, found in spelt.items() if found} == {}


def test_a_planted_command_is_found() -> None:
    planted = 'f"then aws secretsmanager delete-secret --secret-id {x}; make rotate CLIENT={y} ENV={z}"'
    assert commands(planted) == ["aws secretsmanager delete-secret", "make rotate CLIENT={} ENV={}"]
    assert commands('said = "run make rotate ENV=dev"') == ["make rotate ENV=dev"]
    assert commands('said = "make rotate CLIENT=… ENV=…"; """aws a b-c"""') == []


def test_a_place_at_the_emulator_is_local_and_its_commands_reach_nothing_else() -> None:
    there = Place(environment=ENVIRONMENTS[0], endpoint="http://127.0.0.1:4608", credentials=".local/credentials")
    assert there.make("rotate", CLIENT="a") == "make rotate CLIENT=a ENV=local"
    assert there.aws("ssm", "get-parameter") == (
        "AWS_SHARED_CREDENTIALS_FILE=.local/credentials "
        "aws --profile emulator --endpoint-url http://127.0.0.1:4608 --region us-east-1 ssm get-parameter"
    )


def test_a_place_at_aws_is_its_environment() -> None:
    there = Place(environment=ENVIRONMENTS[1])
    assert there.make("rotate", CLIENT="a") == "make rotate CLIENT=a ENV=staging"
    assert there.aws("ssm", "get-parameter") == "aws --region us-east-1 ssm get-parameter"


def test_a_text_is_carried_to_its_place() -> None:
    there = Place(environment=ENVIRONMENTS[0], endpoint="http://127.0.0.1:4608")
    text = "free it: aws sns delete-topic --topic-arn x; or ask aws support"
    assert there.carry(text) == f"free it: {there.aws('sns', 'delete-topic')} --topic-arn x; or ask aws support"
    assert "carry(table(rows))" in (ROOT / "tools/preflight/__main__.py").read_text()
    # Rows of preflight are rows of verify as well.
    assert "at.carry(row.fix)" in (ROOT / "tools/verify/__main__.py").read_text()


def test_a_place_is_where_the_commands_calls_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4608")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(Path.cwd() / ".local" / "credentials"))
    there = Place(environment=ENVIRONMENTS[0], endpoint="http://127.0.0.1:4608", credentials=".local/credentials")
    assert place.find("dev") == there
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert place.find("dev") == Place(environment=ENVIRONMENTS[0])
    assert place.find("local") is None
