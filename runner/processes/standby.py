"""An interpreter that stands by: imports done, it waits for one program and then becomes it.

    python standby.py MODULE FILE_DESCRIPTOR

It reads from that pipe, as JSON, the path of a Python file, a folder, and what is new in the
environment, and runs it as `python PATH` in that folder does in every way that a program can see.
If the pipe closes without them, it ends. The other end of the pipe is in `runner.processes.pool`.
"""

# What `python file.py` finds in its namespace, whatever the version of Python.
fresh = dict(globals())

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from types import ModuleType  # noqa: E402


def main() -> None:
    """Stand by, then run what is asked for."""
    preload, pipe = sys.argv[1:]
    path = sys.path[1:]  # less the folder of this file
    sys.path[:] = path
    __import__(preload)
    sys.path[:] = path  # Ray puts a folder of its own in front
    with open(int(pipe), encoding="utf-8") as file:  # noqa: PTH123 a descriptor has no path
        text = file.read()
    if text:
        orders = json.loads(text)
        os.chdir(orders["folder"])
        os.environ.update(orders["environment"])
        become(orders["program"])


def become(program: str) -> None:
    """Run a Python file in place of this one."""
    file = Path(program).absolute()
    sys.argv[:] = [program]
    sys.orig_argv[:] = [sys.orig_argv[0], program]
    sys.path.insert(0, str(file.resolve().parent))
    module = ModuleType("__main__")
    loader = type(fresh["__loader__"])("__main__", str(file))
    vars(module).clear()
    vars(module).update(fresh, __doc__=None, __file__=str(file), __loader__=loader)
    sys.modules["__main__"] = module
    try:
        exec(compile(file.read_bytes(), file, "exec", dont_inherit=True), vars(module))  # noqa: S102
    except BaseException as error:
        leave_us_out(error)
        raise


def leave_us_out(error: BaseException) -> None:
    """Hide our own frames from the traceback that Python is going to print."""
    hook = sys.excepthook
    trace = error.__traceback__ and error.__traceback__.tb_next

    def show(kind: type[BaseException], value: BaseException, _: object) -> None:
        hook(kind, value.with_traceback(trace), trace)

    sys.excepthook = show


if __name__ == "__main__":
    main()
