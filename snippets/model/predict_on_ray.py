"""Read many images on Ray: actors hold the model, and get files."""

# snippet: needs ray

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pandas as pd
import ray
from digits import train
from noisy import show, write_images
from ray.util import ActorPool
from sklearn.svm import SVC

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()
model = train()


# region reader
@ray.remote
class Reader:
    def __init__(self, model: SVC) -> None:
        self.model = model

    def read(self, file: Path) -> np.ndarray:
        images = pd.read_parquet(file)
        return self.model.predict(images.to_numpy())
        # endregion reader


readers = [Reader.remote(model) for _ in range(2)]
with TemporaryDirectory() as folder:
    shown = write_images(Path(folder))
    every_file = sorted(Path(folder).iterdir())
    start = perf_counter()
    images = pd.read_parquet(folder)
    here = model.predict(images.to_numpy())
    alone = perf_counter() - start

    # The first time is for the actors, which start and import.
    for files in every_file[:2], every_file:
        start = perf_counter()
        # region pool
        pool = ActorPool(readers)
        parts = pool.map(lambda one, file: one.read.remote(file), files)
        read = np.concatenate(list(parts))
        # endregion pool
        seconds = perf_counter() - start

right = (read == shown).mean()
print(f"{len(read):,} images: {right:.1%} read right")
print(f"one process {alone:.2f} s, two actors {seconds:.2f} s")
show(images[:12], read, shown)

assert (read == here).all()
