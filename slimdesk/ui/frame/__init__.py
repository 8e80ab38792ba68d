"""The window around the pages: top bar, rail, job strip and panel, palette, engine chip, crash window."""
