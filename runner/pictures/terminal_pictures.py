"""Pictures on a terminal, as iTerm2 shows them in a line (https://iterm2.com/documentation-images.html).

This folder is on the module path of each snippet that runs here, so that `plt.show()` and
`Image.show()` show what they always show, in the pane of the slide. Elsewhere they open a window.
"""

from __future__ import annotations

import base64
import io
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image


def print_picture(picture: bytes, name: str, width: int) -> None:
    """Print a picture on a line of its own.

    Args:
        picture: a PNG, JPEG, GIF or WebP file.
        name: what it shows, in words, for those who cannot see it.
        width: pixels on a slide, which is 1280 wide.
    """
    options = {
        "inline": 1,
        "name": base64.b64encode(name.encode()).decode(),
        "size": len(picture),
        "width": f"{width}px",
    }
    head = ";".join(f"{option}={value}" for option, value in options.items())
    sys.stdout.write(f"\x1b]1337;File={head}:{base64.b64encode(picture).decode()}\x07\n")
    sys.stdout.flush()


class TerminalViewer:
    """What Pillow's `Image.show()` shows an image with."""

    def show(self, image: Image, title: str | None = None, **_: Any) -> int:
        """Print it; 1 means that it was shown."""
        file = io.BytesIO()
        drawable = image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else image.convert()
        drawable.save(file, "PNG")
        print_picture(file.getvalue(), title or f"image {image.width}x{image.height}", image.width)
        return 1
