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

client = Client("localhost:8786")
logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init(log_to_driver=False)
register_ray()

found = []
for backend in ["sequential", "loky", "dask", "ray"]:
    start = perf_counter()
    # region search
    search = RandomizedSearchCV(
        SVC(), choices, n_iter=6, cv=3, random_state=42
    )
    with joblib.parallel_config(backend=backend, n_jobs=-1):
        search.fit(images, shown)
    # endregion search
    seconds = perf_counter() - start
    found.append((search.best_params_, search.best_score_))
    print(f"{backend:<10} {seconds:5.2f} s")

best, score = found[0]
C, gamma = best["C"], best["gamma"]
print(f"each time: C = {C:.1f}, gamma = {gamma:.4f}, {score:.1%} right")

assert all(one == found[0] for one in found)
