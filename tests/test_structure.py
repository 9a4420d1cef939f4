"""The house: who may import whom, how long a file may be, where private parts of libraries are used."""

import ast
import graphlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 350  # lines of a file

# Who must not know whom: a package, and what it imports nothing of. Arrows point one way (see README).
APART = {
    "glider_core.engine": (
        "glider_core.domains", "glider_core.drawings", "glider_core.rows", "glider_core.tables",
        "glider_core.recommenders", "glider_core.experiments", "glider_core.cli", "pages",
    ),
    "glider_core.domains": ("glider_core.drawings", "glider_core.rows", "glider_core.experiments", "glider_core.cli",
                            "pages"),
    "glider_core.tables": ("glider_core.domains", "glider_core.recommenders", "glider_core.rows", "pages"),
    "glider_core.rows": ("glider_core.domains", "glider_core.recommenders", "glider_core.drawings", "pages"),
    "glider_core.recommenders": ("glider_core.domains", "glider_core.drawings", "pages"),
    "glider_core.drawings": ("glider_core.cli", "glider_core.experiments", "pages"),
    "glider_core.experiments": ("glider_core.cli", "pages"),
    "glider_core": ("pages", "tests", "benchmarks", "streamlit"),
    "pages": ("glider_core.cli", "tests", "benchmarks"),
}  # fmt: skip
CONTRACTS = ("glider_core.domains.base",)  # protocols and records, which anyone may name
# Of these packages, others know the registry only, which is the package itself, and what is listed.
REGISTRIES = {
    "glider_core.drawings": {"glider_core.experiments": ("gallery", "plots")},  # galleries, and charts of numbers
    "glider_core.experiments": {
        "pages": ("evidence", "measured", "paper"),
        "glider_core.cli": ("base", "document", "everything", "evidence"),
    },
    "glider_core.domains": {"glider_core.cli": ("base",)},
}
# Parts of libraries that their authors promise nothing about; another release may change them. requirements.txt pins
# the releases that these work with.
PRIVATE = {
    "streamlit.runtime": "pages",
    "torch.optim.adam": "glider_core/engine/",
    "torch.ops.mkldnn": "glider_core/domains/image/",
    "np._core": "glider_core/domains/graph/",
}


def modules() -> dict[str, Path]:
    files = [path for folder in ("glider_core", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in [*files, ROOT / "app.py"]
    }


MODULES = modules()


@cache
def imports(module: str) -> frozenset[str]:
    """All that a module's file imports, in functions too, but not what only type checkers read."""
    return frozenset(_imports(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute here"
            source = child.module or ""
            for alias in child.names:
                name = f"{source}.{alias.name}"
                yield name if name in MODULES else source
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _imports(other)
        else:
            yield from _imports(child)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: {name for name in imports(module) if name in MODULES and name != module} for module in MODULES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("package", sorted(APART))
def test_arrows_point_one_way(package: str) -> None:
    for module in MODULES:
        for name in imports(module) if within(module, package) else ():
            for other in APART[package]:
                assert name in CONTRACTS or not within(name, other), f"{module} imports {name}"


@pytest.mark.parametrize("package", sorted(REGISTRIES))
def test_registries_are_asked_not_their_members(package: str) -> None:
    for user, allowed in REGISTRIES[package].items():
        for module in MODULES:
            for name in imports(module) if within(module, user) else ():
                if within(name, package) and name != package:
                    assert name.removeprefix(f"{package}.") in allowed, f"{module} imports {name}"


def test_only_drawings_and_pages_know_plotly() -> None:
    for module in MODULES:
        if any(within(name, "plotly") for name in imports(module)):
            assert within(module, "glider_core.drawings") or within(module, "pages"), module


def test_a_domain_knows_no_other_domain() -> None:
    for module in MODULES:
        if not module.startswith("glider_core.domains.") or module == "glider_core.domains.base":
            continue
        own = ".".join(module.split(".")[:3])
        for name in imports(module):
            if name.startswith("glider_core.domains."):
                assert within(name, own) or name == "glider_core.domains.base", f"{module} imports {name}"


def test_no_file_is_too_long() -> None:
    paths = [
        path
        for folder in ("glider_core", "pages", "benchmarks", "tests", "docs")
        for path in (ROOT / folder).rglob("*.py")
    ]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_what_it_is_for() -> None:
    for module, path in MODULES.items():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), module


def test_private_parts_of_libraries_are_used_where_they_are_listed() -> None:
    for text, place in PRIVATE.items():
        users = {str(path.relative_to(ROOT)) for path in MODULES.values() if text in path.read_text(encoding="utf-8")}
        assert users, f"{text} is used no more; take it off the list"
        assert all(user.startswith(place) for user in users), (text, users)
    for module in MODULES:
        for name in imports(module):
            top, *parts = name.split(".")
            if top not in ("glider_core", "pages", "__future__") and not any(within(name, text) for text in PRIVATE):
                assert not any(part.startswith("_") for part in parts), f"{module} imports {name}"
