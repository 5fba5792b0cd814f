"""``python -m engine``: the same as the ``nanobragg`` command."""

from engine.cli import main

if __name__ == "__main__":
    main()
