"""The rules, one file each; :mod:`nbtui.memo.lint.registry` lists them."""
