"""The operator's own keys: a TOML file of action ids, on top of a ready-made set.

.. code-block:: toml

    set = "vim"            # or "default"

    [keys]
    find_next = "n,f3"     # an action's id (nbtui keys lists them) and its keys
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textual.keys import Keys

from nbtui.errors import ConfigError
from nbtui.tui.actions import ACTIONS, APP, PLACES, actions_for, place_label
from nbtui.tui.moving import NAVIGATION

FILE = "keys.toml"
VARIABLE = "NBTUI_KEYS"

Keymap = Mapping[str, tuple[str, ...]]
"""Id of an action to its keys; what is not in it keeps its own."""

SETS: Mapping[str, Keymap] = {
    "default": {},
    "vim": {
        "nav_page_down": ("pagedown", "ctrl+f", "ctrl+d"),
        "nav_page_up": ("pageup", "ctrl+b", "ctrl+u"),
        "nav_first": ("home", "left_square_bracket"),
        "nav_last": ("end", "right_square_bracket"),
    },
}
"""Ready-made sets; the names are what ``set`` may say."""


def file_of(env: Mapping[str, str]) -> Path:
    """Return the operator's key file: ``$NBTUI_KEYS``, else the one in the user's settings."""
    if env.get(VARIABLE):
        return Path(env[VARIABLE]).expanduser()
    base = Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "nbtui" / FILE


def load(env: Mapping[str, str]) -> Keymap:
    """Return the operator's keys; none where there is no file.

    Raises
    ------
    ConfigError
        The file cannot be read, names an action, a set or a key that does not exist, or gives
        one key to two actions of one place.
    """
    path = file_of(env)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if env.get(VARIABLE):
            fix = f"correct {VARIABLE}"
            raise ConfigError("there is no such key file", where=str(path), fix=fix) from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the keys cannot be read: {error}", where=str(path)) from error
    return understood(data, str(path))


def understood(data: Mapping[str, Any], where: str) -> Keymap:
    """Return the keys that a file's content means; raises :class:`ConfigError`."""
    for name in data:
        if name not in {"set", "keys"}:
            raise ConfigError(f"unknown entry {name!r}", where=where, fix='use "set" or [keys]')
    chosen = data.get("set", "default")
    if chosen not in SETS:
        raise ConfigError(
            f"unknown set {chosen!r}", where=where, fix=f"use one of {', '.join(SETS)}"
        )
    own = data.get("keys", {})
    if not isinstance(own, dict):
        raise ConfigError("keys is no table", where=where, fix="write [keys] on its own line")
    keymap = dict(SETS[chosen])
    for action_id, value in own.items():
        keymap[action_id] = _keys(action_id, value, where)
    _refuse_clashes(keymap, where)
    return keymap


def _keys(action_id: str, value: object, where: str) -> tuple[str, ...]:
    ids = [a.id for a in ACTIONS] + list(NAVIGATION)
    if action_id not in ids:
        near = difflib.get_close_matches(action_id, ids, n=1)
        raise ConfigError(
            f"there is no action {action_id!r}",
            where=where,
            fix=f"did you mean {near[0]}?" if near else "nbtui keys lists all",
        )
    if not isinstance(value, str) or not value.strip(" ,"):
        raise ConfigError(f"the keys of {action_id} are {value!r}", where=where, fix='write "n,f3"')
    keys = tuple(key.strip() for key in value.split(",") if key.strip())
    for key in keys:
        if not _known(key):
            raise ConfigError(
                f"{action_id}: there is no key {key!r}",
                where=where,
                fix="nbtui keys --press tells what a key is called",
            )
    return keys


_NAMED = frozenset(key.value for key in Keys)


def _known(key: str) -> bool:
    name = key.rsplit("+", 1)[-1]
    return len(name) == 1 or name in _NAMED or key in _NAMED or name.replace("_", "").isalpha()


def keys_of(action_id: str, default: tuple[str, ...], keymap: Keymap) -> tuple[str, ...]:
    """Return the keys of an action as they are in force."""
    return keymap.get(action_id, default)


def _refuse_clashes(keymap: Keymap, where: str) -> None:
    everywhere = dict(_bound(APP, keymap))
    for place in PLACES:
        taken: dict[str, str] = {} if place == APP else dict(everywhere)
        for key, action_id in _bound(place, keymap):
            if taken.setdefault(key, action_id) != action_id:
                raise ConfigError(
                    f"{key} would mean both {taken[key]} and {action_id} in {place_label(place)}",
                    where=where,
                    fix="give one of them another key",
                )


def _bound(place: str, keymap: Keymap) -> Iterator[tuple[str, str]]:
    for action in actions_for(place):
        for key in keys_of(action.id, action.keys, keymap):
            yield key, action.id
