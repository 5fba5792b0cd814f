"""Verification from the outside in: form, hashes, journal, attestation, then what they say."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from nbtui import __version__
from nbtui.errors import BundleError, ConfigError, NbtuiError
from nbtui.evidence import bundled_verify as hashes
from nbtui.evidence.facts import RunFacts
from nbtui.evidence.records import verdict_words
from nbtui.project import find
from nbtui.run.attest import facts_in, read_journal
from nbtui.store import RunState, fold_all
from nbtui.verify import attestation, context, figures, ledger, signature, thresholds, waivers
from nbtui.verify.keys import Trusted
from nbtui.verify.model import Case, Check, Finding, Level, Report, bad, ok

CHECKS: tuple[Check, ...] = (
    attestation.check,
    signature.check,
    ledger.check,
    figures.check,
    thresholds.check,
    waivers.check,
    context.check,
)
"""What is looked at once form and hashes were: a new kind of claim is one line here."""

_HASHED = (Level.FORM, Level.COMPLETE, Level.INTACT, Level.JOURNAL)


def verify(bundle: Path, trusted: Trusted | None = None) -> Report:
    """Return everything that can be said about a bundle; it is only read.

    Parameters
    ----------
    bundle
        The folder, wherever it is now.
    trusted
        Keys whose signatures count.

    Raises
    ------
    BundleError
        When it is no folder.
    ConfigError
        When a trusted key cannot be used.
    """
    if not bundle.is_dir():
        raise BundleError("no such folder", where=str(bundle), fix="nbtui runs lists the bundles")
    findings = [*_hashes(bundle)]
    case = _case(bundle, trusted or Trusted())
    if isinstance(case, Finding):
        return _report(bundle, None, [*findings, case])
    for check in CHECKS:
        findings += _guarded(check, case)
    return _report(bundle, case, findings)


def _report(bundle: Path, case: Case | None, findings: list[Finding]) -> Report:
    facts = case.facts if case else None
    return Report(
        bundle=str(bundle),
        stamp=facts.stamp if facts else bundle.name,
        verdict=_verdict(facts) if facts else "",
        waived=bool(facts and facts.waived),
        version=__version__,
        written_by=facts.version if facts else "",
        findings=tuple(dict.fromkeys(findings)),
    )


def _verdict(facts: RunFacts) -> str:
    if facts.verdict is None:
        return ""
    return verdict_words(facts.verdict, waived=bool(facts.waived))


def _hashes(bundle: Path) -> Iterator[Finding]:
    """Yield what hashes tell, by the very code that lies in each bundle as ``verify.py``."""
    problems = hashes.check(str(bundle))
    yield from (bad(Level(p.level), p.what, p.file) for p in problems)
    wrong = {p.level for p in problems}
    if hashes.SUMS in {p.file for p in problems if p.level == Level.COMPLETE}:
        return
    words = {
        Level.FORM: "files and folders only, each with one name",
        Level.COMPLETE: "no file is missing, none was added",
        Level.INTACT: "every file has the hash that SHA256SUMS lists",
        Level.JOURNAL: "the chain of the journal is whole and ends with the verdict",
    }
    yield from (ok(level, words[level]) for level in _HASHED if level not in wrong)


def _case(bundle: Path, trusted: Trusted) -> Case | Finding:
    try:
        _, chain = read_journal(bundle)
        facts = facts_in(bundle, chain)
    except BundleError as error:
        return bad(Level.JOURNAL, f"nothing further can be checked: {error}", error.where or "")
    state = fold_all(RunState(bundle=bundle), chain.lines)
    case = Case(bundle=bundle, chain=chain, state=state, facts=facts, trusted=trusted)
    try:
        project = find(bundle)
    except ConfigError:
        return case
    if project.root == bundle.resolve() or not (project.root / ".git").exists():
        return case
    signers = project.root / (project.settings.allowed_signers or "no such file")
    if signers.is_file():
        known = (*trusted.allowed_signers, signers)
        trusted = dataclasses.replace(trusted, allowed_signers=known)
    settings = project.settings
    return dataclasses.replace(case, project=project.root, ledger=settings.ledger, trusted=trusted)


def _guarded(check: Check, case: Case) -> Iterator[Finding]:
    """Run a check; one that meets an unreadable bundle says so and ends."""
    try:
        yield from check(case)
    except (NbtuiError, OSError, ValueError, TypeError, LookupError, ArithmeticError) as error:
        if isinstance(error, ConfigError):
            raise
        yield bad(Level.CONTEXT, f"a check could not go on: {error}")
