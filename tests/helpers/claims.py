"""Checks the values that a program's comments claim: `result = ray.get(future)  # 4`.

    python tests/helpers/claims.py FILE REPORT

A comment after an assignment or an expression is a claim if it is a Python literal. The program
runs as it is, but each such value is looked at as it comes by; REPORT gets the claims that are
wrong, one a line. A number is compared in as many decimals as the comment gives.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
LOOK = "__claimed__"


class ClaimError(ValueError):
    """A comment looks like a claim but stands where none can be checked."""


@dataclass
class Claim:
    """What a comment says of the value of the statement that ends on its line."""

    line: int
    text: str
    faults: list[str] = field(default_factory=list)
    seen: bool = False

    def look(self, value: object) -> object:
        """Check a value and pass it on."""
        self.seen = True
        if not same(ast.literal_eval(self.text), value, self.text):
            self.faults.append(f"line {self.line} claims {self.text}, the value is {value!r}")
        return value


def same(claimed: object, value: object, text: str) -> bool:
    """Is the value the claimed one, in as many decimals as the text has?"""
    if isinstance(claimed, bool) != isinstance(value, bool):
        return False
    if isinstance(claimed, float) and isinstance(value, float) and "e" not in text:
        return round(value, len(text.partition(".")[2])) == claimed
    return bool(claimed == value)


def find_claims(text: str) -> list[Claim]:
    """The literal comments of a Python text that stand after code."""
    return [Claim(line, comment) for line, comment in _comments(text) if _is_literal(comment)]


def instrument(text: str, claims: list[Claim]) -> ast.Module:
    """The program, with each claimed value passed through its claim.

    Raises:
        ClaimError: a claim stands neither after an assignment nor after an expression.
    """
    tree = ast.parse(text)
    ends: dict[int, ast.Assign | ast.AnnAssign | ast.Expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) and node.end_lineno:
            ends[node.end_lineno] = node
    for number, claim in enumerate(claims):
        statement = ends.get(claim.line)
        if statement is None or statement.value is None:
            raise ClaimError(
                f"line {claim.line}: nothing to compare with the comment '# {claim.text}'; "
                "put it after an assignment or an expression, or say it in words"
            )
        look = ast.parse(f"{LOOK}[{number}].look(0)", mode="eval").body
        assert isinstance(look, ast.Call)
        look.args = [statement.value]
        statement.value = look
    return ast.fix_missing_locations(tree)


def main() -> None:
    """Run a program as `__main__`, and report the claims that are wrong or were never reached."""
    program = sys.argv[1]
    file, report = (Path(argument).absolute() for argument in sys.argv[1:])
    text = file.read_text(encoding="utf-8")
    claims = find_claims(text)
    module = ModuleType("__main__")
    fresh = {name: globals()[name] for name in ("__spec__", "__loader__", "__builtins__")}
    vars(module).update(fresh, __file__=str(file), **{LOOK: claims})
    sys.modules["__main__"] = module
    sys.argv[:] = [program]
    sys.path[0] = str(ROOT)
    from runner.processes.standby import leave_us_out  # noqa: PLC0415 only now can it be found

    sys.path[0] = str(file.parent)
    try:
        exec(compile(instrument(text, claims), file, "exec"), vars(module))  # noqa: S102
    except BaseException as error:
        leave_us_out(error)
        raise
    finally:  # a program may end by sys.exit
        faults = [fault for claim in claims for fault in claim.faults]
        faults += [f"line {claim.line} was never reached" for claim in claims if not claim.seen]
        report.write_text("\n".join(faults), encoding="utf-8")


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            yield token.start[0], token.string.lstrip("#").strip()


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


if __name__ == "__main__":
    main()
