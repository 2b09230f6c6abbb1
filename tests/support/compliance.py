"""SQLAlchemy's suite for dialects (sqlalchemy.testing.suite), run against one
URL: which of its tests pass. What the suite asks of Postgres is written down
in `Requirements`; its own copy of that is in SQLAlchemy's source only."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

SCHEMAS = ("test_schema", "test_schema_2")

# What Postgres has and the suite takes for granted of no database.
MET = """
array_type autocommit boolean_col_expressions cast_precision_numerics_many_significant_digits
check_constraint_reflection column_collation_reflection comment_reflection
comment_reflection_full_unicode computed_columns computed_columns_default_persisted
computed_columns_reflect_persisted computed_columns_stored constraint_comment_reflection
cross_schema_fk_reflection ctes ctes_on_dml ctes_with_update_delete ctes_with_values date_historic
datetime_historic datetime_interval datetime_literals datetime_timezone datetime_timezone_historic
default_schema_name_switch deferrable_fks delete_from delete_returning
dialect_level_isolation_level_param empty_inserts empty_inserts_executemany except_
expression_server_defaults fetch_expression fetch_first fetch_no_order_by fetch_offset_with_options
fetch_ties fk_constraint_option_reflection_ondelete_noaction
fk_constraint_option_reflection_ondelete_restrict fk_constraint_option_reflection_onupdate_restrict
float_or_double_precision_behaves_generically foreign_key_constraint_name_reflection
foreign_key_constraint_option_reflection_ondelete foreign_key_constraint_option_reflection_onupdate
get_isolation_level_values has_temp_table identity_columns identity_columns_standard
implicit_default_schema index_ddl_if_exists index_reflects_included_columns
indexes_check_column_order indexes_with_expressions infinity_floats
inline_check_constraint_reflection insert_executemany_returning insert_returning insertmanyvalues
intersect isolation_level json_array_indexes json_deserializer_binary json_type
legacy_unconditional_json_extract materialized_views mod_operator_as_percent_sign
multivalues_inserts nullsordering on_update_or_deferrable_fks order_by_collation
percent_schema_names precision_numerics_enotation_small precision_numerics_many_significant_digits
precision_numerics_retains_significant_digits reflect_indexes_with_expressions
reflect_tables_no_columns reflects_pk_names regexp_match regexp_replace
repeated_column_foreign_keys sane_multi_rowcount sane_rowcount sane_rowcount_w_returning savepoints
schema_create_delete schema_reflection schemas sequences sequences_optional server_defaults
server_side_cursors skip_autocommit_rollback supports_bitwise_and supports_bitwise_not
supports_bitwise_or supports_bitwise_shift supports_bitwise_xor supports_distinct_on
supports_is_distinct_from table_ddl_if_exists table_value_constructor
temp_table_comment_reflection temp_table_names temp_table_reflect_indexes temporary_views
time_timezone timestamp_microseconds timestamp_microseconds_implicit_bound tuple_in
tuple_in_w_empty two_phase_transactions unicode_ddl unique_constraints_reflect_as_index
update_from update_returning uuid_data_type view_column_reflection view_reflection views
window_functions
""".split()

FILES = {
    "setup.cfg": """
[tool:pytest]
addopts = --tb=native -q -p no:xdist -p no:warnings -p no:logging -p no:cacheprovider
[sqla_testing]
requirement_cls = support.compliance:Requirements
profile_file = profiles.txt
""",
    "conftest.py": """
import json, os, pytest
pytest.register_assert_rewrite("sqlalchemy.testing.assertions")
from sqlalchemy.testing.plugin.pytestplugin import *

def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        with open(os.environ["COMPLIANCE_RESULTS"], "a") as results:
            print(json.dumps([report.nodeid, report.outcome, str(report.longrepr or "")]), file=results)
""",
    "suite.py": "from sqlalchemy.testing.suite import *\n",
}


class Requirements(SuiteRequirements):
    def get_order_by_collation(self, config):
        return "POSIX"

    def get_isolation_levels(self, config):
        levels = config.db.dialect.get_isolation_level_values(None)
        return {"default": "READ COMMITTED", "supported": list(levels)}


for name in MET:
    assert isinstance(getattr(SuiteRequirements, name), property), name
    setattr(Requirements, name, property(lambda self: exclusions.open()))


def plain(nodeid):
    """A test's name without the driver and the server's version in its class."""
    _, words, test = nodeid.split("::", 2)
    return f"{words.split('_postgresql+')[0]}.{test}"


def run_suite(url, *options):
    """Each test by name: "passed", or "skipped", or why it failed."""
    with tempfile.TemporaryDirectory(prefix="weir-suite-") as directory:
        place = pathlib.Path(directory)
        for name, text in FILES.items():
            (place / name).write_text(text)
        results = place / "results"
        results.touch()
        environment = {**os.environ, "COMPLIANCE_RESULTS": str(results),
                       "PYTHONPATH": str(pathlib.Path(__file__).resolve().parents[1])}
        done = subprocess.run([sys.executable, "-m", "pytest", "--dburi", url, *options, "suite.py"],
                              cwd=place, env=environment, capture_output=True, text=True)
        found = {}
        for line in results.read_text().splitlines():
            nodeid, outcome, why = json.loads(line)
            if found.get(plain(nodeid), "passed") == "passed":
                found[plain(nodeid)] = outcome if outcome != "failed" else why
        assert found, f"nothing ran:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
        return found
