/*
 * What is known of Postgres's functions. Names are looked up without looking
 * at arguments: a function of the user's that overloads one of these passes
 * for it. Extensions and the user's own are unknown.
 */
#include "protocol/sql_nodes.h"

#include <stdlib.h>

#include "protocol/sql_facts_build.h"

struct function_row {
	const char *name;
	enum function_kind kind;
};

/* sorted by name */
static const struct function_row special[] = {
	{ "addgeometrycolumn", FUNCTION_DANGEROUS },
	{ "array_in", FUNCTION_TYPED },
	{ "currval", FUNCTION_SEQUENCE },
	{ "cursor_to_xml", FUNCTION_DANGEROUS },
	{ "cursor_to_xmlschema", FUNCTION_DANGEROUS },
	{ "database_to_xml", FUNCTION_DANGEROUS },
	{ "database_to_xml_and_xmlschema", FUNCTION_DANGEROUS },
	{ "domain_in", FUNCTION_TYPED },
	{ "drop_chunks", FUNCTION_DANGEROUS },
	{ "dropgeometrycolumn", FUNCTION_DANGEROUS },
	{ "dropgeometrytable", FUNCTION_DANGEROUS },
	{ "heap_force_freeze", FUNCTION_DANGEROUS },
	{ "heap_force_kill", FUNCTION_DANGEROUS },
	{ "lastval", FUNCTION_SEQUENCE },
	{ "lo_export", FUNCTION_DANGEROUS },
	{ "lo_import", FUNCTION_DANGEROUS },
	{ "multirange_in", FUNCTION_TYPED },
	{ "nextval", FUNCTION_WRITES },
	{ "pg_advisory_lock", FUNCTION_LOCK },
	{ "pg_advisory_lock_shared", FUNCTION_LOCK },
	{ "pg_advisory_unlock", FUNCTION_LOCK },
	{ "pg_advisory_unlock_all", FUNCTION_LOCK },
	{ "pg_advisory_unlock_shared", FUNCTION_LOCK },
	{ "pg_advisory_xact_lock", FUNCTION_WRITES },
	{ "pg_advisory_xact_lock_shared", FUNCTION_WRITES },
	{ "pg_extension_config_dump", FUNCTION_DANGEROUS },
	{ "pg_file_rename", FUNCTION_DANGEROUS },
	{ "pg_file_sync", FUNCTION_DANGEROUS },
	{ "pg_file_unlink", FUNCTION_DANGEROUS },
	{ "pg_file_write", FUNCTION_DANGEROUS },
	{ "pg_input_error_info", FUNCTION_TYPED },
	{ "pg_input_is_valid", FUNCTION_TYPED },
	{ "pg_logical_emit_message", FUNCTION_WRITES },
	{ "pg_notify", FUNCTION_WRITES },
	{ "pg_read_binary_file", FUNCTION_DANGEROUS },
	{ "pg_read_file", FUNCTION_DANGEROUS },
	{ "pg_read_file_old", FUNCTION_DANGEROUS },
	{ "pg_replication_origin_session_setup", FUNCTION_DANGEROUS },
	{ "pg_try_advisory_lock", FUNCTION_LOCK },
	{ "pg_try_advisory_lock_shared", FUNCTION_LOCK },
	{ "pg_try_advisory_xact_lock", FUNCTION_WRITES },
	{ "pg_try_advisory_xact_lock_shared", FUNCTION_WRITES },
	{ "populate_geometry_columns", FUNCTION_DANGEROUS },
	{ "query_to_xml", FUNCTION_DANGEROUS },
	{ "query_to_xml_and_xmlschema", FUNCTION_DANGEROUS },
	{ "query_to_xmlschema", FUNCTION_DANGEROUS },
	{ "range_in", FUNCTION_TYPED },
	{ "record_in", FUNCTION_TYPED },
	{ "schema_to_xml", FUNCTION_DANGEROUS },
	{ "schema_to_xml_and_xmlschema", FUNCTION_DANGEROUS },
	{ "set_config", FUNCTION_SET_CONFIG },
	{ "setseed", FUNCTION_SEED },
	{ "setval", FUNCTION_SETVAL },
	{ "table_to_xml", FUNCTION_DANGEROUS },
	{ "table_to_xml_and_xmlschema", FUNCTION_DANGEROUS },
	{ "ts_rewrite", FUNCTION_DANGEROUS },
	{ "ts_stat", FUNCTION_DANGEROUS },
	{ "updategeometrysrid", FUNCTION_DANGEROUS },
	{ "xpath_table", FUNCTION_DANGEROUS },
};

/*
 * Functions that leave nothing behind in session or transaction: those that
 * pg_proc (Postgres 15) calls immutable or stable, and harmless volatile
 * ones such as random(). Sorted by name.
 */
static const char *const pure[] = {
	"abbrev", "abs", "acldefault", "aclexplode", "acos", "acosd", "acosh",
	"age", "any_value", "area", "array_agg", "array_append", "array_cat",
	"array_contains", "array_dims", "array_fill", "array_length",
	"array_lower", "array_ndims", "array_position", "array_positions",
	"array_prepend", "array_remove", "array_replace", "array_sample",
	"array_shuffle", "array_to_json", "array_to_string",
	"array_to_tsvector", "array_upper", "arraycontains", "arrayoverlap",
	"ascii", "asin", "asind", "asinh", "atan", "atan2", "atan2d", "atand",
	"atanh", "avg", "bit", "bit_and", "bit_count", "bit_length", "bit_or",
	"bit_xor", "bool", "bool_and", "bool_or", "box", "bpchar", "broadcast",
	"btrim", "cardinality", "cbrt", "ceil", "ceiling", "center", "char",
	"char_length", "character_length", "chr", "cidr", "circle",
	"clock_timestamp", "col_description", "concat", "concat_ws", "convert",
	"convert_from", "convert_to", "corr", "cos", "cosd", "cosh", "cot",
	"cotd", "count", "covar_pop", "covar_samp", "cume_dist",
	"current_database", "current_query", "current_schema",
	"current_schemas", "current_setting", "current_user", "date",
	"date_bin", "date_ge", "date_part", "date_trunc", "datemultirange",
	"daterange", "decode", "degrees", "dense_rank", "diagonal", "diameter",
	"div", "dlog10", "encode", "enum_first", "enum_last", "enum_range",
	"every", "exp", "extract", "factorial", "family", "first_value",
	"float4", "float8", "floor", "format", "format_type", "gcd",
	"gen_random_uuid", "generate_series", "generate_subscripts", "get_bit",
	"get_byte", "get_current_ts_config", "getdatabaseencoding",
	"getpgusername", "has_any_column_privilege", "has_column_privilege",
	"has_database_privilege", "has_foreign_data_wrapper_privilege",
	"has_function_privilege", "has_language_privilege",
	"has_parameter_privilege", "has_schema_privilege",
	"has_sequence_privilege", "has_server_privilege", "has_table_privilege",
	"has_tablespace_privilege", "has_type_privilege", "hashtext",
	"hashtextextended", "height", "host", "hostmask", "inet_client_addr",
	"inet_client_port", "inet_server_addr", "inet_server_port", "initcap",
	"int2", "int2int4_sum", "int4", "int4multirange", "int4range", "int8",
	"int8multirange", "int8range", "interval", "interval_avg",
	"is_normalized", "isclosed", "isfinite", "ishorizontal", "isopen",
	"isparallel", "isperp", "isvertical", "json_agg", "json_array_elements",
	"json_array_elements_text", "json_array_length", "json_build_array",
	"json_build_object", "json_each", "json_each_text", "json_extract_path",
	"json_extract_path_text", "json_object", "json_object_agg",
	"json_object_keys", "json_populate_record", "json_populate_recordset",
	"json_strip_nulls", "json_to_record", "json_to_recordset",
	"json_to_tsvector", "json_typeof", "jsonb_agg", "jsonb_array_elements",
	"jsonb_array_elements_text", "jsonb_array_length", "jsonb_build_array",
	"jsonb_build_object", "jsonb_concat", "jsonb_contains",
	"jsonb_delete_path", "jsonb_each", "jsonb_each_text", "jsonb_exists",
	"jsonb_extract_path", "jsonb_extract_path_text", "jsonb_insert",
	"jsonb_object", "jsonb_object_agg", "jsonb_object_keys",
	"jsonb_path_exists", "jsonb_path_exists_tz", "jsonb_path_match",
	"jsonb_path_match_tz", "jsonb_path_query", "jsonb_path_query_array",
	"jsonb_path_query_array_tz", "jsonb_path_query_first",
	"jsonb_path_query_first_tz", "jsonb_path_query_tz",
	"jsonb_populate_record", "jsonb_populate_recordset", "jsonb_pretty",
	"jsonb_set", "jsonb_set_lax", "jsonb_strip_nulls", "jsonb_to_record",
	"jsonb_to_recordset", "jsonb_to_tsvector", "jsonb_typeof",
	"justify_days", "justify_hours", "justify_interval", "lag",
	"last_value", "lcm", "lead", "left", "length", "like", "like_escape",
	"line", "ln", "log", "log10", "lower", "lower_inc", "lower_inf", "lpad",
	"lseg", "ltrim", "macaddr", "macaddr8", "macaddr8_set7bit", "make_date",
	"make_interval", "make_time", "make_timestamp", "make_timestamptz",
	"makeaclitem", "masklen", "max", "md5", "min", "min_scale", "mod",
	"mode", "money", "multirange", "mxid_age", "name", "netmask", "network",
	"normalize", "notlike", "now", "npoints", "nth_value", "ntile",
	"num_nonnulls", "num_nulls", "numeric", "numeric_div_trunc",
	"numeric_exp", "numeric_ln", "numeric_log", "numeric_sqrt",
	"nummultirange", "numnode", "numrange", "obj_description",
	"octet_length", "oid", "oidvectortypes", "overlaps", "overlay",
	"parse_ident", "path", "pclose", "percent_rank", "percentile_cont",
	"percentile_disc", "pg_available_extension_versions",
	"pg_available_extensions", "pg_backend_pid", "pg_blocking_pids",
	"pg_cancel_backend", "pg_char_to_encoding", "pg_client_encoding",
	"pg_collation_actual_version", "pg_collation_for",
	"pg_collation_is_visible", "pg_column_compression",
	"pg_column_is_updatable", "pg_column_size", "pg_conf_load_time",
	"pg_config", "pg_conversion_is_visible", "pg_current_snapshot",
	"pg_current_wal_flush_lsn", "pg_current_wal_insert_lsn",
	"pg_current_wal_lsn", "pg_current_xact_id",
	"pg_current_xact_id_if_assigned", "pg_cursor", "pg_database_size",
	"pg_describe_object", "pg_encoding_max_length", "pg_encoding_to_char",
	"pg_extension_update_paths", "pg_filenode_relation",
	"pg_function_is_visible", "pg_get_catalog_foreign_keys",
	"pg_get_constraintdef", "pg_get_expr", "pg_get_function_arg_default",
	"pg_get_function_arguments", "pg_get_function_identity_arguments",
	"pg_get_function_result", "pg_get_function_sqlbody",
	"pg_get_functiondef", "pg_get_indexdef", "pg_get_keywords",
	"pg_get_multixact_members", "pg_get_object_address",
	"pg_get_partition_constraintdef", "pg_get_partkeydef",
	"pg_get_publication_tables", "pg_get_replica_identity_index",
	"pg_get_replication_slots", "pg_get_ruledef", "pg_get_serial_sequence",
	"pg_get_statisticsobjdef", "pg_get_statisticsobjdef_columns",
	"pg_get_statisticsobjdef_expressions", "pg_get_triggerdef",
	"pg_get_userbyid", "pg_get_viewdef", "pg_has_role",
	"pg_identify_object", "pg_identify_object_as_address",
	"pg_index_column_has_property", "pg_index_has_property",
	"pg_indexam_has_property", "pg_indexam_progress_phasename",
	"pg_indexes_size", "pg_is_in_recovery", "pg_is_other_temp_schema",
	"pg_is_wal_replay_paused", "pg_jit_available", "pg_last_committed_xact",
	"pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn",
	"pg_last_xact_replay_timestamp", "pg_listening_channels",
	"pg_lock_status", "pg_lsn", "pg_mcv_list_items", "pg_my_temp_schema",
	"pg_notification_queue_usage", "pg_opclass_is_visible",
	"pg_operator_is_visible", "pg_opfamily_is_visible",
	"pg_options_to_table", "pg_partition_ancestors", "pg_partition_root",
	"pg_partition_tree", "pg_postmaster_start_time",
	"pg_prepared_statement", "pg_prepared_xact", "pg_relation_filenode",
	"pg_relation_filepath", "pg_relation_is_publishable",
	"pg_relation_is_updatable", "pg_relation_size",
	"pg_replication_origin_oid", "pg_safe_snapshot_blocking_pids",
	"pg_sequence_last_value", "pg_sequence_parameters",
	"pg_settings_get_flags", "pg_show_all_settings", "pg_size_bytes",
	"pg_size_pretty", "pg_sleep", "pg_sleep_for", "pg_sleep_until",
	"pg_snapshot_xip", "pg_snapshot_xmax", "pg_snapshot_xmin",
	"pg_stat_have_stats", "pg_statistics_obj_is_visible",
	"pg_table_is_visible", "pg_table_size", "pg_tablespace_databases",
	"pg_tablespace_location", "pg_tablespace_size", "pg_terminate_backend",
	"pg_timezone_abbrevs", "pg_timezone_names", "pg_total_relation_size",
	"pg_trigger_depth", "pg_ts_config_is_visible", "pg_ts_dict_is_visible",
	"pg_ts_parser_is_visible", "pg_ts_template_is_visible",
	"pg_type_is_visible", "pg_typeof", "pg_visible_in_snapshot",
	"pg_wal_lsn_diff", "pg_walfile_name", "pg_walfile_name_offset",
	"pg_xact_commit_timestamp", "pg_xact_status", "phraseto_tsquery", "pi",
	"plainto_tsquery", "point", "polygon", "popen", "position", "pow",
	"power", "querytree", "quote_ident", "quote_literal", "quote_nullable",
	"radians", "radius", "random", "random_normal", "range_agg",
	"range_intersect_agg", "rank", "regclass", "regexp_count",
	"regexp_instr", "regexp_like", "regexp_match", "regexp_matches",
	"regexp_replace", "regexp_split_to_array", "regexp_split_to_table",
	"regexp_substr", "regr_avgx", "regr_avgy", "regr_count",
	"regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy",
	"regr_syy", "repeat", "replace", "reverse", "right", "round",
	"row_number", "row_security_active", "row_to_json", "rpad", "rtrim",
	"scale", "session_user", "set_bit", "set_byte", "set_masklen",
	"setweight", "sha224", "sha256", "sha384", "sha512",
	"shobj_description", "sign", "similar_escape", "similar_to_escape",
	"sin", "sind", "sinh", "slope", "split_part", "sqrt", "starts_with",
	"statement_timestamp", "stddev", "stddev_pop", "stddev_samp",
	"string_agg", "string_to_array", "string_to_table", "strip", "strpos",
	"substr", "substring", "sum", "tan", "tand", "tanh", "text", "textcat",
	"textlen", "textlike", "time", "timeofday", "timestamp", "timestamptz",
	"timetz", "timezone", "to_ascii", "to_char", "to_date", "to_hex",
	"to_json", "to_jsonb", "to_number", "to_regclass", "to_regcollation",
	"to_regnamespace", "to_regoper", "to_regoperator", "to_regproc",
	"to_regprocedure", "to_regrole", "to_regtype", "to_timestamp",
	"to_tsquery", "to_tsvector", "transaction_timestamp", "translate",
	"trim_array", "trim_scale", "trunc", "ts_debug", "ts_delete",
	"ts_filter", "ts_headline", "ts_lexize", "ts_match_vq", "ts_parse",
	"ts_rank", "ts_rank_cd", "ts_token_type", "tsmultirange",
	"tsquery_phrase", "tsrange", "tstzmultirange", "tstzrange",
	"tsvector_to_array", "txid_current", "txid_current_if_assigned",
	"txid_current_snapshot", "txid_snapshot_xip", "txid_snapshot_xmax",
	"txid_snapshot_xmin", "txid_status", "txid_visible_in_snapshot",
	"unistr", "unnest", "upper", "upper_inc", "upper_inf", "var_pop",
	"var_samp", "varbit", "varchar", "variance", "version",
	"websearch_to_tsquery", "width", "width_bucket", "xid", "xml",
	"xml_is_well_formed", "xml_is_well_formed_content",
	"xml_is_well_formed_document", "xmlagg", "xmlcomment", "xmlconcat2",
	"xmlexists", "xmlvalidate", "xpath", "xpath_exists",
};

static int compare_row(const void *name, const void *row)
{
	return strcmp(name, ((const struct function_row *)row)->name);
}

static int compare_name(const void *name, const void *item)
{
	return strcmp(name, *(const char *const *)item);
}

bool sql_function_is_pure(const char *name)
{
	if (strncmp(name, "pg_stat_get_", 12) == 0)
		return true;
	return bsearch(name, pure, lengthof(pure), sizeof(*pure),
		       compare_name);
}

bool sql_function_is_listed(const char *name)
{
	return sql_function_is_pure(name) ||
	       bsearch(name, special, lengthof(special), sizeof(*special),
		       compare_row);
}

enum function_kind function_kind(const char *schema, const char *name)
{
	const struct function_row *row;
	bool builtin = !schema || strcmp(schema, "pg_catalog") == 0;

	/* of an extension, in whatever schema */
	if (strncmp(name, "dblink", 6) == 0)
		return FUNCTION_DANGEROUS;
	row = bsearch(name, special, lengthof(special), sizeof(*special),
		      compare_row);
	if (row && (builtin || row->kind == FUNCTION_DANGEROUS))
		return row->kind;
	return builtin && sql_function_is_pure(name) ? FUNCTION_PURE : FUNCTION_UNKNOWN;
}

bool function_is_judged_by_call(const char *schema, const char *name)
{
	switch (function_kind(schema, name)) {
	case FUNCTION_DANGEROUS:
	case FUNCTION_TYPED:
	case FUNCTION_SETVAL:
	case FUNCTION_SET_CONFIG:
		return true;
	default:
		return false;
	}
}

static bool gives_type(const char *name)
{
	return strncmp(name, "pg_input_", 9) == 0;
}

/* But for those that are given a type's name, mostly as a constant: what is
 * there already is taken to give them a harmless one. */
const char *sql_function_judged_by_call(size_t index)
{
	for (size_t i = 0; i < lengthof(special); i++)
		if (function_is_judged_by_call(NULL, special[i].name) &&
		    !gives_type(special[i].name) && !index--)
			return special[i].name;
	return NULL;
}

/* --- calls --------------------------------------------------------------- */

static const Node *argument(const FuncCall *call, int index)
{
	return index < list_length(call->args) ? list_nth(call->args, index) :
						 NULL;
}

/* True unless it is certainly false. */
static bool may_be_true(const Node *node)
{
	const A_Const *constant = (const A_Const *)node;

	return !node || !IsA(node, A_Const) || constant->isnull ||
	       !IsA(&constant->val.node, Boolean) ||
	       constant->val.boolval.boolval;
}

static bool is_boolean(const Node *node)
{
	const A_Const *constant = (const A_Const *)node;

	return node && IsA(node, A_Const) && !constant->isnull &&
	       IsA(&constant->val.node, Boolean);
}

static bool is_called(const struct facts_builder *builder,
		      const FuncCall *call)
{
	ListCell *cell;

	foreach (cell, builder->called)
		if (((ResTarget *)lfirst(cell))->val == (const Node *)call)
			return true;
	return false;
}

static void record_set_config(struct facts_builder *builder,
			      const FuncCall *call)
{
	const char *name = constant_text(argument(call, 0));
	const char *value = constant_text(argument(call, 1));
	struct session_deed *deed;

	if (name)
		name = lower_text(builder->arena, name);
	deed = add_session_deed(builder, SESSION_SET_CONFIG_CALL, name);
	if (value)
		deed->text = arena_text(builder->arena, value);
	deed->local = may_be_true(argument(call, 2));
	deed->sure = name && value && is_boolean(argument(call, 2)) &&
		     is_called(builder, call);
	if (name)
		check_setting(builder, name, value, false);
	else if (!value || !setting_is_harmless(value))
		add_forbidden(builder, "set_config() of a computed name");
}

/* 'audit_log_id_seq', or pg_get_serial_sequence('audit_log', 'id'), which
 * is about the table as well. */
static const char *sequence_name(const Node *node)
{
	const FuncCall *call = (const FuncCall *)node;
	const char *name;

	while (node && IsA(node, TypeCast)) {
		node = ((const TypeCast *)node)->arg;
		call = (const FuncCall *)node;
	}
	if (!node || !IsA(node, FuncCall))
		return constant_text(node);
	name = string_of(llast(call->funcname));
	return name && strcmp(name, "pg_get_serial_sequence") == 0 ?
		       constant_text(argument(call, 0)) :
		       NULL;
}

/* One part of a dotted name as a regclass reads it; *at moves behind it. */
static const char *next_part(struct arena *arena, const char **at)
{
	const char *start = *at;
	char *part, *to;
	bool quoted = *start == '"';

	part = to = arena_text(arena, start);
	for (start += quoted; *start && (quoted || *start != '.'); start++) {
		if (quoted && *start == '"' && *++start != '"')
			break;
		*to++ = *start >= 'A' && *start <= 'Z' && !quoted ?
				(char)(*start + 'a' - 'A') : *start;
	}
	*to = 0;
	*at = *start == '.' ? start + 1 : NULL;
	return part;
}

static void record_setval(struct facts_builder *builder, const FuncCall *call)
{
	const char *text = sequence_name(argument(call, 0));
	const char *schema = NULL, *name = NULL;

	add_session_deed(builder, SESSION_SETVAL_CALL, NULL);
	builder->command = "setval()";
	if (!text) {
		add_forbidden(builder, "setval() of a computed name");
		return;
	}
	for (int i = 0; text && i < 3; i++) {
		schema = name;
		name = next_part(builder->arena, &text);
	}
	add_deed(builder, DEED_ALTER, schema, name);
}

/* 'Public.t[]'. What is spelled in another way is not read. */
static bool is_plain_type(const char *text)
{
	size_t plain = strspn(text, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789_ .,()[]");

	return text[0] != ' ' && !text[plain] &&
	       !(strchr(text, '.') && strchr(text, ' '));
}

static void add_type_named(struct facts_builder *builder, const char *text)
{
	char *at = lower_text(builder->arena, text);
	String parts[] = { { T_String, NULL }, { T_String, NULL } };
	ListCell cells[] = { { .ptr_value = &parts[0] },
			     { .ptr_value = &parts[1] } };
	List names = { .type = T_List, .elements = cells };

	at[strcspn(at, " [(")] = 0;
	for (names.length = 0; at && names.length < 2; names.length++)
		parts[names.length].sval = strsep(&at, ".");
	add_used(builder, &names);
}

static void forbid_call(struct facts_builder *builder, const char *name)
{
	add_forbidden(builder,
		      arena_printf(builder->arena, "calling %s()", name));
}

/* record_in('(1)', 12345, -1), pg_input_is_valid('1', 'integer') */
static void record_typed(struct facts_builder *builder, const FuncCall *call,
			 const char *name)
{
	const char *type = constant_text(argument(call, 1));

	if (list_length(call->args) != (gives_type(name) ? 2 : 3))
		return;
	if (gives_type(name) && type && is_plain_type(type))
		add_type_named(builder, type);
	else
		forbid_call(builder, name);
}

static void record_known(struct facts_builder *builder, const FuncCall *call,
			 enum function_kind kind, const char *name)
{
	struct statement_facts *statement = current_statement(builder);

	switch (kind) {
	case FUNCTION_PURE:
		if (strcmp(name, "pg_prepared_statement") == 0)
			add_session_deed(builder, SESSION_NAMES_READ, NULL);
		else if (strcmp(name, "pg_listening_channels") == 0)
			add_session_deed(builder, SESSION_CHANNELS_READ, NULL);
		break;
	case FUNCTION_SEED:
		add_session_deed(builder, SESSION_SEED_CALL, NULL);
		break;
	case FUNCTION_WRITES:
		statement->reads_only = false;
		break;
	case FUNCTION_LOCK:
		add_session_deed(builder, SESSION_LOCK_CALL, name);
		break;
	case FUNCTION_SEQUENCE:
		add_session_deed(builder, SESSION_SEQUENCE_CALL, name);
		break;
	case FUNCTION_SET_CONFIG:
		record_set_config(builder, call);
		break;
	case FUNCTION_SETVAL:
		record_setval(builder, call);
		break;
	case FUNCTION_DANGEROUS:
		/* with three arguments it is given no text to run */
		if (strcmp(name, "ts_rewrite") == 0 &&
		    list_length(call->args) == 3)
			break;
		forbid_call(builder, name);
		statement->opaque = true;
		statement->reads_only = false;
		break;
	case FUNCTION_TYPED:
		record_typed(builder, call, name);
		/* fall through */
	case FUNCTION_UNKNOWN:
		statement->opaque = true;
		statement->reads_only = false;
		break;
	}
}

void record_call(struct facts_builder *builder, const FuncCall *call)
{
	int length = list_length(call->funcname);
	const char *name = string_of(list_nth(call->funcname, length - 1));
	const char *schema =
		length > 1 ? string_of(list_nth(call->funcname, length - 2)) :
			     NULL;

	if (!name)
		return;
	add_called(builder, call->funcname);
	record_known(builder, call, function_kind(schema, name), name);
}

static void record_attribute(struct facts_builder *builder, Node *of,
			     Node *name)
{
	ListCell field = { .ptr_value = name }, only = { .ptr_value = of };
	List names = { .type = T_List, .length = 1, .elements = &field };
	List arguments = { .type = T_List, .length = 1, .elements = &only };
	const FuncCall call = { .type = T_FuncCall, .funcname = &names,
				.args = &arguments };
	enum function_kind kind = function_kind(NULL, string_of(name));

	add_attribute(builder, &names);
	if (kind != FUNCTION_UNKNOWN)
		record_known(builder, &call, kind, string_of(name));
}

void record_attributes(struct facts_builder *builder,
		       const A_Indirection *indirection)
{
	ListCell *cell;

	foreach (cell, indirection->indirection)
		if (IsA(lfirst(cell), String))
			record_attribute(builder, indirection->arg,
					 lfirst(cell));
}
