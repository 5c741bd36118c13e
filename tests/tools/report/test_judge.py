"""The base judges the change, and both assemblies are data: nothing of a change's code reaches its own judgement."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tools.report.repository import Checkout, git
from tools import codeowners, seal, synth
from tools.report import __main__ as command
from tools.report import entries
from tools.report.judges import judging

ROOT = Path(__file__).parents[3]


@pytest.fixture
def whole(checkout: Checkout) -> Checkout:
    """A checkout whose base has a judge."""
    for name in ("tools", "lambdas"):
        shutil.copytree(ROOT / name, checkout.root / name, dirs_exist_ok=True)
    checkout.commit()
    return checkout


def report(checkout: Checkout, output: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """What `make report BASE=HEAD` does, and `report.json`."""
    done = command.report(checkout.root, git(checkout.root, "rev-parse", "HEAD"), output, None)
    return done, json.loads((output / "report.json").read_text())


def test_a_change_that_rewrites_the_report_is_judged_by_the_base_and_named_in_the_first_lines(
    whole: Checkout, tmp_path: Path
) -> None:
    whole.write("tools/report/markdown.py", 'def write(report):\n    return "✅ Nobody gets more access\\n"\n')
    whole.write("tools/report/judge.py", 'print("✅ Nobody gets more access")\n')
    whole.edit(
        "clients/internal/reader.yaml", "  dev:\n    scopes: [api.read]", "  dev:\n    scopes: [api.read, api.write]"
    )
    done, found = report(whole, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Somebody gets more access" in done.stdout.splitlines()[2]
    assert done.stdout.splitlines()[4] == (
        "⚠️ **This change touches what judges it**, for the platform team to read: "
        "`tools/report/judge.py`, `tools/report/markdown.py`"
    )
    assert found["judges"] == ["tools/report/judge.py", "tools/report/markdown.py"]
    assert done.stdout.count(command.NOTE) == 1
    assert command.NO_JUDGE not in done.stdout


def test_the_digest_of_the_report_is_that_of_what_is_deployed(whole: Checkout, tmp_path: Path) -> None:
    done, found = report(whole, tmp_path / "report")
    made = synth.make(tmp_path / "deployed", whole.root, validate=False)
    assert (found["assembly"], found["stacks"]) == (made.digest, made.stacks)
    assert found["base_assembly"] == made.digest
    assert f"Assembly `{made.digest}`. Base `{made.digest}`." in done.stdout
    assert done.stdout.startswith("✅ **Access report: pass.** No change against ")


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("cdk.json", '{"app": ".venv/bin/python app.py", "build": "touch planted"}', "cdk.json: build: no key that is"),
        ("cdk.json", '{"app": "sh app.sh"}', "cdk.json: app: 'sh app.sh', expected '.venv/bin/python app.py'"),
    ],
)
def test_another_cdk_json_fails_the_report(whole: Checkout, tmp_path: Path, path: str, text: str, said: str) -> None:
    whole.write(path, text)
    done, found = report(whole, tmp_path)
    assert (done.returncode, found["verdict"], found["judges"]) == (1, "fail", [path])
    assert any(violation.startswith(said) for violation in found["violations"])
    assert not (whole.root / "planted").exists()


@pytest.fixture
def sides(cdk_out: Path, tmp_path: Path) -> Path:
    """The folders `before` and `after`, the same assembly twice."""
    for name in ("before", "after"):
        shutil.copytree(cdk_out, tmp_path / name)
    return tmp_path


def judge(sides: Path, checkout: Checkout, *more: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """What `make judge` runs, with the change's assembly closed anew, as a change's code could."""
    arguments = ["--before", str(sides / "before"), "--after", str(sides / "after"), "--output", str(sides / "report")]
    arguments += ["--base", str(checkout.root), "--change", str(checkout.root), *more]
    done = subprocess.run(
        [sys.executable, "-m", "tools.report.judge", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done, json.loads((sides / "report/report.json").read_text())


def test_other_files_under_a_key_of_the_base_fail(sides: Path, checkout: Checkout) -> None:
    file = next((sides / "after").glob("asset.*/profiles/handler.py"))
    file.write_text(f"{file.read_text()}\nimport os  # planted\n")
    seal.close(sides / "after")
    done, found = judge(sides, checkout)
    assert done.returncode == 1
    [violation] = found["violations"]
    assert violation.endswith(".zip: holds other files under the key of the base's, expected a key of their own")


def test_an_assembly_that_no_deploy_takes_fails_with_every_reason(sides: Path, checkout: Checkout) -> None:
    manifest = sides / "after/assembly-prod/manifest.json"
    content = manifest.read_text()
    manifest.write_text(content.replace("cdk-hnb659fds-cfn-exec-role-", "admin-").replace("unknown-account", "1111"))
    done, found = judge(sides, checkout)
    assert (done.returncode, found["reasons"]) == (1, ["the change cannot be synthesized"])
    assert found["head_error"].startswith("no deploy would take its assembly:\n")
    assert "cloudFormationExecutionRoleArn: " in found["head_error"]
    assert "environment: 'aws://1111/us-east-1'" in found["head_error"]


@pytest.mark.parametrize(
    "resources",
    [
        {"X": {"Type": "AWS::Cognito::UserPoolClient", "Properties": []}},
        {"X": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": "x"}}},
        {"X": {"Type": "AWS::ApiGateway::Method", "Properties": {"AuthorizationScopes": 1}}},
        {"X": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Statement": [1]}}}},
        {"X": {"Type": "AWS::SSM::Parameter"}},
    ],
)
def test_a_template_of_another_form_ends_in_a_report_that_does_not_pass_as_harmless(
    sides: Path, checkout: Checkout, resources: dict[str, Any]
) -> None:
    path = next((sides / "after/assembly-prod").glob("prodaccount*.template.json"))
    template = json.loads(path.read_text())
    path.write_text(json.dumps(template | {"Resources": template["Resources"] | resources}))
    seal.close(sides / "after")
    done, found = judge(sides, checkout)
    assert "Traceback" not in done.stderr
    assert "Nobody gets more access" not in done.stdout
    assert done.returncode == 1 or found["not_understood"] or "Somebody gets more access" in done.stdout


@pytest.mark.parametrize("digest", ["none", "sha256:0"])
def test_an_assembly_that_the_bases_job_did_not_make_is_not_compared_with(
    sides: Path, checkout: Checkout, digest: str
) -> None:
    own = seal.check(sides / "before").digest
    done, found = judge(sides, checkout, "--digest", own)
    assert (done.returncode, found["verdict"]) == (0, "pass")
    done, found = judge(sides, checkout, "--digest", digest)
    assert (done.returncode, found["verdict"]) == (1, "fail")
    assert found["base_error"] == f"its assembly is {own}, and its job made {digest}"


def test_why_a_side_could_not_be_made_is_in_the_report(sides: Path, checkout: Checkout) -> None:
    synth.leave(sides / "after", "clients:1: folder: none")
    done, found = judge(sides, checkout)
    assert (done.returncode, found["head_error"]) == (1, "clients:1: folder: none")


def test_links_of_a_change_are_not_followed(sides: Path, checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/stolen.yaml").write_text("owner: outside\npurpose: outside\n")
    (tmp_path / "outside/secret").write_text("outside")
    (checkout.root / "clients/linked").symlink_to(tmp_path / "outside")
    (checkout.root / "acknowledgements.yaml").symlink_to(tmp_path / "outside/secret")
    (sides / "after" / synth.PROBLEM).symlink_to(tmp_path / "outside/secret")
    done, found = judge(sides, checkout)
    assert found["problems"] == ["acknowledgements.yaml:1: file: not a regular file: remove it"]
    assert "problem.txt: expected files and folders alone" in found["head_error"]
    assert (done.returncode, "outside" in done.stdout, "outside" in json.dumps(found)) == (1, False, False)
    assert entries.read(checkout.root).keys() >= {"reader"}
    assert "stolen" not in entries.read(checkout.root)


def modules(start: str) -> set[str]:
    """The files of this repository that a module loads."""
    code = f"import sys, {start}; print(*(str(getattr(each, '__file__', None)) for each in list(sys.modules.values())))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [Path(each) for each in loaded.split() if each != "None"]
    own = [path.relative_to(ROOT) for path in paths if path.is_relative_to(ROOT)]
    return {str(path) for path in own if not path.parts[0].startswith(".")}


@pytest.mark.parametrize("module", ["tools.report.judge", "tools.report.__main__", "tools.synth", "tools.scan"])
def test_everything_that_judges_is_known_to(module: str) -> None:
    loaded = modules(module)
    assert len(loaded) > 5
    empty = {path for path in loaded if not (ROOT / path).read_text().strip()}
    assert {path for path in loaded - empty if not judging(path)} <= {"stacks/__init__.py"}


@pytest.mark.parametrize(
    "path",
    [
        "tools/template.py", ".github/workflows/ci.yml", "Makefile", "requirements.txt", "requirements-dev.in",
        "package-lock.json", "cdk.json", "app.py", ".npmrc",
    ],
)  # fmt: skip
def test_what_judges_is_the_platform_teams_to_approve(path: str) -> None:
    assert judging(path)
    rules = [line.split() for line in (ROOT / ".github/CODEOWNERS").read_text().splitlines() if line[:1] != "#"]
    assert rules[0] == ["*", codeowners.PLATFORM]
    assert all(pattern.startswith("/clients/") for pattern, *_ in rules[1:])


@pytest.mark.parametrize("path", ["clients/internal/reader.yaml", "docs/access.md", "stacks/profiles.py", "README.md"])
def test_what_judges_nothing_is_no_warning(path: str) -> None:
    assert not judging(path)
