"""All that the product says after `next:`, found in its source."""

import ast
from collections.abc import Iterator, Mapping

from toolchain.places import ROOT

_KINDS = {"RetryableError", "UsageError", "DataError", "DaybookError", "StrangeError"}
_THIRD = "_malformed"  # whose third argument says it


def found() -> dict[str, list[str]]:
    """Each text, as the source has it, with the files that say it; a name stands for what it is given."""
    trees = {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for folder in ("jobs", "dags")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    known = {name: value for tree in trees.values() for name, value in _constants(tree).items()}
    texts: dict[str, list[str]] = {}
    for file, tree in trees.items():
        for expression in _said(tree):
            for text in _texts(expression, known | _given(tree) | _constants(tree)):
                if file not in texts.setdefault(text, []):
                    texts[text].append(file)
    return texts


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The module's own words: what a name of capitals is given."""
    pairs = [(each.targets[0], each.value) for each in tree.body if isinstance(each, ast.Assign)]
    return {name.id: value for name, value in pairs if isinstance(name, ast.Name) and name.id.isupper()}


def _given(tree: ast.Module) -> dict[str, ast.expr]:
    """What the names inside its functions are given, `then` apart, which is looked for itself."""
    pairs = [(each.targets[0], each.value) for each in ast.walk(tree) if isinstance(each, ast.Assign)]
    return {name.id: value for name, value in pairs if isinstance(name, ast.Name) and name.id != "then"}


def _said(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id == "then" and not isinstance(node.value, ast.Attribute):
                yield node.value
        elif isinstance(node, ast.Tuple):
            yield from _of_table(node.elts)
        elif isinstance(node, ast.FunctionDef) and node.name == "_then":
            yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)


def _of_call(call: ast.Call) -> Iterator[ast.expr]:
    name = ast.unparse(call.func).rpartition(".")[2]
    yield from (each.value for each in call.keywords if each.arg == "then")
    if (name in _KINDS or name == "Reach") and len(call.args) > 1:
        yield call.args[2 if name == "Reach" else 1]
    if name == _THIRD and len(call.args) > 2:
        yield call.args[2]
    if name == "warning" and " -- next: " in ast.unparse(call.args[0]):
        yield call.args[-1]


def _of_table(row: list[ast.expr]) -> Iterator[ast.expr]:
    """A row of a table of failures: (kind, then), (class, kind, then, said) of the store, (name, kind, said, then)."""
    kinds = [number for number, each in enumerate(row) if isinstance(each, ast.Name) and each.id in _KINDS]
    if len(kinds) == 1 and kinds[0] < len(row) - 1 and len(row) in (2, 4):
        by_name = len(row) == 4 and isinstance(row[0], ast.Constant | ast.JoinedStr)
        yield row[3] if by_name else row[kinds[0] + 1]


def _texts(expression: ast.expr, known: Mapping[str, ast.expr]) -> Iterator[str]:
    match expression:
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _texts(part, known)
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, known)
            yield from _texts(other, known)
        case ast.Constant(value=None) | ast.Attribute(attr="then"):
            pass
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in known:
            yield from _texts(known[name], known)
        case ast.Name():
            pass  # what it is given is found where it is given
        case _:
            yield ast.unparse(expression)
