"""What the report reads of a client's file: whatever that holds, the report is made."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.tools.report.repository import IMPORTER, TRIAL
from tools.report import entries

DEEP = b"owner: " + b"[" * 3_000
BOMB = b"a: &a [x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (to, to, *[of] * 8)
    for of, to in zip(b"abcdefgh", b"bcdefghi", strict=True)
)
TEXTS = st.lists(
    st.sampled_from([*IMPORTER.split("\n"), "\n", "  ", ": ", "- ", "[", "{", "&a ", "*a", "!!x ", "yes", "~"])
)


def read(content: bytes) -> dict[str, entries.Entry]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "clients/internal/x.yaml")
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return entries.read(Path(folder))


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), TEXTS.map(lambda lines: "".join(lines).encode())))
@example(DEEP)
@example(BOMB + b"owner: *i\n")
@example(b"owner: &a [*a]\n")
@example(b"owner: 2027-02-30\nexpires: 2027-02-30\n")
def test_any_bytes_are_an_entry_or_none_and_never_much_text(content: bytes) -> None:
    for entry in read(content).values():
        assert all(isinstance(fact, str) for fact in entry.facts.values())
        assert len(repr(entry)) < 1_000 + 10 * len(content)


def test_a_client_file_is_read_as_it_is_written() -> None:
    [entry] = read(TRIAL.replace("owner: platform", "owner: yes").encode()).values()
    assert (entry.facts["owner"], entry.facts["kind"], entry.facts["expires"]) == ("yes", "testing", "2027-06-30")
    assert entry.grant("dev") == {"scopes": ["api.read"]}
    assert date.fromisoformat(entry.facts["expires"]) == date(2027, 6, 30)


@pytest.mark.parametrize("line", ["owner:", "owner: ~", "owner: &a x\ncontact: *a", "owner: [a]", "owner: {a: b}"])
def test_what_is_no_text_is_absent(line: str) -> None:
    [entry] = read(f"{line}\npurpose: Reads.\n".encode()).values()
    assert set(entry.facts) - {"owner"} == {"kind", "purpose"}


def test_a_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("owner: secret\n")
    (tmp_path / "clients/internal").mkdir(parents=True)
    (tmp_path / "clients/internal/x.yaml").symlink_to(tmp_path / "secret.yaml")
    assert entries.read(tmp_path) == {}
