/* The names of errors that EXCEPTION WHEN knows (Postgres manual, appendix A).
 * One that ends with three zeros stands for its class. */
#include "protocol/plpgsql_conditions.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *sqlstate;
} conditions[] = {
	{ "feature_not_supported", "0A000" },
	{ "cardinality_violation", "21000" },
	{ "data_exception", "22000" },
	{ "string_data_right_truncation", "22001" },
	{ "numeric_value_out_of_range", "22003" },
	{ "invalid_datetime_format", "22007" },
	{ "datetime_field_overflow", "22008" },
	{ "division_by_zero", "22012" },
	{ "invalid_parameter_value", "22023" },
	{ "invalid_text_representation", "22P02" },
	{ "integrity_constraint_violation", "23000" },
	{ "restrict_violation", "23001" },
	{ "not_null_violation", "23502" },
	{ "foreign_key_violation", "23503" },
	{ "unique_violation", "23505" },
	{ "check_violation", "23514" },
	{ "exclusion_violation", "23P01" },
	{ "invalid_transaction_state", "25000" },
	{ "read_only_sql_transaction", "25006" },
	{ "dependent_objects_still_exist", "2BP01" },
	{ "invalid_schema_name", "3F000" },
	{ "serialization_failure", "40001" },
	{ "deadlock_detected", "40P01" },
	{ "syntax_error_or_access_rule_violation", "42000" },
	{ "insufficient_privilege", "42501" },
	{ "syntax_error", "42601" },
	{ "invalid_name", "42602" },
	{ "name_too_long", "42622" },
	{ "duplicate_column", "42701" },
	{ "ambiguous_column", "42702" },
	{ "undefined_column", "42703" },
	{ "undefined_object", "42704" },
	{ "duplicate_object", "42710" },
	{ "duplicate_alias", "42712" },
	{ "duplicate_function", "42723" },
	{ "grouping_error", "42803" },
	{ "datatype_mismatch", "42804" },
	{ "wrong_object_type", "42809" },
	{ "invalid_foreign_key", "42830" },
	{ "cannot_coerce", "42846" },
	{ "undefined_function", "42883" },
	{ "undefined_table", "42P01" },
	{ "undefined_parameter", "42P02" },
	{ "duplicate_cursor", "42P03" },
	{ "duplicate_database", "42P04" },
	{ "duplicate_prepared_statement", "42P05" },
	{ "duplicate_schema", "42P06" },
	{ "duplicate_table", "42P07" },
	{ "invalid_column_reference", "42P10" },
	{ "invalid_schema_definition", "42P15" },
	{ "invalid_table_definition", "42P16" },
	{ "invalid_object_definition", "42P17" },
	{ "indeterminate_datatype", "42P18" },
	{ "object_not_in_prerequisite_state", "55000" },
	{ "object_in_use", "55006" },
	{ "lock_not_available", "55P03" },
	{ "raise_exception", "P0001" },
	{ "others", "" },
};

const char *plpgsql_condition(struct slice name)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		if (strlen(conditions[i].name) == name.length &&
		    strncasecmp(conditions[i].name, (const char *)name.at,
				name.length) == 0)
			return conditions[i].sqlstate;
	return NULL;
}
