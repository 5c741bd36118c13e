"""The mapping file: what is wrong with it is said at once, with its place."""

from pathlib import Path

import pytest

from tools.adopt.plan import AdoptionError, ExistingPool, read


def test_mapping_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "existing.yaml"
    path.write_text("user_pool: us-east-1_Ab1Cd2Ef3\nclients: {lead-enricher: 7c2plk0v7a9qk1q6h0v5o8v4v1}\n")
    assert read(path) == ExistingPool(
        user_pool="us-east-1_Ab1Cd2Ef3", clients={"lead-enricher": "7c2plk0v7a9qk1q6h0v5o8v4v1"}
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["expected a mapping with user_pool and clients, as docs/adopting.md shows"]),
        ("clients: {}", ["user_pool: Field required"]),
        (
            "user_pool: nonsense\nclients: {x: 1}\nsecret: s",
            [
                "user_pool: String should match pattern '^[\\w-]+_[0-9a-zA-Z]+$'",
                "clients.x: Input should be a valid string",
                "secret: Extra inputs are not permitted",
            ],
        ),
        ("user_pool: [", ["not YAML: line 1"]),
    ],
)
def test_every_mistake_is_told(tmp_path: Path, text: str, problems: list[str]) -> None:
    path = tmp_path / "existing.yaml"
    path.write_text(text)
    with pytest.raises(AdoptionError) as error:
        read(path)
    assert str(error.value).splitlines() == [f"{path}: {problem}" for problem in problems]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(AdoptionError) as error:
        read(tmp_path / "none.yaml")
    assert str(error.value) == f"{tmp_path}/none.yaml: No such file or directory: write it as docs/adopting.md shows"
