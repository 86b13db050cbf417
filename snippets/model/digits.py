"""Handwritten digits, and a model that reads them."""

# snippet: part

from sklearn.datasets import load_digits
from sklearn.svm import SVC

LEARNT = 1_200  # of the 1797 images: the model never saw the others

pixels, digits = load_digits(return_X_y=True)  # 8 x 8 pixels each


def train() -> SVC:
    """Return the model that the search has found."""
    model = SVC(C=15.7, gamma=0.0016)
    return model.fit(pixels[:LEARNT], digits[:LEARNT])
