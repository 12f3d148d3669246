"""`python -m fg_data` is `fg-data`."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
