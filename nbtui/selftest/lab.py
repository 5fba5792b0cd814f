"""Runs the C program and the port on the small experiment, each in a folder of its own."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.parity import runner
from engine.parity.arguments import prepare
from engine.parity.errors import ParityError
from engine.parity.parameters import EffectiveParameters
from engine.parity.simulation import simulate
from nbtui.errors import SelfTestError
from nbtui.selftest.controls import CHANGED_HKL, EXPERIMENT, HKL, Pixels, reflections

_BUILT = Path("build/reference/nanoBragg")


@dataclass(frozen=True, slots=True)
class Shot:
    """An image and what its program says it simulated."""

    image: Pixels
    parameters: EffectiveParameters


@dataclass
class Lab:
    """The two programs and a folder to run them in.

    Parameters
    ----------
    folder
        Empty; it holds the inputs and whatever the programs write.
    c, port
        The programs.
    timeout_s
        Longest time for one run.
    """

    folder: Path
    c: runner.Program
    port: runner.Program
    timeout_s: float
    _taken: dict[str, Shot] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        folder: Path,
        root: Path,
        env: Mapping[str, str],
        *,
        c_bin: str | None,
        py_bin: str | None,
        timeout_s: float,
    ) -> "Lab":
        """Find the programs and write the inputs.

        Raises
        ------
        SelfTestError
            A program is missing.
        """
        built = root / _BUILT
        chosen = c_bin or env.get("NB_C_BIN") or (str(built) if built.is_file() else None)
        try:
            # A relative NB_C_BIN is meant from the project's root.
            named = str(root / chosen) if chosen and os.sep in chosen else chosen
            lab = cls(folder, runner.c_program(named, {}), runner.port_program(py_bin), timeout_s)
        except ParityError as error:
            raise SelfTestError(error.what, where=error.where, fix=error.fix) from error
        for name, changed in ((HKL, False), (CHANGED_HKL, True)):
            (folder / name).write_text(reflections(changed=changed), encoding="ascii")
        return lab

    def shot(self, side: str, instead: tuple[str, str] | None = None) -> Shot:
        """Return the image of one side, with one argument replaced.

        Raises
        ------
        SelfTestError
            The program failed.
        """
        args = list(EXPERIMENT)
        if instead is not None:
            args[args.index(instead[0]) + 1] = instead[1]
        key = f"{side} {' '.join(args)}"
        if key not in self._taken:
            self._taken[key] = self._run(side, args)
        return self._taken[key]

    def _run(self, side: str, args: list[str]) -> Shot:
        program = self.c if side == "c" else self.port
        try:
            prepared = prepare(args, self.folder)
            done = simulate(side, program, prepared, outdir=self.folder, timeout_s=self.timeout_s)
            done.check_ended_well()
            parameters = done.effective_parameters()
            image = np.fromfile(done.image, "<f4").reshape(parameters.shape)
        except (ParityError, ValueError, OSError) as error:
            raise SelfTestError(
                f"a program cannot run the small experiment: {error}",
                fix="try it alone: nb-compare -- and the arguments of docs/selftest.md",
            ) from error
        return Shot(image, parameters)


Say = Callable[[str], None]
