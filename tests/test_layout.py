"""The shape of the project: imports point one way, and light parts stay light."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("models", "gestures", "bridge", "demos")
FILES = sorted(path for package in ORDER for path in (ROOT / package).rglob("*.py"))


def imported_packages(path: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level package of every import in a file, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else (node.module or "").partition(".")[0]


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after ``statement``."""
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    later = set(ORDER[ORDER.index(package) + 1 :]) | {"tests", "."}
    wrong = [f"{path}:{line}: {package} imports {name}" for line, name in imported_packages(path) if name in later]
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_read_with_pickle(path: Path) -> None:
    assert not {"pickle", "joblib", "dill", "shelve"} & {name for _, name in imported_packages(path)}


def test_no_file_is_named_after_a_standard_module() -> None:
    assert not [path for path in FILES if path.stem in sys.stdlib_module_names and path.stem != "__init__"]


def test_the_client_needs_neither_pictures_nor_networks() -> None:
    assert not modules_after("import bridge.client") & {"cv2", "openvino", "onnxruntime", "torch", "pygame"}


def test_the_command_line_starts_without_anything_heavy() -> None:
    assert not modules_after("import bridge.cli") & {"torch", "openvino", "cv2", "pygame", "numpy"}


def test_a_run_needs_no_torch() -> None:
    everything = "import bridge.cli.run, bridge.cli.record, bridge.doctor, bridge.preview, bridge.sources"
    assert not modules_after(everything) & {"torch", "onnx", "onnxruntime", "matplotlib", "scipy", "sklearn"}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_what_a_page_links_to_is_there(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert not [link for link in links if not (ROOT / link).exists()]
