"""Two pictures that a snippet printed, compared by how they look."""

from __future__ import annotations

import io

from PIL import Image, ImageChops

# An edge may be smoothed a little differently on another processor. How many pixels differ says
# nothing: of a digit, or of a point that moved, there are a hundred among a million.
STEP = 32  # of 255, by which a pixel must differ to count


def differ(old: bytes, new: bytes) -> str:
    """How two pictures differ, in words; empty if no one would see it.

    Args:
        old: a file of a kind that Pillow reads.
        new: another.
    """
    if old == new:
        return ""
    try:
        before, after = (Image.open(io.BytesIO(picture)).convert("RGBA") for picture in (old, new))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return f"it cannot be read: {error}"
    if before.size != after.size:
        sizes = (f"{width}x{height}" for width, height in (before.size, after.size))
        return "it was {} pixels, and is {}".format(*sizes)
    bands = ImageChops.difference(before, after).split()
    most = bands[0]
    for band in bands[1:]:
        most = ImageChops.lighter(most, band)
    pixels = sum(most.histogram()[STEP:])
    share = pixels / (before.width * before.height)
    return f"{share:.2%} of its pixels differ ({pixels})" if pixels else ""
