"""Many images for the model to read, and a look at some."""

# snippet: part

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from digits import LEARNT, digits, pixels

FILES, IMAGES = 8, 5_000  # images in a file


def write_images(folder: Path) -> np.ndarray:
    """Write noisy copies as Parquet files; return what they show."""
    random = np.random.default_rng(seed=42)
    drawn = random.integers(LEARNT, len(digits), FILES * IMAGES)
    noise = random.normal(scale=3, size=(len(drawn), 64))
    images = pd.DataFrame((pixels[drawn] + noise).astype("float32"))
    images.columns = [f"pixel_{number:02}" for number in range(64)]
    for file in range(FILES):
        part = images[file * IMAGES : (file + 1) * IMAGES]
        part.to_parquet(folder / f"{file}.parquet")
    return digits[drawn]


def show(images: pd.DataFrame, read: np.ndarray, shown: np.ndarray):
    """Draw images below what was read in them; red is wrong."""
    figure, places = plt.subplots(1, len(images), figsize=(8, 1.2))
    for place, image, one, true in zip(
        places, images.to_numpy(), read, shown, strict=False
    ):
        place.imshow(image.reshape(8, 8), cmap="gray_r")
        place.set_title(one, color="black" if one == true else "red")
        place.axis("off")
    figure.suptitle("What was read in noisy images, wrong in red")
    figure.tight_layout(pad=0.3)
    plt.show()
