"""The one registry of actions: bindings, footer, help, palette and docs all come from it.

An action belongs to a place: ``app`` (everywhere) or one or more modes. Its method is called
``action_<id>`` on the app or on those modes' screens; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding

from nbtui.tui.guide import Mode
from nbtui.tui.key_names import key_name

APP = "app"
IMAGES = "images"
DIAGNOSIS = "diagnosis"
VERIFICATION = "verification"
"""Screens on top of a mode."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the operator can do.

    ``keys`` are Textual key names, the first is shown; ``label`` stands in the footer (an
    empty one keeps the action out of it); ``says`` explains it in help, palette and docs.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    says: str
    where: tuple[str, ...]
    label: str = ""
    call: str = ""

    @property
    def action(self) -> str:
        """What Textual calls."""
        return self.call or self.id

    @property
    def method(self) -> str:
        """The name of the method that does it."""
        return "action_" + self.action.split("(", 1)[0]


_PLAN, _PREFLIGHT, _RUN, _RESULTS, _HISTORY, _CHECKLIST = (mode.value for mode in Mode)

_EVERYWHERE = (
    Action(
        "next",
        ("enter",),
        "Next step",
        "Do the next sensible thing; the line above the keys says what it will be.",
        (APP,),
    ),
    *(
        Action(
            f"mode_{mode.value}",
            (mode.key,),
            f"Go to {mode.label}",
            what,
            (APP,),
            call=f"go('{mode.value}')",
        )
        for mode, what in (
            (Mode.PLAN, "The memo beside the steps it compiles to."),
            (Mode.PREFLIGHT, "What must hold before anything runs."),
            (Mode.RUN, "Stages, live log, metrics and gates."),
            (Mode.RESULTS, "The verdict, why, and what to do next."),
            (Mode.HISTORY, "All runs, how experiments fare, two runs side by side."),
            (Mode.CHECKLIST, "The list to tick off: what the machine did, what you sign."),
        )
    ),
    Action(
        "help",
        ("question_mark", "f1"),
        "Help",
        "Explain this screen and list its keys.",
        (APP,),
        "help",
    ),
    Action("command_palette", ("ctrl+p",), "Palette", "Find any action by name.", (APP,)),
    Action(
        "jump",
        ("semicolon", "ctrl+o"),
        "Jump",
        "Letters appear on the panes; a letter goes there.",
        (APP,),
    ),
    Action(
        "next_theme",
        ("t",),
        "Next theme",
        "Walk through dark, light, high contrast, colour-blind safe and monochrome.",
        (APP,),
    ),
    Action(
        "detach",
        ("d",),
        "Detach",
        "Leave the app; a run goes on and can be attached to again.",
        (APP,),
    ),
    Action(
        "leave",
        ("q", "ctrl+q"),
        "Quit",
        "Leave the app; asks first if a run started here is under way.",
        (APP,),
        "quit",
    ),
)

_IN_MODES = (
    Action(
        "reload",
        ("r",),
        "Read the memo again",
        "Read, compile and lint the memo anew.",
        (_PLAN,),
        "reload",
    ),
    Action(
        "accept_fix",
        ("f",),
        "Accept the fix",
        "Accept the fix of the finding under the cursor, whose words before and after are shown.",
        (_PLAN,),
        "fix",
    ),
    Action(
        "accept_fixes",
        ("F",),
        "Accept all fixes",
        "Accept every fix of lint that is mechanical; each becomes a deviation, the memo stays.",
        (_PLAN,),
        "fix all",
    ),
    Action(
        "undo_fix",
        ("u",),
        "Undo a fix",
        "Take back the accepted fix under the cursor, or the last one; until a run starts.",
        (_PLAN,),
        "undo",
    ),
    Action(
        "toggle_memo",
        ("m",),
        "Memo or step",
        "On a narrow screen: show the memo's lines or the step's details.",
        (_PLAN,),
        "memo",
    ),
    Action(
        "check_all",
        ("r",),
        "Check all again",
        "Run every check again.",
        (_PREFLIGHT,),
        "recheck all",
    ),
    Action(
        "check_one",
        ("R", "space"),
        "Check one again",
        "Run only the selected check again.",
        (_PREFLIGHT,),
        "recheck one",
    ),
    Action(
        "copy_fix",
        ("y",),
        "Copy the fix",
        "Copy the selected check's fix to the clipboard.",
        (_PREFLIGHT,),
        "copy fix",
    ),
    Action(
        "toggle_follow",
        ("space",),
        "Pause or follow",
        "Stop the log where it is, or follow its end again; the stage does not notice.",
        (_RUN,),
        "pause",
    ),
    Action(
        "find", ("slash",), "Find in the log", "Search the log, whatever its size.", (_RUN,), "find"
    ),
    Action("find_next", ("n",), "Next match", "Go to the next match.", (_RUN,)),
    Action("find_previous", ("N",), "Previous match", "Go to the previous match.", (_RUN,)),
    Action("go_to", ("colon",), "Go to", "A line of the log, or a time of day.", (_RUN,)),
    Action(
        "next_trouble",
        ("x",),
        "Next trouble",
        "Go to the next line that speaks of an error.",
        (_RUN,),
    ),
    Action(
        "previous_trouble",
        ("X",),
        "Previous trouble",
        "Go to the line before that speaks of an error.",
        (_RUN,),
        "errors",
    ),
    Action(
        "next_stderr",
        ("s",),
        "Next stderr",
        "Go to the next lines that came through stderr.",
        (_RUN,),
    ),
    Action(
        "previous_stderr",
        ("S",),
        "Previous stderr",
        "Go to the lines before that came through stderr.",
        (_RUN,),
    ),
    Action("wrap", ("w",), "Wrap", "Wrap long lines, or cut them.", (_RUN,)),
    Action("copy_lines", ("Y",), "Copy the lines", "Copy the lines in view.", (_RUN,)),
    Action("log_start", ("g",), "Start of the log", "Go to the first line and pause.", (_RUN,)),
    Action("log_end", ("G",), "End of the log", "Go to the last line and follow.", (_RUN,)),
    Action(
        "toggle_gates",
        ("v",),
        "Log or gates",
        "On a narrow screen: show the log or the gates.",
        (_RUN,),
        "gates",
    ),
    Action(
        "cancel_run",
        ("c",),
        "Cancel the run",
        "Stop the stage, seal the bundle; asks first.",
        (_RUN,),
        "cancel",
    ),
    Action(
        "open_log",
        ("l",),
        "Open the log",
        "Show the log in $PAGER; the app waits.",
        (_RUN, _RESULTS),
        "log",
    ),
    Action(
        "edit_log",
        ("e",),
        "Edit the log",
        "Open the log in $EDITOR; the app waits.",
        (_RUN, _RESULTS),
    ),
    Action(
        "open_report",
        ("o",),
        "Open the report",
        "Show the summary or blockers.md in $PAGER.",
        (_RESULTS,),
        "report",
    ),
    Action(
        "copy_path",
        ("y",),
        "Copy the path",
        "Copy the path of blockers.md, or of the bundle of a cleared run.",
        (_RUN, _RESULTS),
        "copy path",
    ),
    Action(
        "new_attempt",
        ("a",),
        "New attempt",
        "Go back to preflight for a new run; it gets a new STAMP.",
        (_RESULTS,),
        "new run",
    ),
    Action(
        "images",
        ("i",),
        "Images",
        "Look at the images of C and port, their difference, and any pixel.",
        (_RESULTS,),
        "images",
    ),
    Action(
        "verify",
        ("V",),
        "Verify",
        "Hold the bundle against its hashes and measure its figures again, in another process.",
        (_RESULTS, _HISTORY),
        "verify",
    ),
    Action(
        "diagnose",
        ("x",),
        "Diagnose",
        "Search for the cause, cheapest question first; asks whether programs may run.",
        (_RESULTS,),
        "diagnose",
    ),
)

_IN_DIAGNOSIS = (
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

_IN_VERIFICATION = (
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

_IN_HISTORY = (
    Action(
        "filter",
        ("slash",),
        "Filter",
        "Show the runs whose focus, memo or reason has these words; filters while you type.",
        (_HISTORY,),
        "filter",
    ),
    Action(
        "next_verdict",
        ("v",),
        "Next verdict",
        "Only cleared runs, only blocked ones, and so on.",
        (_HISTORY,),
        "verdict",
    ),
    Action(
        "next_order",
        ("s",),
        "Sort",
        "By STAMP, verdict, time, correlation, initiative.",
        (_HISTORY,),
        "sort",
    ),
    Action("reverse", ("S",), "Reverse", "Turn the order round.", (_HISTORY,)),
    Action("mark", ("space",), "Mark", "Mark a run to compare it.", (_HISTORY,), "mark"),
    Action("compare", ("c",), "Compare", "Set two runs side by side.", (_HISTORY,), "compare"),
    Action(
        "everything",
        ("a",),
        "All or differences",
        "In a comparison: show what is the same too.",
        (_HISTORY,),
        "all",
    ),
)

_IN_CHECKLIST = (
    Action(
        "open_evidence",
        ("l",),
        "Open the evidence",
        "Show the log of the step under the cursor in $PAGER.",
        (_CHECKLIST,),
        "evidence",
    ),
    Action(
        "copy_command",
        ("y",),
        "Copy the command",
        "Copy the step's command, ready to paste into bash.",
        (_CHECKLIST,),
        "copy command",
    ),
    Action(
        "lead",
        ("n",),
        "Lead a new run",
        "Start a run that goes through this list with you; asks first.",
        (_CHECKLIST,),
        "new run",
    ),
    Action(
        "cancel_led",
        ("c",),
        "Cancel the run",
        "End the run and seal what there is; asks first.",
        (_CHECKLIST,),
        "cancel",
    ),
)

_IN_IMAGES = (
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

ACTIONS: tuple[Action, ...] = (
    _EVERYWHERE
    + _IN_MODES
    + _IN_HISTORY
    + _IN_CHECKLIST
    + _IN_DIAGNOSIS
    + _IN_VERIFICATION
    + _IN_IMAGES
)
PLACES: tuple[str, ...] = (APP, *(mode.value for mode in Mode), IMAGES, DIAGNOSIS, VERIFICATION)
"""Everything an action may belong to, in the order of the documentation."""


def place_label(place: str) -> str:
    """Return a place's name on screen."""
    return "everywhere" if place == APP else place.capitalize()


def actions_for(place: str) -> tuple[Action, ...]:
    """Return the actions of ``app`` or of a mode, in the order they are shown."""
    return tuple(a for a in ACTIONS if place in a.where)


def bindings_for(place: str) -> list[Binding]:
    """Return the key bindings of a place."""
    return [
        Binding(
            ",".join(a.keys),
            a.action,
            a.label or a.title,
            show=bool(a.label),
            key_display=key_name(a.keys[0]),
            id=a.id,
        )
        for a in actions_for(place)
    ]


def key_names(action: Action, keymap: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return an action's keys as people write them, as they are in force."""
    return tuple(key_name(key) for key in keymap.get(action.id, action.keys))
