"""What parameters and traced quantities are called by people, and which flag sets them."""

import re
from dataclasses import dataclass

from engine.parity.diagnosis.traces import Divergence


@dataclass(frozen=True, slots=True)
class Cause:
    """A name for what differs."""

    cause: str
    """Short and stable; ``cause`` of a finding."""
    flags: str = ""
    """What sets it."""
    look_for: str = ""
    """A text that the report's line of it holds."""


# In the order of cause and effect: what stands higher moves what stands below it.
PARAMETERS: tuple[tuple[str, Cause], ...] = (
    (r"hkls|default_F|file -hkl|file -dump", Cause("structure factors", "-hkl, -default_F",
                                                   "initialized hkls")),
    (r"convention", Cause("detector convention", "-mosflm, -xds, ...", "convention selected")),
    (r"pivot", Cause("pivot", "-pivot", "pivoting detector")),
    (r"N|shape|fudge", Cause("crystal size", "-N, -Na, -Nb, -Nc", "xtal:")),
    (r"cell", Cause("unit cell", "-cell, -mat", "Unit Cell:")),
    (r"lambda_m|wavelengths?(_m)?|source_wavelengths_m|dispersion_percent",
     Cause("wavelength", "-lambda, -energy", "wave=")),
    (r"real_space_.*|misset.*|file -mat", Cause("crystal orientation", "-misset, -mat", "X: ")),
    (r"oversample.*", Cause("oversampling", "-oversample", "oversample steps")),
    (r"phi_.*", Cause("spindle angles", "-phi, -osc, -phisteps", "phi steps")),
    (r"mosaic_.*", Cause("mosaicity", "-mosaic, -mosaic_domains, -mosaic_seed", "mosaic spread")),
    (r"sensor_.*|layer_depths_um", Cause("sensor absorption", "-detector_abs, -detector_thick",
                                         "sensor is")),
    (r"divergence.*|hdiv.*|vdiv.*|deviations_rad|sources|source_positions_m|file -sourcefile",
     Cause("beam divergence", "-hdivrange, -vdivrange, -sourcefile", "divergence steps")),
    (r"distance_m", Cause("distance", "-distance, -close_distance", "distance=")),
    (r"pixel_m|pixels|detsize_m", Cause("pixel grid", "-pixel, -detpixels, -detsize", "detsize=")),
    (r"(fast|slow|normal|beam|spindle)_axis", Cause("detector orientation",
                                                    "-detector_rotx, -twotheta", "AXIS=")),
    (r"[FS](beam|close)_m", Cause("beam centre", "-Xbeam, -Ybeam, -ORGX, -ORGY", "Fbeam=")),
    (r"fluence", Cause("fluence", "-fluence, -flux, -exposure, -beamsize", "fluence:")),
    (r"polari[sz]ation.*", Cause("polarisation", "-polar, -nopolar", "POLARIZATION")),
    (r"roi", Cause("region of interest", "-roi", "roi:")),
)  # fmt: skip

TRACED: tuple[tuple[str, Cause], ...] = (
    (r"setup\.umat.*", Cause("mosaic orientations", "-mosaic_seed, -mosaic_domains")),
    (r"setup\.mosaic_domains", Cause("mosaicity", "-mosaic_domains")),
    (r"setup\.source.*|incident|source", Cause("beam divergence", "-hdivrange, -sourcefile")),
    (r"setup\.(lambda0_m)|lambda_m", Cause("wavelength", "-lambda, -energy")),
    (r"setup\.fluence", Cause("fluence", "-fluence, -flux, -exposure")),
    (r"setup\.(Ncells)", Cause("crystal size", "-N")),
    (r"setup\.(a_star|b_star|c_star|V_cell).*", Cause("unit cell", "-cell, -mat")),
    (r"setup\.[abc]0_m|a_m|b_m|c_m", Cause("crystal orientation", "-misset, -mat")),
    (r"phi\[.*|[abc]p_m|setup\.phisteps", Cause("spindle angles", "-phi, -osc, -phisteps")),
    (r"setup\.(oversample|subpixel_m)|subS|subF", Cause("oversampling", "-oversample")),
    (r"setup\.(layers|layer_step_m|mu_inv_m)|layer|capture.*|Odet_m",
     Cause("sensor absorption", "-detector_abs, -detector_thick")),
    (r"setup\.(fdet|sdet|odet|twotheta_axis|vertical|spindle|beam)",
     Cause("detector orientation", "-detector_rotx, -twotheta, the convention")),
    (r"setup\.(distance_m|close_distance_m|ratio)", Cause("distance", "-distance, -pivot")),
    (r"setup\.(F|S)(beam|close)_m|setup\.pix0_m", Cause("beam centre", "-Xbeam, -Ybeam, -pivot")),
    (r"setup\.pixel_size_m|Fdet_m|Sdet_m", Cause("pixel grid", "-pixel")),
    (r"setup\.polar|polar.*", Cause("polarisation", "-polar, -nopolar")),
    (r"omega.*", Cause("solid angle", "-point_pixel, the formula of omega")),
    (r"pos_m|airpath_m|diffracted", Cause("detector geometry", "-curved_det")),
    (r"hkl0?|q_inv_m|stol_inv_m", Cause("Miller indices", "cell, orientation and wavelength")),
    (r"F_latt", Cause("lattice factor", "-N, the crystal's shape")),
    (r"F_cell", Cause("structure factors", "-hkl, -default_F, -interpolate")),
    (r"I_bg", Cause("background", "-water")),
    (r"I_running|I_total", Cause("summation", "the running product of the oversample flags")),
    (r"I_scaled|setup\.steps", Cause("scale", "fluence and number of steps")),
    (r"pixel_.*", Cause("final corrections", "the last factors of a pixel")),
)  # fmt: skip


def parameter_cause(name: str) -> tuple[int, Cause]:
    """Return rank and cause of a parameter: what ranks lower moves what ranks higher."""
    for rank, (pattern, cause) in enumerate(PARAMETERS):
        if re.fullmatch(pattern, name):
            return rank, cause
    return len(PARAMETERS), Cause(name.replace("_", " "))


def traced_cause(divergence: Divergence) -> Cause:
    """Return the cause of the first quantity that differs in two traces."""
    for pattern, cause in TRACED:
        if re.fullmatch(pattern, divergence.name):
            return cause
    return Cause(divergence.name)
