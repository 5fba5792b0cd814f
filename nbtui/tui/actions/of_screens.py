"""Actions of the screens that lie on top of a mode."""

from nbtui.tui.actions.model import DIAGNOSIS, IMAGES, VERIFICATION, Action

IN_DIAGNOSIS = (
    Action(
        "back",
        ("escape",),
        "Back",
        "Go back to where you came from.",
        (DIAGNOSIS, IMAGES, VERIFICATION),
    ),
    Action(
        "copy_confirmation",
        ("y",),
        "Copy the command",
        "Copy the command that shows the cause.",
        (DIAGNOSIS,),
        "copy command",
    ),
)

IN_VERIFICATION = (
    Action(
        "verify_again",
        ("r",),
        "Verify again",
        "Look at every file and figure once more.",
        (VERIFICATION,),
        "verify again",
    ),
    Action(
        "copy_verify",
        ("y",),
        "Copy the command",
        "Copy the command that verifies this bundle without the app.",
        (VERIFICATION,),
        "copy command",
    ),
)

IN_IMAGES = (
    Action(
        "next_view",
        ("v",),
        "Next view",
        "C, port, signed difference, ratio, correlation of each tile.",
        (IMAGES,),
        "view",
    ),
    Action("previous_view", ("V",), "Previous view", "The view before.", (IMAGES,)),
    Action("flip", ("space",), "C or port", "Show the other image, same place.", (IMAGES,), "flip"),
    Action("blink", ("b",), "Blink", "Flip by itself, or stop.", (IMAGES,), "blink"),
    Action(
        "rescale", ("s",), "Next scaling", "Logarithmic, linear, cut at 99 %.", (IMAGES,), "scale"
    ),
    Action("zoom_in", ("plus", "equals_sign"), "Zoom in", "Around the cursor.", (IMAGES,), "in"),
    Action("zoom_out", ("minus",), "Zoom out", "Around the cursor.", (IMAGES,), "out"),
    Action("fit", ("0",), "Whole image", "Zoom out until all is in view.", (IMAGES,)),
    Action("worst", ("w",), "Largest difference", "Put the cursor where it is.", (IMAGES,)),
    Action(
        "spots",
        ("o",),
        "Spots",
        "Mark the strongest spots: matched, moved, missing, only in the port.",
        (IMAGES,),
        "spots",
    ),
    Action(
        "curves", ("f",), "Facts", "On a narrow screen: picture, or pixel and curves.", (IMAGES,)
    ),
    Action("next_pair", ("n",), "Next pair", "The images of the next comparison.", (IMAGES,)),
    Action(
        "export",
        ("e",),
        "Export",
        "Write what is shown as PNG, SVG or CSV; never into the bundle.",
        (IMAGES,),
        "export",
    ),
)
