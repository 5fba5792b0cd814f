"""What the app opens of a bundle beside its verdict: images, diagnosis, verification."""

import gc
from pathlib import Path

from textual import work

from nbtui.tui import afterwards
from nbtui.tui.handing import HandingApp
from nbtui.tui.screens import dialogs


class OpeningApp(HandingApp):
    """Puts a screen of a bundle on top of the mode that asked for it."""

    @work(thread=True, exclusive=True, group="modes", exit_on_error=False)
    def expect_modes(self) -> None:
        """Import the modes that are not on screen yet; what is there then is there to stay."""
        afterwards.import_every_mode()
        gc.freeze()
        gc.enable()

    @work(thread=True, exclusive=True, group="warm", exit_on_error=False)
    def expect_images(self) -> None:
        """Import what pictures need while the operator reads the verdict."""
        afterwards.import_images()

    def ask_diagnosis(self) -> None:
        """Ask whether programs may run, then search for the cause of the run on show."""
        bundle = self.model.bundle
        if bundle is None:
            return

        def answer(value: str | None) -> None:
            if value is None:
                return
            # The diagnosis measures images; who asks for none does not wait for NumPy.
            from nbtui.tui.screens.diagnosis import DiagnosisScreen  # noqa: PLC0415

            self.push_screen(DiagnosisScreen(bundle, run_programs=value == "run"))

        self.push_screen(dialogs.ask_diagnosis(), answer)

    def show_images(self) -> None:
        """Show the images of the run on show."""
        # Who looks at no image does not wait for NumPy.
        from nbtui.tui.screens.images import ImagesScreen  # noqa: PLC0415

        if self.model.bundle is not None:
            self.push_screen(ImagesScreen(self.model.bundle, self.services.exports, self.graphics))

    def show_verification(self, bundle: Path) -> None:
        """Verify a bundle and show what was checked."""
        from nbtui.tui.screens.verification import VerificationScreen  # noqa: PLC0415

        self.push_screen(VerificationScreen(bundle, self.mode))
