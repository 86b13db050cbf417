"""Search for the best model: here, in a pool, on Dask, on Ray."""

# snippet: needs dask, needs ray

import logging
from time import perf_counter

import joblib
import ray
from dask.distributed import Client
from digits import LEARNT, digits, pixels
from ray.util.joblib import register_ray
from scipy.stats import loguniform
from sklearn.model_selection import RandomizedSearchCV
from sklearn.svm import SVC

images, shown = pixels[:LEARNT], digits[:LEARNT]
choices = {"C": loguniform(0.1, 100), "gamma": loguniform(1e-4, 0.01)}


def search_on(backend: str) -> RandomizedSearchCV:
    """Return the search, done by this engine."""
    # region search
    search = RandomizedSearchCV(
        SVC(), choices, n_iter=4, cv=3, random_state=42
    )
    with joblib.parallel_config(backend=backend, n_jobs=-1):
        search.fit(images, shown)
    # endregion search
    return search


if __name__ == "__main__":
    found = []
    for backend in "sequential", "multiprocessing", "dask", "ray":
        # After the pool: a process with threads should not fork.
        if backend == "dask":
            client = Client("localhost:8786")
        elif backend == "ray":
            logging.disable(logging.WARNING)  # Ray's chatter
            ray.init(log_to_driver=False)
            register_ray()
        start = perf_counter()
        search = search_on(backend)
        seconds = perf_counter() - start
        found.append((search.best_params_, search.best_score_))
        print(f"{backend:<16}{seconds:5.2f} s")

    best, score = found[0]
    C, gamma = best["C"], best["gamma"]
    print(f"each time: C {C:.1f}, gamma {gamma:.4f}, {score:.1%} right")

    assert all(one == found[0] for one in found)
