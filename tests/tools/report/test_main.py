"""The command itself on real commits: each side is synthesized by a process of its own, with its own code."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tools.report.changes import loss
from tests.tools.report.repository import REGISTRY, Checkout, git
from tools.report import __main__ as command
from tools.report.checkout import ENVIRONMENT, interpreter, worktree
from tools.synth import SynthesisError, synthesize

# Another layout, another registry, no CDK: what it synthesizes to is all that it has in common.
CONFIG = {"app": "python3 infra/main.py", "context": {"client": "reader"}}
LEGACY = """\
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
context = json.loads(os.environ["CDK_CONTEXT_JSON"])
out.mkdir()
client = {
    "Type": "AWS::Cognito::UserPoolClient",
    "DeletionPolicy": "Retain",
    "Properties": {
        "ClientName": context["client"], "UserPoolId": {"Fn::ImportValue": "pool"}, "GenerateSecret": True,
        "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["old/api.read", "old/api.write"],
        "AccessTokenValidity": 8,
    },
}
(out / "legacy.json").write_text(json.dumps({"Resources": {"Legacy": client}}))
stack = {
    "type": "aws:cloudformation:stack", "environment": "aws://unknown-account/us-east-1",
    "properties": {"templateFile": "legacy.json", "stackName": "otto-legacy"},
}
stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "dev", "displayName": "dev"}}
(out / "dev").mkdir()
(out / "legacy.json").rename(out / "dev" / "legacy.json")
(out / "dev" / "manifest.json").write_text(json.dumps({"artifacts": {"legacy": stack}}))
(out / "manifest.json").write_text(json.dumps({"artifacts": {"dev": stage}}))
"""


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout, output: Path, base: str
) -> tuple[int, str, dict[str, Any]]:
    """The exit code, what is printed, and `report.json`."""
    monkeypatch.setattr(sys, "argv", ["report", base, "--root", str(checkout.root), "--output", str(output)])
    code = command.main()
    printed = capsys.readouterr().out
    assert printed == (output / "report.md").read_text()
    return code, printed, json.loads((output / "report.json").read_text())


def legacy(checkout: Checkout) -> str:
    """Commit another program as the base, and put the checkout back to what it was."""
    kept = {path: (checkout.root / path).read_text() for path in ("app.py", "cdk.json", *REGISTRY)}
    for path in kept:
        checkout.remove(path)
    checkout.write("cdk.json", json.dumps(CONFIG))
    checkout.write("infra/main.py", LEGACY)
    commit = checkout.commit()
    checkout.remove("infra/main.py")
    for path, text in kept.items():
        checkout.write(path, text)
    return commit


def test_a_base_of_other_code_is_compared_by_its_templates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout, tmp_path: Path
) -> None:
    commit = legacy(checkout)
    code, _, report = run(monkeypatch, capsys, checkout, tmp_path / "out", commit)
    assert (code, report["base"], report["base_error"]) == (1, commit[:12], "")
    moved = "it moves to clients-internal/reader/AppClient, in another stack"
    pool = "UserPoolId changes and can only be set at creation"
    assert report["losses"] == [
        loss("dev/otto-legacy/Legacy", "AWS::Cognito::UserPoolClient", "replaced", (moved, pool), retained=True)
        | {"resource": "otto-legacy/Legacy", "stack": "otto-legacy"}
    ]
    assert [
        (change["what"], change["before"], change["after"])
        for change in report["access"]
        if change["client"] == "reader" and change["environments"] == ["dev"]
    ] == [
        ("moved", ["otto-legacy"], ["otto-clients-internal"]),
        ("scopes narrowed", ["api.write"], []),
        ("lifetime", ["480 minutes"], ["60 minutes"]),
    ]


def test_new_code_of_a_function_is_all_that_changes_and_the_checkout_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout, tmp_path: Path
) -> None:
    checkout.write("lambdas/profiles/more.py", '"""More."""\n')
    before = git(checkout.root, "status", "--short"), git(checkout.root, "worktree", "list")
    code, _, report = run(monkeypatch, capsys, checkout, tmp_path / "out", "HEAD")
    assert (code, report["verdict"], report["access"], report["settings"]) == (0, "pass", [], [])
    assert [(change["resource"], change["action"]) for change in report["resources"]] == [
        (f"{environment}/profiles/Handler/Function", "code changed") for environment in ("dev", "staging", "prod")
    ]
    assert (git(checkout.root, "status", "--short"), git(checkout.root, "worktree", "list")) == before


def test_a_base_that_cannot_be_synthesized_is_said_and_not_guessed_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout, tmp_path: Path
) -> None:
    legacy(checkout)
    checkout.write("infra/main.py", "import sys\n\nsys.exit('clients/internal/x.yaml:1: owner: missing')\n")
    checkout.write("cdk.json", json.dumps(CONFIG))
    commit = checkout.commit()[:12]
    checkout.write("infra/main.py", LEGACY)
    code, printed, report = run(monkeypatch, capsys, checkout, tmp_path / "out", commit)
    assert code == 1
    assert report["reasons"][0] == "the base cannot be synthesized, so nothing can be compared"
    assert report["base_error"] == "clients/internal/x.yaml:1: owner: missing"
    assert (report["access"], report["losses"], report["resources"], report["routes"]) == ([], [], [], [])
    assert f"\n### Cannot compare: the base `{commit}` cannot be synthesized\n" in printed


def test_a_change_that_cannot_be_synthesized_shows_every_problem_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout, tmp_path: Path
) -> None:
    commit = legacy(checkout)
    checkout.edit("clients/internal/reader.yaml", "owner: growth", "owner: Growth\nnote: x")
    code, printed, report = run(monkeypatch, capsys, checkout, tmp_path / "out", commit)
    problems = report["head_error"]
    assert code == 1
    assert [line.split(": ")[0:2] for line in problems.splitlines()[:-1]] == [
        ["clients/internal/reader.yaml:1", "owner"],
        ["clients/internal/reader.yaml:2", "note"],
    ]
    assert printed == (
        f"## ❌ Access report: fail\n\n**the change cannot be synthesized** (against `{commit[:12]}`)\n\n"
        "⚠️ **This change touches what judges it**, for the platform team to read: `app.py`, `cdk.json`\n\n"
        f"### The change cannot be synthesized\n\n```text\n{problems}\n```\n\n"
        f"Base `{report['base_assembly']}`. {command.NOTE} {command.NO_JUDGE}\n"
    )


def test_a_base_that_pins_other_packages_is_synthesized_with_those(checkout: Checkout, tmp_path: Path) -> None:
    base = tmp_path / "base"
    Checkout(base).write("requirements.txt", "# It needs nothing.\n")
    Checkout(base).write("cdk.json", (checkout.root / "cdk.json").read_text())
    Checkout(base).write("app.py", "import aws_cdk\n")
    assert interpreter(checkout.root, checkout.root, tmp_path / "cache") == Path(sys.executable)
    python = interpreter(checkout.root, base, tmp_path / "cache")
    assert python != Path(sys.executable)
    with pytest.raises(SynthesisError) as raised:
        synthesize(base, python, tmp_path / "out")
    assert str(raised.value) == "ModuleNotFoundError: No module named 'aws_cdk'"


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path) -> str:
    """What the report says where it cannot be made."""
    monkeypatch.setattr(sys, "argv", ["report", "HEAD", "--root", str(root), "--output", str(root / "out")])
    assert command.main() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_a_persons_hooks_are_left_alone(checkout: Checkout, tmp_path: Path) -> None:
    hook = checkout.root / ".git/hooks/post-checkout"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with worktree(checkout.root, "HEAD", tmp_path / "base") as base:
        assert (base / "app.py").is_file()
    assert len(git(checkout.root, "worktree", "list").splitlines()) == 1


def test_what_keeps_git_from_a_checkout_is_told_and_no_worktree_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout
) -> None:
    git(checkout.root, "config", "filter.broken.smudge", "false")
    git(checkout.root, "config", "filter.broken.required", "true")
    (checkout.root / ".git/info/attributes").write_text("app.py filter=broken\n")
    said = refused(monkeypatch, capsys, checkout.root)
    assert said == "report: git worktree: error: external filter 'false' failed 1\n"
    assert len(git(checkout.root, "worktree", "list").splitlines()) == 1


def test_an_archive_is_told_from_a_repository(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert refused(monkeypatch, capsys, tmp_path) == (
        "report: git rev-parse: fatal: not a git repository (or any of the parent directories): .git; "
        "the report compares with a commit, so run it in a clone, not in an archive\n"
    )


def test_another_users_checkout_is_told_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout
) -> None:
    # What git's own tests use to say that somebody else owns what is there.
    monkeypatch.setitem(ENVIRONMENT, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert refused(monkeypatch, capsys, checkout.root) == (
        f"report: git rev-parse: fatal: detected dubious ownership in repository at '{checkout.root}'; "
        f"`git config --global --add safe.directory {checkout.root}`, if you trust its owner\n"
    )


def test_without_git_that_is_what_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(ENVIRONMENT, "PATH", str(tmp_path))
    said = "report: git: No such file or directory: the report compares with a commit, so install git\n"
    assert refused(monkeypatch, capsys, checkout.root) == said


def test_a_base_that_is_no_commit_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Checkout
) -> None:
    monkeypatch.setattr(sys, "argv", ["report", "no-such", "--root", str(checkout.root)])
    assert command.main() == 2
    assert capsys.readouterr().err == (
        "report: BASE=no-such: no such commit in this repository, expected a branch, tag or commit; "
        "a shallow clone needs `git fetch` of it first\n"
    )
