"""Where SlimDesk keeps its own files: settings, history and sessions, caches.

The platform's folders (platformdirs); SLIMDESK_HOME puts all of them below one folder, for tests and portable use.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Place = Literal["config", "data", "cache"]


def folder(place: Place) -> Path:
    """Return the folder of that kind; it need not exist yet."""
    home = os.environ.get("SLIMDESK_HOME")
    if home:
        return Path(home) / place
    import platformdirs

    directories = platformdirs.PlatformDirs("slimdesk", appauthor=False)
    return Path(
        {
            "config": directories.user_config_dir,
            "data": directories.user_data_dir,
            "cache": directories.user_cache_dir,
        }[place]
    )
