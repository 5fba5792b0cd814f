"""What the app reads before a run: memo, lint's fixes, earlier times, repository."""

from typing import TYPE_CHECKING

from textual import work

from nbtui.errors import NbtuiError
from nbtui.memo.plan import Plan
from nbtui.tui.handing import HandingApp
from nbtui.tui.messages import Attached, Failed, Told

if TYPE_CHECKING:
    from nbtui.memo.lint import Remedy


class ReadingApp(HandingApp):
    """Reads in thread workers, and tells the app by messages."""

    @work(thread=True, exclusive=True, group="load", exit_on_error=False)
    def load_plan(self) -> None:
        """Read, compile and lint the memo."""
        self._load()

    def _load(self) -> None:
        self.post_message(Told(reading=True))
        try:
            view = self.services.load()
        except NbtuiError as error:
            trouble = str(error)
            told = Told(view=None, trouble=trouble, reading=False, checked=False, checks=())
            self.post_message(told)
            return
        plan = view.plan
        self.post_message(
            Told(
                view=view,
                trouble="",
                reading=False,
                commands=self.services.commands(plan),
                forecast=self.services.forecast(plan),
                checked=False,
                checks=(),
            )
        )

    @work(thread=True, exclusive=True, group="load", exit_on_error=False)
    def accept_fixes(self) -> None:
        """Accept every mechanical fix of lint, then read the plan that they make."""
        self.post_message(Told(reading=True))
        count = self.services.fix()
        stands = "it stands" if count == 1 else "each stands"
        self._say_fixed(f"{_fixes(count)} accepted; {stands} among the deviations")
        self._load()

    @work(thread=True, exclusive=True, group="load", exit_on_error=False)
    def accept_fix(self, plan: Plan, fix: "Remedy") -> None:
        """Accept one fix of lint, then read the plan that it makes."""
        self.post_message(Told(reading=True))
        try:
            self.services.accept(plan, fix)
        except NbtuiError as error:
            self.post_message(Failed("The fix was not accepted.", error))
            return
        self._say_fixed("1 fix accepted; it stands among the deviations, u takes it back")
        self._load()

    @work(thread=True, exclusive=True, group="load", exit_on_error=False)
    def take_back_fix(self, plan: Plan, fix: "Remedy") -> None:
        """Take back an accepted fix, then read the plan without it."""
        self.post_message(Told(reading=True))
        try:
            count = self.services.take_back(plan, fix)
        except NbtuiError as error:
            self.post_message(Failed("The fix was not taken back.", error))
            return
        more = f", {count - 1} of them built on it" if count > 1 else ""
        self._say_fixed(f"{_fixes(count)} taken back{more}: the memo's own words again")
        self._load()

    def _say_fixed(self, words: str) -> None:
        self.call_from_thread(self.notify, words)

    @work(thread=True, exclusive=True, group="forecast", exit_on_error=False)
    def read_forecast(self, plan: Plan) -> None:
        """Look up what earlier runs took of a run's plan."""
        self.post_message(Told(run_forecast=self.services.forecast(plan)))

    @work(thread=True, exclusive=True, group="facts", exit_on_error=False)
    def read_facts(self) -> None:
        """Look at branch, commit and work tree."""
        self.post_message(Told(facts=self.services.facts(), ground=self.services.ground()))

    @work(thread=True, exclusive=True, group="active", exit_on_error=False)
    def look_for_run(self) -> None:
        """Find the run of this project that is under way."""
        bundle = self.services.active()
        if bundle is not None:
            self.post_message(Attached(bundle))


def _fixes(count: int) -> str:
    return f"{count} fix{'es' * (count != 1)}"
