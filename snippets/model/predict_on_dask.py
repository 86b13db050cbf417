"""Read many images on Dask: each task takes a file to the model."""

# snippet: needs dask

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import dask.dataframe as dd
import pandas as pd
from dask.distributed import Client
from digits import train
from noisy import show, write_images
from sklearn.svm import SVC

client = Client("localhost:8786")
model = train()


# region read
def read_digits(images: pd.DataFrame, model: SVC) -> pd.Series:
    return pd.Series(model.predict(images.to_numpy()), images.index)
    # endregion read


on_workers = client.scatter(model, broadcast=True)
with TemporaryDirectory() as folder:
    shown = write_images(Path(folder))
    start = perf_counter()
    images = pd.read_parquet(folder)
    here = read_digits(images, model)
    alone = perf_counter() - start

    # The first time is for the workers, which import.
    for files in [f"{folder}/0.parquet", f"{folder}/1.parquet"], folder:
        start = perf_counter()
        # region predict
        parts = dd.read_parquet(files)
        read = parts.map_partitions(
            read_digits, on_workers, meta=("digit", "int64")
        ).compute()
        # endregion predict
        seconds = perf_counter() - start

right = (read == shown).mean()
print(f"{len(read):,} images: {right:.1%} read right")
print(f"one process {alone:.2f} s, two workers {seconds:.2f} s")
show(images[:12], read, shown)

assert read.equals(here.rename("digit"))
