"""``python -m nbtui``."""

from nbtui.cli import main

if __name__ == "__main__":
    main()
