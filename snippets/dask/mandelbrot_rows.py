"""Paint the Mandelbrot set, each row as soon as a worker has it."""

# snippet: terminal 89x24

from math import log2

from dask.distributed import Client, as_completed

client = Client("localhost:8786")
COLUMNS, LINES, PIXEL, MOST_STEPS = 89, 14, 0.085, 120_000
# Of the terminal's 256 colours: blue, violet, orange, white.
SHADES = [17, 18, 19, 54, 90, 126, 162, 203, 209, 215, 221, 230]
BLACK = 16
shown = set()


def steps_to_escape(point: complex) -> int:
    """Count the steps of z → z² + c within the circle of radius 2."""
    z = 0j
    for step in range(MOST_STEPS):
        if abs(z) > 2:
            return step
        z = z * z + point
    return MOST_STEPS


def colour(x: float, y: float) -> int:
    """Return the colour of a point, black if it never escapes."""
    steps = steps_to_escape(complex(x, y))
    if steps == MOST_STEPS:
        return BLACK
    return SHADES[min(int(2 * log2(steps)), len(SHADES) - 1)]


def paint_row(line: int) -> tuple[int, str]:
    """Return a line's number and its text, two pixels a character."""
    text = ""
    y = (2 * line - LINES + 0.5) * PIXEL
    for column in range(COLUMNS):
        x = column * PIXEL - 4.5
        text += f"\x1b[48;5;{colour(x, y)}"
        text += f";38;5;{colour(x, y + PIXEL)}m▄"
    return line, text + "\x1b[0m"


def show(line: int, text: str) -> None:
    """Write a row at its line, then go back below the picture."""
    shown.add(line)
    up = LINES - line
    print(f"\x1b[{up}A{text}\x1b[{up}B", end="\r", flush=True)


print("\n" * LINES, end="", flush=True)
# region mandelbrot
rows = client.map(paint_row, range(LINES))
for future in as_completed(rows):
    show(*future.result())
# endregion mandelbrot

assert shown == set(range(LINES))
