"""One checkout makes one assembly, wherever and how often; what CI and a laptop make is told apart by nothing."""

import json
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest

from tests.tools.report import repository
from tests.tools.report.repository import Checkout
from tools import acknowledgements, configuration, seal, synth
from tools.synth import SynthesisError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    repository.copy(tmp_path / "checkout", but=("tests/", "benchmarks/", "docs/", "callers/", "local/", "tools/"))
    return Checkout(tmp_path / "checkout")


def test_another_checkout_makes_the_same_assembly_in_another_folder(
    checkout: Checkout, cdk_out: Path, tmp_path: Path
) -> None:
    assert synth.make(tmp_path / "elsewhere", checkout.root, validate=False) == seal.check(cdk_out)


def test_a_planted_look_at_where_the_assembly_is_written_makes_another(
    checkout: Checkout, cdk_out: Path, tmp_path: Path
) -> None:
    """It opened DELETE to readers in what was deployed, while all that was judged had been written elsewhere."""
    checkout.edit("app.py", "import gc\n", "import gc\nimport os\n")
    checkout.edit("app.py", "    build(app, groups)\n", "    build(app, groups)\n    _open(app)\n")
    planted = (checkout.root / "app.py").read_text().replace(
        "def main() -> None:\n",
        "def _open(app: cdk.App) -> None:\n"
        '    if os.environ["CDK_OUTDIR"].endswith("deployed"):\n'
        "        for each in app.node.find_all():\n"
        '            if getattr(each, "http_method", "") == "DELETE":\n'
        "                if each.node.default_child is None:\n"
        "                    each.authorization_scopes = []\n\n\n"
        "def main() -> None:\n",
    )  # fmt: skip
    checkout.write("app.py", planted)
    judged = synth.make(tmp_path / "judged", checkout.root, validate=False)
    assert judged == seal.check(cdk_out)
    deployed = synth.make(tmp_path / "deployed", checkout.root, validate=False)
    assert {name for name in judged.stacks if judged.stacks[name] != deployed.stacks[name]} == {
        f"otto-{environment}-profiles" for environment in ("dev", "staging", "prod")
    }
    with (
        pytest.raises(SynthesisError, match="and what was judged is sha256:"),
        synth.assembly(str(tmp_path / "deployed"), judged.digest),
    ):
        pass


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "build",
            "touch planted",
            "cdk.json: build: no key that is allowed here, expected app, versionReporting, noti",
        ),
        (
            "app",
            ".venv/bin/python other.py",
            "cdk.json: app: '.venv/bin/python other.py', expected '.venv/bin/python ap",
        ),
        ("app", "env X=1 .venv/bin/python app.py", "cdk.json: app: "),
        ("toolkitStackName", "Mine", "cdk.json: toolkitStackName: no key"),
        ("profile", "admin", "cdk.json: profile: no key"),
        ("versionReporting", True, "cdk.json: versionReporting: True, expected False"),
        ("output", "/tmp/x", "cdk.json: output: '/tmp/x', expected 'cdk.out'"),  # noqa: S108
        ("context", None, "cdk.json: context: expected the CDK's feature flags"),
        ("context", {}, "cdk.json: context.cli-telemetry: None, expected False: the CDK CLI phones home"),
        ("notices", True, "cdk.json: notices: True, expected False"),
    ],
)
def test_cdk_json_is_held_to_its_keys_and_its_exact_app(
    checkout: Checkout, tmp_path: Path, key: str, value: object, said: str
) -> None:
    assert list(configuration.problems(ROOT)) == []
    content = json.loads((checkout.root / "cdk.json").read_text())
    checkout.write("cdk.json", json.dumps(content | {key: value}))
    with pytest.raises(SynthesisError) as raised:
        synth.make(tmp_path / "out", checkout.root)
    assert str(raised.value).startswith(said)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_a_cdk_json_that_is_none_is_said(checkout: Checkout, tmp_path: Path, text: str) -> None:
    checkout.write("cdk.json", text)
    with pytest.raises(SynthesisError, match=r"^cdk\.json: "):
        synth.make(tmp_path / "out", checkout.root)


def test_a_planted_warning_is_no_assembly(checkout: Checkout, tmp_path: Path) -> None:
    planted = '    build(app, groups)\n    cdk.Annotations.of(app.node.find_child("dev")).add_warning("planted")\n'
    checkout.edit("app.py", "    build(app, groups)\n", planted)
    with pytest.raises(SynthesisError, match=r"^dev: planted \(Annotation::warning-annotation\)$"):
        synth.make(tmp_path / "out", checkout.root, validate=False)


def test_why_there_is_no_assembly_stands_in_its_place(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checkout.write("clients/x.yaml", "")
    monkeypatch.setattr(sys, "argv", ["synth", "--output", str(tmp_path / "out"), "--checkout", str(checkout.root)])
    with pytest.raises(SystemExit) as ended:
        synth.main()
    assert str(ended.value).startswith("synth: clients/x.yaml:1: ")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [synth.PROBLEM]
    assert f"synth: {(tmp_path / 'out' / synth.PROBLEM).read_text()}" == str(ended.value)


def test_the_word_for_acknowledgements_is_the_cdks() -> None:
    assert acknowledgements.ACKNOWLEDGED == cdk.Validations.ACKNOWLEDGED_RULES_METADATA_KEY
