"""What pytest wrote: its JUnit XML. Only executed, passed tests are evidence.

Two things the XML cannot tell, deselected tests and unexpected passes, are read from the
closing line of the log; prose may block here, it can never clear.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.evidence.collectors.model import (
    Collector,
    Request,
    UnbelievableError,
    believed,
    option,
    read_fresh,
    relative,
    unbelievable,
)
from nbtui.evidence.gates import finite_metric
from nbtui.evidence.records import Collected, Metric
from nbtui.memo.plan import Role

if TYPE_CHECKING:
    from junitparser import Property, TestCase

_TAIL_BYTES = 65536
_UNSEEN = re.compile(rb"(\d+) (xpassed|deselected)\b")
_NOT_FIGURES = frozenset({"parameter_hash", "golden_sha256"})


class _Case:
    """One test case of the XML: its name, its outcome and its recorded properties."""

    def __init__(self, case: "TestCase") -> None:
        from junitparser import Error, Failure, Properties, Skipped  # noqa: PLC0415  (slow to import)

        self.classname = case.classname or ""
        self.name = case.name or ""
        recorded: Iterable[Property] = next(iter(case.iterchildren(Properties)), ())  # type: ignore[no-untyped-call]  # junitparser leaves it untyped
        self.properties = {str(p.name): str(p.value) for p in recorded}
        kinds = [type(r) for r in case.result]
        self.messages = [str(r.message or "").split("\n")[0] for r in case.result]
        if Error in kinds:
            self.outcome = "errors"
        elif Failure in kinds:
            self.outcome = "failed"
        elif Skipped in kinds:
            self.outcome = "skipped"
        else:
            self.outcome = "passed"

    @property
    def where(self) -> str:
        return f"{self.classname}::{self.name}"


def locate(argv: Sequence[str], root: Path) -> Path | None:
    """Return where the command line puts its XML."""
    given = option(argv, "--junitxml") or option(argv, "--junit-xml")
    return None if given is None else root / given


def read(request: Request, path: Path) -> Collected:
    """Read counts and recorded properties of the tests."""
    try:
        cases = _cases(read_fresh(path, request), relative(path, request.bundle))
    except UnbelievableError as error:
        return unbelievable(request, str(error))
    source = relative(path, request.bundle)
    counts = Counter(case.outcome for case in cases)
    metrics = [
        finite_metric(f"tests_{name}", counts[name], source)
        for name in ("passed", "failed", "errors", "skipped")
    ]
    metrics += _properties(cases, source)
    hashes = {c.properties["parameter_hash"] for c in cases if "parameter_hash" in c.properties}
    return believed(
        request,
        metrics,
        tuple(_problems(request, cases, counts)),
        parameter_hash=hashes.pop() if len(hashes) == 1 else None,
    )


def outcomes(data: bytes, name: str) -> tuple[tuple[str, str, str], ...]:
    """Return class name, name and outcome (``passed``, ``failed``, ...) of every test.

    Raises
    ------
    UnbelievableError
        When the data is no JUnit XML.
    """
    return tuple((c.classname, c.name, c.outcome) for c in _cases(data, name))


def _cases(data: bytes, name: str) -> list[_Case]:
    from junitparser import JUnitXml, JUnitXmlError  # noqa: PLC0415  (slow to import)

    # No entity of any kind is needed in JUnit; a document type could only expand into harm.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnbelievableError(f"{name} declares a document type")
    try:
        document = JUnitXml.fromstring(data)
    except (JUnitXmlError, SyntaxError, ValueError) as error:
        raise UnbelievableError(f"{name} cannot be read: {error}") from error
    return [_Case(case) for case in _walk(document)]


def _walk(node: object) -> Iterator["TestCase"]:
    """Yield the cases at any depth: a file may hold one suite or many."""
    from junitparser import JUnitXml, TestCase, TestSuite  # noqa: PLC0415  (slow to import)

    if isinstance(node, TestCase):
        yield node
    elif isinstance(node, JUnitXml | TestSuite):
        for inner in node:
            yield from _walk(inner)


def _properties(cases: Sequence[_Case], source: str) -> list[Metric]:
    return [
        finite_metric(name, value, f"{source}#{case.name}")
        for case in cases
        for name, value in _figures(case)
    ]


def _figures(case: _Case) -> Iterator[tuple[str, float]]:
    for name, text in case.properties.items():
        if name not in _NOT_FIGURES:
            with contextlib.suppress(ValueError):
                yield name, float(text)


def _problems(request: Request, cases: Sequence[_Case], counts: Counter[str]) -> Iterator[str]:
    if not cases:
        yield "no test was collected"
    for case in cases:
        if case.outcome != "passed":
            said = f": {case.messages[0]}" if case.messages and case.messages[0] else ""
            yield f"{case.outcome.removesuffix('s')} {case.where}{said}"
    if cases and not counts["passed"]:
        yield f"none of {len(cases)} tests passed"
    yield from _missing(request.argv, cases)
    yield from _unseen(request.log)
    for case in cases:
        if any(True for _ in _figures(case)) and "parameter_hash" not in case.properties:
            yield f"{case.where} records figures, but not of which experiment (parameter_hash)"
    golden = {c.properties["golden_sha256"] for c in cases if "golden_sha256" in c.properties}
    if request.golden_sha256 and golden - {request.golden_sha256}:
        yield f"the tests used another golden image: {', '.join(sorted(golden))}"


def _missing(argv: Sequence[str], cases: Sequence[_Case]) -> Iterator[str]:
    """Every node named on the command line must have run."""
    for word in argv[1:]:
        if "::" not in word or word.startswith("-"):
            continue
        file, *inner, test = word.split("::")
        classname = ".".join([file.removesuffix(".py").replace("/", "."), *inner])
        wanted = re.compile(re.escape(test) + ("" if "[" in test else r"(\[.*\])?"), re.DOTALL)
        # pytest names a file by its path from its root folder, which may differ from ours.
        ran = any(
            (c.classname == classname or classname.endswith(f".{c.classname}"))
            and wanted.fullmatch(c.name)
            for c in cases
        )
        if not ran:
            yield f"the mapped test did not run: {word}"


def _unseen(log: Path) -> Iterator[str]:
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = stream.read().rstrip().splitlines()
    except OSError:
        return
    for count, what in _UNSEEN.findall(lines[-1]) if lines else ():
        yield f"{int(count)} {what.decode()} (closing line of the log)"


COLLECTOR = Collector(role=Role.PYTEST, locate=locate, read=read)
