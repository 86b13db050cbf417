"""Finds lines of output that no run could change: `print("first try: ConnectionError")`."""

import ast


def constant_lines(text: str) -> dict[int, str]:
    """What the `print`s of a Python text print that are given nothing but literals, by line.

    Only whole lines that say something: a mark with an `end=` goes on, and counts with others.
    """
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return {
        call.lineno: line
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "print"
        if not call.keywords and all(isinstance(arg, ast.Constant) for arg in call.args)
        if (line := " ".join(str(arg.value) for arg in call.args if isinstance(arg, ast.Constant)))
    }
