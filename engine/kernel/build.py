"""Builds one compiled kernel: ``python -m engine.kernel.build VARIANT PATH``."""

import json
import sys
import warnings

import torch
from torch import Tensor

from engine.kernel.fused import INPUTS, Fused, Variant

_EVERYTHING = 1_000_000
_SETTINGS = {
    "compile_threads": 1,
    # As many threads as torch is set to when it runs, not when it was built.
    "cpp.dynamic_threads": True,
    "cpp.enable_floating_point_contract_flag": "fast",
    # One loop over the pixels with the steps inside: no intermediate goes to memory.
    "realize_opcount_threshold": _EVERYTHING,
    "realize_reads_threshold": _EVERYTHING,
    "realize_acc_reads_threshold": _EVERYTHING,
    # Headers compiled beforehand cost more than they save for one kernel.
    "cpp_cache_precompile_headers": False,
    "aot_inductor.precompile_headers": False,
    "aot_inductor.compile_wrapper_opt_level": "O0",
    # Indices are clamped before they are used.
    "assert_indirect_indexing": False,
}


def example(variant: Variant) -> list[Tensor]:
    """Return arguments of the right shapes; the sizes are not fixed by it, except 3, 4 and 6."""
    double = torch.float64
    steps, terms, slow, fast, box = 5, 7, 11, 13, 8
    shapes: dict[str, tuple[int, ...]] = {
        "fast": (fast,), "slow": (slow,), "steps": (steps, 3), "gram": (4, 4),
        "indices": (terms, 3, 4),
        "offsets": (terms, 3), "cells": (3,), "metric": (6,), "incident": (4,),
        "polar_b": (4,), "polar_e": (4,), "normal": (4,),
    }  # fmt: skip
    given = {name: torch.rand(shapes.get(name, (1,)), dtype=double) + 1.0 for name in INPUTS}
    given["amplitudes"] = torch.rand(box**3, dtype=variant.dtype)
    given["limits"] = torch.tensor([0, box - 3] * 3)
    return [torch.empty(slow, fast, dtype=variant.dtype), *(given[name] for name in INPUTS)]


def _dynamic() -> tuple[dict[int, object], ...]:
    free = torch.export.Dim.AUTO
    sizes: dict[str, dict[int, object]] = {
        "fast": {0: free}, "slow": {0: free}, "steps": {0: free}, "indices": {0: free},
        "offsets": {0: free}, "amplitudes": {0: free},
    }  # fmt: skip
    return ({0: free, 1: free}, *(sizes.get(name, {}) for name in INPUTS))


def build(variant: Variant, path: str) -> None:
    """Compile a variant into a package at ``path``."""
    arguments = example(variant)
    shapes = _dynamic()
    with torch.no_grad():
        program = torch.export.export(
            Fused(variant), tuple(arguments), dynamic_shapes=(shapes[0], shapes[1:])
        )
        torch._inductor.aoti_compile_and_package(
            program, package_path=path, inductor_configs=_SETTINGS
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    build(Variant(**json.loads(sys.argv[1])), sys.argv[2])
