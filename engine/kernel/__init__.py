r"""The pixel kernel: the sum over layers, sub-pixels, sources, spindle steps and mosaic domains.

It is small pure functions on tensors: ``place`` says where the sub-pixels of a tile are, ``paths``
what a term scatters there, by way of ``lattice`` and ``factors``, ``corrections`` what becomes of
it, and ``pixel`` sums. ``order`` holds what the original's loops carry from pixel to pixel. The
same functions run eagerly in tiles that stay in the cache, compiled (``compiled``), and recorded
for derivatives.

Precision
---------
A pixel at **x** = P₀ + F·**f** + S·**s** scatters into **d** = **x**/R, and a crystal orientation
with real-space vectors **a**, **b**, **c** sees the fractional indices

    h = a·(d - i)/λ = (a·x)·R⁻¹/λ - (a·i)/λ                                             (1)

*Where float64 is needed.* The intensity near a spot varies as N·h, so that an error ε in h
changes I/I_max by about πNε: to reach 1e-6 with N of ten, h must be good to 3e-8, whatever its
size, and h itself is often near a hundred. float32 (6e-8 relative) cannot hold it; float64 leaves
1e-14. The subtraction in (1) cancels leading digits, but of two float64 terms of size |a|/λ, so
what it loses is again about 1e-14 absolute. No cancellation-free form of **d** - **i** is needed.

*Where it is not.* The lattice factor of a crystal of whole cells is periodic: with h₀ = round(h)
and δ = h - h₀ ∈ [-½, ½] (exact in float64: the two are within a factor of two, or h₀ = 0),

    sin(πNh)/sin(πh) = ± sin(πNδ)/sin(πδ),                                              (2)

and only its square counts. δ is small where the intensity is large: rounding it to float32 costs
6e-8·|δ|, that is 6e-8/N on the flank of a spot (δ about 1/N) and so about 2e-7 of I_max. From (2)
on, float32 does. Spec section 16 measures 4e-7 for this scheme and 4e-5 to 1.5e-4 for cheaper
ones. Between spots the phase πNδ grows to πN/2 and the relative error of a pixel with it, to
about 1e-7·N; only an image so coarse that it misses its spots has such pixels for a maximum.
The other shapes are functions of δ by definition.

*Near whole indices* (2) is 0/0 at δ = 0, where its value is N. Adding a tiny ε to πδ, far below
the spacing of any δ that can occur except 0 itself, moves the argument off the pole and leaves
sin(Nε)/sin(ε) = N to the last bit; the product of three ε stays a normal number.

*Two exceptions.* Where a sphere's edge decides between all and nothing (``-tophat_spots``) the
radius is float64. Where the original multiplies the running total by a solid angle, about 1e-6,
after every term (Q-RUNNING), the total is float64, for powers of 1e-6 leave float32's range.
"""

from engine.kernel.order import jobs
from engine.kernel.pixel import Job, Photons, Way, render
from engine.kernel.scene import (
    Camera,
    Corrections,
    CrystalShape,
    Scene,
    Sources,
    Table,
    Terms,
    Tile,
)

__all__ = [
    "Camera",
    "Corrections",
    "CrystalShape",
    "Job",
    "Photons",
    "Scene",
    "Sources",
    "Table",
    "Terms",
    "Tile",
    "Way",
    "jobs",
    "render",
]
