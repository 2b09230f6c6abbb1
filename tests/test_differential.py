"""Postgres itself and weir, asked the same: tests/differential/*.py, one file
per subject, each public function in it a scenario (support/differential.py).
Through weir a scenario runs twice, the second time with strict_dev; and on
SQLite, those that differential/on_sqlite lists: all that need nothing of what
SQLite has not (functions and DO, roles, other styles of dates) and have been
seen to answer the same. WEIR_TEST_ON_SQLITE=all tries the others too.

Other modes are `sqlite-strict`, and `direct`, which holds a scenario with
Postgres again: WEIR_TEST_MODES=direct tells whether it is as certain as it
must be."""

import importlib.util
import inspect
import os
import pathlib

import pytest

from support.differential import Ground, comparable, difference, on_sqlite, with_texts

MODES = {"pooled": (), "strict": ("--strict-dev",), "direct": None,
         "sqlite": (), "sqlite-strict": ("--strict-dev",)}
HERE = pathlib.Path(__file__).parent / "differential"
ON_SQLITE = set((HERE / "on_sqlite").read_text().split())


def scenarios():
    for path in sorted(HERE.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"differential_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == spec.name and name[0] != "_":
                for behind, scenario in with_texts(function):
                    yield f"{path.stem}.{name}{behind}", scenario


@pytest.fixture(scope="session")
def ground(cluster):
    return Ground(cluster)


@pytest.fixture(scope="session")
def truths():
    """By scenario: what Postgres says is asked once."""
    return {}


def on_this_road(mode, name):
    return "sqlite" not in mode or name in ON_SQLITE or os.environ.get("WEIR_TEST_ON_SQLITE") == "all"


def cases():
    for mode in os.environ.get("WEIR_TEST_MODES", "pooled,strict,sqlite").split(","):
        for name, scenario in scenarios():
            if on_this_road(mode, name):
                yield pytest.param(mode, scenario, id=f"{mode}-{name}")


def tell(mode, scenario, ground, directory):
    options = MODES[mode]
    if options is None:
        return ground.truth(scenario)
    if "sqlite" in mode:
        return comparable(on_sqlite(directory, scenario, *options))
    return ground.through_weir(scenario, *options)


@pytest.mark.parametrize("mode, scenario", list(cases()))
def test_differential(mode, scenario, ground, truths, tmp_path):
    if scenario not in truths:
        truths[scenario] = ground.truth(scenario)
    truth = truths[scenario]
    told = tell(mode, scenario, ground, tmp_path)
    found = difference(comparable(truth) if "sqlite" in mode else truth, told)
    if found:
        pytest.fail(found, pytrace=False)
