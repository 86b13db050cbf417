"""Two pictures that a snippet printed, compared by how they look."""

from __future__ import annotations

import io

from PIL import Image, ImageChops

# An edge may be smoothed a little differently by another release of a font's renderer. A line of a
# plot that moved is more: at two pixels across the picture it is half a percent of 640x480.
STEP = 64  # of 255, by which a pixel must differ to count
SHARE = 0.001  # of all pixels that may differ


def differ(old: bytes, new: bytes) -> str:
    """How two pictures differ, in words; empty if no one would see it.

    Args:
        old: a file of a kind that Pillow reads.
        new: another.
    """
    if old == new:
        return ""
    before, after = (Image.open(io.BytesIO(picture)).convert("RGBA") for picture in (old, new))
    if before.size != after.size:
        sizes = (f"{width}x{height}" for width, height in (before.size, after.size))
        return "it was {} pixels, and is {}".format(*sizes)
    bands = ImageChops.difference(before, after).split()
    most = bands[0]
    for band in bands[1:]:
        most = ImageChops.lighter(most, band)
    pixels = sum(most.histogram()[STEP:])
    share = pixels / (before.width * before.height)
    return f"{share:.2%} of its pixels differ ({pixels})" if share > SHARE else ""
