"""A report: what was measured of images, in the formats that people take away. One format per file."""
