"""Python imports this at its start: Pillow then shows images on the terminal.

Only Pillow needs it: it can be told by no setting which viewer to use. It costs nothing until
Pillow's viewers are imported.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class ViewerFinder(MetaPathFinder):
    """Finds `PIL.ImageShow`, and has our viewer first among those that it knows."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as it is found without us, with a loader that registers our viewer."""
        if fullname != "PIL.ImageShow":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = ViewerLoader(spec.loader.name, spec.loader.path)
        return spec


class ViewerLoader(importlib.machinery.SourceFileLoader):
    """Registers our viewer once the module is there."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's own code first."""
        super().exec_module(module)
        from terminal_pictures import TerminalViewer  # noqa: PLC0415 most programs need none

        module.register(TerminalViewer(), 0)


sys.meta_path.insert(0, ViewerFinder())
