"""Where the sub-pixels of a tile are (spec 7.7, 9.3).

On a flat detector a position is **x** = P₀ + F·**f** + S·**s** + O·**o**. What any vector v
makes of it, v·**x**, is a sum of v's products with the four vectors, times 1, F, S and O: v is
known to the kernel by these four numbers, its coefficients on the camera's basis, and no pixel ever
sees a component along x, y or z. |**x**|² follows from the products of the four with each other. A
curved detector has no such form: there the basis is x, y, z.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.kernel.scene import Camera, Tile


def basis(camera: Camera) -> Tensor:
    """Return the vectors that coefficients refer to: float64, shape ``[basis, 3]``."""
    if camera.curved:
        return torch.eye(3, dtype=torch.float64, device=camera.pix0.device)
    return torch.stack([camera.pix0, camera.fdet, camera.sdet, camera.odet])


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The positions of one sub-pixel of every pixel of a tile, in one layer.

    Parameters
    ----------
    fast, slow
        F and S in metres: float64, shapes ``[fast]`` and ``[slow, 1]``.
    depth
        O in metres; None for zero.
    inverse_r
        1/|x|, float64, shape ``[slow, fast]``.
    xyz
        The position itself, float64, three of shape ``[slow, fast]``; None for a flat detector.
    """

    fast: Tensor
    slow: Tensor
    depth: float | Tensor | None
    inverse_r: Tensor
    xyz: tuple[Tensor, Tensor, Tensor] | None = None

    def along(self, vector: Sequence[Tensor] | Tensor, dtype: torch.dtype) -> Tensor:
        """Return v·x for a vector given by its coefficients."""
        if self.xyz is not None:
            x, y, z = self.xyz
            return ((vector[0] * x + vector[1] * y) + vector[2] * z).to(dtype)
        at = vector[0] if self.depth is None else vector[0] + vector[3] * self.depth
        return (at + vector[1] * self.fast).to(dtype) + (vector[2] * self.slow).to(dtype)


def axis(pixels: Tensor, sub: int, camera: Camera) -> Tensor:
    """Return coordinates on the detector in metres of a sub-pixel of some pixels (spec 7.7)."""
    step = camera.pixel_m / camera.oversample
    return step * (pixels * camera.oversample + sub) + step / 2.0


def squared_distance(
    gram: Tensor, fast: Tensor, slow: Tensor, depth: float | Tensor | None
) -> Tensor:
    """Return |x|², from the products of P₀, f, s, o with each other.

    Parameters
    ----------
    gram
        float64, shape ``[4, 4]``.
    """
    at, per_fast, per_slow = gram[0, 0], 2.0 * gram[0, 1], 2.0 * gram[0, 2]
    if depth is not None:
        at = at + depth * (2.0 * gram[0, 3] + depth * gram[3, 3])
        per_fast = per_fast + 2.0 * depth * gram[1, 3]
        per_slow = per_slow + 2.0 * depth * gram[2, 3]
    along_fast = at + (per_fast + gram[1, 1] * fast) * fast
    along_slow = (per_slow + gram[2, 2] * slow) * slow
    return along_fast + along_slow + (2.0 * gram[1, 2] * fast) * slow


def place(camera: Camera, tile: Tile, layer: int, sub_slow: int, sub_fast: int) -> Place:
    """Return the positions of one sub-pixel of every pixel of a tile, in one layer."""
    device = camera.pix0.device
    fast = axis(
        torch.arange(tile.fast0, tile.fast1, dtype=torch.float64, device=device), sub_fast, camera
    )
    slow = axis(
        torch.arange(tile.slow0, tile.slow1, dtype=torch.float64, device=device), sub_slow, camera
    )[:, None]
    depth = layer * camera.layer_step_m if layer else None
    if camera.curved:
        xyz = _curved(camera, fast, slow, depth or 0.0)
        x, y, z = xyz
        return Place(fast, slow, depth, torch.rsqrt((x * x + y * y) + z * z), xyz)
    squared = squared_distance(camera.gram, fast, slow, depth)
    return Place(fast, slow, depth, torch.rsqrt(squared))


_Planes = tuple[Tensor, Tensor, Tensor]


def _curved(camera: Camera, fast: Tensor, slow: Tensor, depth: float) -> _Planes:
    """Bend a flat detector onto a sphere about the sample (spec 9.3).

    The original takes the lab's y and z of the flat position for the distances along s and f
    (Q-CURVED). Put right, the distances from the beam along f and s turn the beam towards f
    and s.
    """
    flat = [
        (camera.fdet[k] * fast + camera.sdet[k] * slow) + depth * camera.odet[k] + camera.pix0[k]
        for k in range(3)
    ]
    spot = camera.distance_m * camera.beam
    start = (spot[0], spot[1], spot[2])
    if not camera.corrected:
        turned = _turn(start, camera.sdet, flat[1] / camera.distance_m)
        return _turn(turned, camera.fdet, flat[2] / camera.distance_m)
    from_spot = [flat[k] - spot[k] for k in range(3)]

    def angle(axis_: Tensor) -> Tensor:
        along = axis_[0] * from_spot[0] + axis_[1] * from_spot[1] + axis_[2] * from_spot[2]
        return along / camera.distance_m

    turned = _turn(start, torch.linalg.cross(camera.beam, camera.sdet), angle(camera.sdet))
    return _turn(turned, torch.linalg.cross(camera.beam, camera.fdet), angle(camera.fdet))


def _turn(v: Sequence[Tensor], axis_: Tensor, angle: Tensor) -> _Planes:
    """Rotate about an axis, which is not normalised (spec 6.3)."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    kx, ky, kz = axis_[0], axis_[1], axis_[2]
    x, y, z = v
    along = ((kx * x + ky * y) + kz * z) * (1.0 - cos)
    return (
        kx * along + x * cos + (ky * z - kz * y) * sin,
        ky * along + y * cos + (kz * x - kx * z) * sin,
        kz * along + z * cos + (kx * y - ky * x) * sin,
    )
