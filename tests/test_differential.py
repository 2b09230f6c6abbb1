"""Postgres itself and weir, asked the same: tests/differential/*.py, one file
per subject, each public function in it a scenario (support/differential.py).
Through weir a scenario runs twice, the second time with strict_dev. A third
mode, `direct`, holds it with Postgres again: WEIR_TEST_MODES=direct tells
whether a scenario is as certain as it must be."""

import importlib.util
import inspect
import os
import pathlib
import subprocess

import pytest

from support import weir
from support.differential import Ground, comparable, difference, on_sqlite, with_texts

MODES = {"pooled": (), "strict": ("--strict-dev",), "direct": None}


def scenarios():
    for path in sorted((pathlib.Path(__file__).parent / "differential").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"differential_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == spec.name and name[0] != "_":
                for behind, scenario in with_texts(function):
                    yield pytest.param(scenario, id=f"{path.stem}.{name}{behind}")


@pytest.fixture(scope="module")
def ground(cluster):
    return Ground(cluster)


@pytest.fixture(scope="module")
def truths():
    """By scenario: what Postgres says is asked once."""
    return {}


@pytest.fixture(scope="module")
def known_options():
    return subprocess.run([weir.BINARY, "--help"], capture_output=True, text=True).stdout


@pytest.mark.parametrize("scenario", list(scenarios()))
@pytest.mark.parametrize("mode", os.environ.get("WEIR_TEST_MODES", "pooled,strict").split(","))
def test_differential(mode, scenario, ground, truths, known_options):
    for option in getattr(scenario, "options", ()):
        if mode != "direct" and option.startswith("--") and option not in known_options:
            pytest.skip(f"this weir does not know {option}")
    if scenario not in truths:
        truths[scenario] = ground.truth(scenario)
    options = MODES[mode]
    told = ground.truth(scenario) if options is None else ground.through_weir(scenario, *options)
    found = difference(truths[scenario], told)
    if found:
        pytest.fail(found, pytrace=False)


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_differential_on_sqlite(scenario, ground, truths, tmp_path):
    if scenario not in truths:
        truths[scenario] = ground.truth(scenario)
    told = on_sqlite(tmp_path, scenario)
    found = difference(comparable(truths[scenario]), comparable(told))
    if found:
        pytest.fail(found, pytrace=False)
