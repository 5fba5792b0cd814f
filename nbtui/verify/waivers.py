"""What a run went on over: each waiver needs a sign-off in the bundle, for this very plan."""

from collections.abc import Iterator

from nbtui.errors import NbtuiError
from nbtui.run import sign_offs
from nbtui.run.attest import read_plan
from nbtui.verify.model import Case, Finding, Level, bad, note, ok

_LEVEL = Level.WAIVERS


def check(case: Case) -> Iterator[Finding]:
    """Yield who waived what, and whether the bundle holds that decision."""
    if not case.state.waived:
        return
    folder = case.bundle / sign_offs.IN_BUNDLE
    try:
        signed = sign_offs.of_folder(folder, read_plan(case.bundle), case.bundle)
    except NbtuiError as error:
        yield bad(_LEVEL, f"a sign-off cannot be read: {error}", sign_offs.IN_BUNDLE)
        return
    # The plan that was signed is the one that was started.
    decided = [s.sign_off for s in signed if s.sign_off.plan_sha256 == case.facts.plan_sha256]
    for waived in case.state.waived:
        backed = any(
            one.by == waived.by
            and one.reason == waived.reason
            and (waived.kind, waived.id, waived.step_id)
            in {(w.kind, w.id, w.step_id) for w in one.waives}
            for one in decided
        )
        what = f"{waived.kind} {waived.id} waived by {waived.by}: {waived.reason}"
        if backed:
            yield ok(_LEVEL, f"{what}; the sign-off is in the bundle", sign_offs.IN_BUNDLE)
        else:
            yield bad(_LEVEL, f"{what}; no sign-off in the bundle says so", sign_offs.IN_BUNDLE)
    yield from (note(_LEVEL, f"sign-off of {s.sign_off.by}: {s.signature}") for s in signed)
