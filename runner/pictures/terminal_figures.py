"""The backend of matplotlib that prints figures on the terminal: MPLBACKEND=module://terminal_figures."""

from __future__ import annotations

import io
from typing import Any

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from terminal_pictures import print_picture

SHARPNESS = 2  # pixels of the picture for one of the slide: a projector may have more than 1280


class FigureManager(FigureManagerBase):
    """Prints its figure."""

    def show(self) -> None:
        """Print it, named by its titles and labels."""
        figure = self.canvas.figure
        file = io.BytesIO()
        # Without the name of the software, which would differ with each release.
        figure.savefig(file, format="png", dpi=SHARPNESS * figure.dpi, metadata={"Software": None})
        texts = [figure.get_suptitle()]
        for axes in figure.axes:
            texts += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
        name = ", ".join(text for text in texts if text)
        width, _ = figure.get_size_inches() * figure.dpi
        print_picture(file.getvalue(), name or "figure", round(width))

    @classmethod
    def pyplot_show(cls, **_: Any) -> None:
        """Print all figures that were not shown yet: `plt.show()`."""
        for manager in Gcf.get_all_fig_managers():
            manager.show()
            Gcf.destroy(manager)


class FigureCanvas(FigureCanvasAgg):
    """Draws as `savefig` does."""

    manager_class = FigureManager
