/*
 * System views over pg_catalog, and information_schema, as SQL.
 *
 * The former are views of SQLite's. The latter cannot be: a view sees only
 * its own database; so their rows are copied when the catalogs are filled.
 * information_schema shows only what the user may see, which is everything.
 */
#include "pool/sqlite/catalog_views.h"

#include <stddef.h>

#define VIEW(name) "CREATE VIEW pg_catalog." name " AS "

const char *const catalog_views[] = {
	VIEW("pg_tables") "SELECT n.nspname AS schemaname, c.relname AS"
	" tablename, pg_get_userbyid(c.relowner) AS tableowner,"
	" NULL AS tablespace, c.relhasindex AS hasindexes,"
	" c.relhasrules AS hasrules, c.relhastriggers AS hastriggers,"
	" c.relrowsecurity AS rowsecurity FROM pg_class c"
	" LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.relkind IN ('r', 'p')",
	VIEW("pg_views") "SELECT n.nspname AS schemaname, c.relname AS"
	" viewname, pg_get_userbyid(c.relowner) AS viewowner,"
	" pg_get_viewdef(c.oid) AS definition FROM pg_class c"
	" LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.relkind = 'v'",
	VIEW("pg_matviews") "SELECT n.nspname AS schemaname, c.relname AS"
	" matviewname, pg_get_userbyid(c.relowner) AS matviewowner,"
	" NULL AS tablespace, c.relhasindex AS hasindexes,"
	" c.relispopulated AS ispopulated, pg_get_viewdef(c.oid) AS definition"
	" FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.relkind = 'm'",
	VIEW("pg_indexes") "SELECT n.nspname AS schemaname, c.relname AS"
	" tablename, i.relname AS indexname, NULL AS tablespace,"
	" pg_get_indexdef(i.oid) AS indexdef FROM pg_index x"
	" JOIN pg_class c ON c.oid = x.indrelid"
	" JOIN pg_class i ON i.oid = x.indexrelid"
	" LEFT JOIN pg_namespace n ON n.oid = c.relnamespace",
	/* what initdb granted: nobody grants anything else */
	VIEW("pg_init_privs") "SELECT oid AS objoid, 1255 AS classoid,"
	" 0 AS objsubid, 'i' AS privtype, proacl AS initprivs FROM pg_proc"
	" WHERE proacl IS NOT NULL UNION ALL SELECT oid, 2615, 0, 'i', nspacl"
	" FROM pg_namespace WHERE nspacl IS NOT NULL"
	" AND nspname IN ('pg_catalog', 'information_schema')",
	VIEW("pg_sequences") "SELECT n.nspname AS schemaname, c.relname AS"
	" sequencename, pg_get_userbyid(c.relowner) AS sequenceowner,"
	" s.seqtypid AS data_type, s.seqstart AS start_value,"
	" s.seqmin AS min_value, s.seqmax AS max_value,"
	" s.seqincrement AS increment_by, s.seqcycle AS cycle,"
	" s.seqcache AS cache_size,"
	" pg_sequence_last_value(s.seqrelid) AS last_value FROM pg_sequence s"
	" JOIN pg_class c ON c.oid = s.seqrelid"
	" LEFT JOIN pg_namespace n ON n.oid = c.relnamespace",
	VIEW("pg_roles") "SELECT rolname, rolsuper, rolinherit,"
	" rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
	" rolconnlimit, '********' AS rolpassword, rolvaliduntil,"
	" rolbypassrls, NULL AS rolconfig, oid FROM pg_authid",
	VIEW("pg_shadow") "SELECT rolname AS usename, oid AS usesysid,"
	" rolcreatedb AS usecreatedb, rolsuper AS usesuper,"
	" rolreplication AS userepl, rolbypassrls AS usebypassrls,"
	" rolpassword AS passwd, rolvaliduntil AS valuntil,"
	" NULL AS useconfig FROM pg_authid WHERE rolcanlogin",
	VIEW("pg_user") "SELECT usename, usesysid, usecreatedb, usesuper,"
	" userepl, usebypassrls, '********' AS passwd, valuntil, useconfig"
	" FROM pg_shadow",
	VIEW("pg_group") "SELECT rolname AS groname, oid AS grosysid,"
	" '{}' AS grolist FROM pg_authid WHERE NOT rolcanlogin",
	VIEW("pg_database") "SELECT oid, name AS datname, 10 AS datdba, 6 AS encoding, 'c' AS datlocprovider,"
	" 0 AS datistemplate, 1 AS datallowconn, -1 AS datconnlimit,"
	" 726 AS datfrozenxid, 1 AS datminmxid, 1663 AS dattablespace,"
	" 'C' AS datcollate, 'C' AS datctype, NULL AS daticulocale,"
	" NULL AS datcollversion, NULL AS datacl FROM pg_session_databases",
	VIEW("pg_stat_user_tables") "SELECT c.oid AS relid, n.nspname AS"
	" schemaname, c.relname AS relname, 0 AS seq_scan, 0 AS seq_tup_read,"
	" 0 AS idx_scan, 0 AS idx_tup_fetch, 0 AS n_tup_ins, 0 AS n_tup_upd,"
	" 0 AS n_tup_del, 0 AS n_tup_hot_upd, 0 AS n_live_tup,"
	" 0 AS n_dead_tup, 0 AS n_mod_since_analyze,"
	" 0 AS n_ins_since_vacuum, NULL AS last_vacuum,"
	" NULL AS last_autovacuum, NULL AS last_analyze,"
	" NULL AS last_autoanalyze, 0 AS vacuum_count,"
	" 0 AS autovacuum_count, 0 AS analyze_count, 0 AS autoanalyze_count"
	" FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.relkind = 'r' AND c.oid >= 16384",
	VIEW("pg_stat_all_indexes") "SELECT c.oid AS relid, i.oid AS"
	" indexrelid, n.nspname AS schemaname, c.relname AS relname,"
	" i.relname AS indexrelname, 0 AS idx_scan, 0 AS idx_tup_read,"
	" 0 AS idx_tup_fetch FROM pg_index x JOIN pg_class c"
	" ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
	" LEFT JOIN pg_namespace n ON n.oid = c.relnamespace",
	VIEW("pg_stat_user_indexes") "SELECT * FROM pg_stat_all_indexes"
	" WHERE relid >= 16384",
	VIEW("pg_stat_activity") "SELECT d.oid AS datid, d.datname AS"
	" datname, s.pid AS pid, NULL AS leader_pid, 10 AS usesysid,"
	" pg_get_userbyid(10) AS usename, (SELECT setting FROM"
	" pg_session_settings WHERE name = 'application_name') AS"
	" application_name, NULL AS client_addr, NULL AS client_hostname,"
	" NULL AS client_port, s.xact_start AS backend_start,"
	" s.xact_start AS xact_start, s.query_start AS query_start,"
	" s.query_start AS state_change, NULL AS wait_event_type,"
	" NULL AS wait_event, 'active' AS state, NULL AS backend_xid,"
	" NULL AS backend_xmin, NULL AS query_id, s.query AS query,"
	" 'client backend' AS backend_type FROM pg_session_activity s"
	" LEFT JOIN pg_database d ON d.datname = pg_catalog_database()",
	VIEW("pg_cursors") "SELECT name, statement, is_holdable, is_binary,"
	" is_scrollable, made AS creation_time FROM pg_session_cursors",
	VIEW("pg_prepared_statements") "SELECT name, statement, prepared AS"
	" prepare_time, types AS parameter_types, from_sql,"
	" 0 AS generic_plans, 0 AS custom_plans FROM pg_session_statements",
	VIEW("pg_locks") "SELECT 'advisory' AS locktype, 5 AS database,"
	" NULL AS relation, NULL AS page, NULL AS tuple, NULL AS virtualxid,"
	" NULL AS transactionid, classid, objid, objsubid,"
	" pid || '/0' AS virtualtransaction, pid, mode, 1 AS granted,"
	" 0 AS fastpath, NULL AS waitstart FROM pg_session_locks",
	VIEW("pg_settings") "SELECT name, setting, unit, '' AS category,"
	" description AS short_desc, NULL AS extra_desc, context, vartype,"
	" source, minimum AS min_val, maximum AS max_val,"
	" choices AS enumvals, boot AS boot_val, reset AS reset_val,"
	" NULL AS sourcefile, NULL AS sourceline, 0 AS pending_restart"
	" FROM pg_session_settings",
	NULL,
};

#define DATABASE "pg_catalog_database()"
#define INFO(table) "INSERT INTO information_schema." table " "
/* ?1: the user's objects, or the catalogs' own */
#define MINE(oid) "(" oid " >= 16384) = ?1"

/* The owner may do everything, and there is no other user. */
#define GRANTS \
	"SELECT pg_get_userbyid(10), pg_get_userbyid(10), " DATABASE "," \
	" n.nspname, c.relname, p.value, 'YES', CASE p.value WHEN 'SELECT'" \
	" THEN 'YES' ELSE 'NO' END FROM pg_catalog.pg_class c" \
	" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace" \
	" JOIN json_each('[\"INSERT\", \"SELECT\", \"UPDATE\", \"DELETE\"," \
	" \"TRUNCATE\", \"REFERENCES\", \"TRIGGER\"]') p" \
	" WHERE c.relkind IN ('r', 'v') AND c.oid >= 16384"

#define TYPE_NAME(oid) \
	"CASE WHEN (SELECT y.typelem <> 0 AND y.typlen = -1 FROM" \
	" pg_catalog.pg_type y WHERE y.oid = " oid ") THEN 'ARRAY'" \
	" WHEN " oid " >= 16384 THEN 'USER-DEFINED'" \
	" ELSE pg_format_type(" oid ", NULL) END"

/* Lengths and precisions of a type and its modifier. */
#define DETAILS(oid, modifier) \
	" CASE WHEN " oid " IN (1042, 1043) AND " modifier " > 0" \
	" THEN " modifier " - 4 END," \
	" CASE WHEN " oid " IN (1042, 1043) AND " modifier " > 0" \
	" THEN 4 * (" modifier " - 4) WHEN " oid " IN (25, 1042, 1043)" \
	" THEN 1073741824 END," \
	" CASE " oid " WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64" \
	" WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN" \
	" " modifier " > 0 THEN (" modifier " - 4) >> 16 & 65535 END END," \
	" CASE WHEN " oid " IN (20, 21, 23, 700, 701) THEN 2" \
	" WHEN " oid " = 1700 THEN 10 END," \
	" CASE WHEN " oid " IN (20, 21, 23) THEN 0 WHEN " oid " = 1700" \
	" AND " modifier " > 0 THEN (" modifier " - 4) & 2047 END," \
	" CASE WHEN " oid " = 1082 THEN 0 WHEN " oid " IN (1083, 1114," \
	" 1184, 1266, 1186) THEN CASE WHEN " modifier " >= 0 AND" \
	" " oid " <> 1186 THEN " modifier " ELSE 6 END END"

/* A column of a domain is described by the domain's base type. */
#define COLUMN_TYPE \
	"(CASE WHEN dt.typtype = 'd' THEN dt.typbasetype ELSE a.atttypid END)"
#define COLUMN_MODIFIER \
	"(CASE WHEN dt.typtype = 'd' THEN dt.typtypmod ELSE a.atttypmod END)"

const struct catalog_information catalog_information[] = {
	{ "information_schema_catalog_name", NULL,
	  INFO("information_schema_catalog_name") "SELECT " DATABASE },
	{ "schemata", NULL,
	  INFO("schemata") "SELECT " DATABASE ", nspname, pg_get_userbyid(10),"
	  " NULL, NULL, NULL, NULL FROM pg_catalog.pg_namespace"
	  " WHERE nspname NOT IN ('pg_temp_1', 'pg_toast_temp_1')" },
	{ "tables", "table_schema",
	  INFO("tables") "SELECT " DATABASE ", n.nspname, c.relname,"
	  " CASE WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY'"
	  " WHEN c.relkind = 'v' THEN 'VIEW' ELSE 'BASE TABLE' END,"
	  " NULL, NULL, NULL, NULL, NULL,"
	  " CASE WHEN c.relkind = 'r' THEN 'YES' ELSE 'NO' END, 'NO', NULL"
	  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v') AND "
	  MINE("c.oid") },
	{ "views", "table_schema",
	  INFO("views") "SELECT " DATABASE ", n.nspname, c.relname,"
	  " pg_get_viewdef(c.oid), 'NONE', 'NO', 'NO', 'NO', 'NO', 'NO'"
	  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND "
	  MINE("c.oid") },
	{ "columns", "table_schema",
	  INFO("columns") "(table_catalog, table_schema, table_name,"
	  " column_name, ordinal_position, column_default, is_nullable,"
	  " data_type, character_maximum_length, character_octet_length,"
	  " numeric_precision, numeric_precision_radix, numeric_scale,"
	  " datetime_precision, collation_catalog, collation_schema,"
	  " collation_name, udt_catalog, udt_schema, udt_name,"
	  " dtd_identifier, is_self_referencing, is_identity,"
	  " identity_generation, identity_start, identity_increment,"
	  " identity_maximum, identity_minimum, identity_cycle,"
	  " is_generated, generation_expression, is_updatable,"
	  " domain_catalog, domain_schema, domain_name)"
	  " SELECT " DATABASE ", n.nspname, c.relname, a.attname, a.attnum,"
	  " CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, c.oid) END,"
	  " CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END, "
	  TYPE_NAME(COLUMN_TYPE) "," DETAILS(COLUMN_TYPE, COLUMN_MODIFIER)
	  ", CASE WHEN o.oid <> 100 THEN " DATABASE " END,"
	  " CASE WHEN o.oid <> 100 THEN 'pg_catalog' END,"
	  " CASE WHEN o.oid <> 100 THEN o.collname END, "
	  DATABASE ", tn.nspname, t.typname, a.attnum, 'NO',"
	  " CASE WHEN a.attidentity = '' THEN 'NO' ELSE 'YES' END,"
	  " CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN"
	  " 'BY DEFAULT' END, CAST(s.seqstart AS TEXT),"
	  " CAST(s.seqincrement AS TEXT), CAST(s.seqmax AS TEXT),"
	  " CAST(s.seqmin AS TEXT),"
	  " CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END,"
	  " CASE WHEN a.attgenerated = '' THEN 'NEVER' ELSE 'ALWAYS' END,"
	  " CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, c.oid) END,"
	  " CASE WHEN c.relkind = 'r' THEN 'YES' ELSE 'NO' END,"
	  " CASE WHEN dn.oid THEN " DATABASE " END, dn.nspname,"
	  " CASE WHEN dn.oid THEN dt.typname END"
	  " FROM pg_catalog.pg_class c CROSS JOIN pg_catalog.pg_attribute a"
	  " ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
	  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	  " LEFT JOIN pg_catalog.pg_type dt ON dt.oid = a.atttypid"
	  " LEFT JOIN pg_catalog.pg_namespace dn ON dt.typtype = 'd' AND"
	  " dn.oid = dt.typnamespace"
	  " LEFT JOIN pg_catalog.pg_type t ON t.oid = " COLUMN_TYPE
	  " LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace"
	  " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND"
	  " d.adnum = a.attnum"
	  " LEFT JOIN pg_catalog.pg_depend p ON p.refobjid = c.oid AND"
	  " p.refobjsubid = a.attnum AND p.deptype = 'i' AND"
	  " a.attidentity <> ''"
	  " LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = p.objid"
	  " LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation"
	  " WHERE c.relkind IN ('r', 'v') AND " MINE("c.oid") },
	{ "domains", NULL,
	  INFO("domains") "(domain_catalog, domain_schema, domain_name,"
	  " data_type, character_maximum_length, character_octet_length,"
	  " numeric_precision, numeric_precision_radix, numeric_scale,"
	  " datetime_precision, domain_default, udt_catalog, udt_schema,"
	  " udt_name, dtd_identifier)"
	  " SELECT " DATABASE ", n.nspname, t.typname, "
	  TYPE_NAME("t.typbasetype") ","
	  DETAILS("t.typbasetype", "t.typtypmod") ", t.typdefault, "
	  DATABASE ", bn.nspname, b.typname, 1"
	  " FROM pg_catalog.pg_type t"
	  " JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
	  " JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype"
	  " JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace"
	  " WHERE t.typtype = 'd' AND t.oid >= 16384" },
	{ "table_constraints", NULL,
	  INFO("table_constraints") "SELECT " DATABASE ", n.nspname,"
	  " k.conname, " DATABASE ", n.nspname, c.relname,"
	  " CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE'"
	  " WHEN 'f' THEN 'FOREIGN KEY' ELSE 'CHECK' END,"
	  " CASE WHEN k.condeferrable THEN 'YES' ELSE 'NO' END,"
	  " CASE WHEN k.condeferred THEN 'YES' ELSE 'NO' END, 'YES',"
	  " CASE WHEN k.contype = 'u' THEN 'YES' END"
	  " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c"
	  " ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = k.connamespace UNION ALL"
	  " SELECT " DATABASE ", n.nspname, n.oid || '_' || c.oid || '_' ||"
	  " a.attnum || '_not_null', " DATABASE ", n.nspname, c.relname,"
	  " 'CHECK', 'NO', 'NO', 'YES', NULL FROM pg_catalog.pg_class c"
	  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND"
	  " a.attnotnull AND a.attnum > 0 JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND"
	  " c.oid >= 16384" },
	{ "key_column_usage", NULL,
	  INFO("key_column_usage") "SELECT " DATABASE ", n.nspname, k.conname,"
	  " " DATABASE ", n.nspname, c.relname, a.attname, j.key + 1,"
	  " CASE WHEN k.contype = 'f' THEN (SELECT u.key + 1 FROM"
	  " pg_catalog.pg_index x, json_each('[' || replace(x.indkey, ' ',"
	  " ',') || ']') u WHERE x.indexrelid = k.conindid AND u.value ="
	  " (SELECT f.value FROM json_each(replace(replace(k.confkey, '{',"
	  " '['), '}', ']')) f WHERE f.key = j.key)) END"
	  " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c"
	  " ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = k.connamespace JOIN json_each(replace(replace("
	  "k.conkey, '{', '['), '}', ']')) j"
	  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND"
	  " a.attnum = j.value WHERE k.contype IN ('p', 'u', 'f')" },
	{ "constraint_column_usage", NULL,
	  INFO("constraint_column_usage") "SELECT DISTINCT " DATABASE ","
	  " n.nspname, c.relname, a.attname, " DATABASE ", kn.nspname,"
	  " k.conname FROM pg_catalog.pg_constraint k"
	  " JOIN pg_catalog.pg_namespace kn ON kn.oid = k.connamespace"
	  " JOIN pg_catalog.pg_class c ON c.oid = CASE WHEN k.contype = 'f'"
	  " THEN k.confrelid ELSE k.conrelid END"
	  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	  " JOIN json_each(replace(replace(CASE WHEN k.contype = 'f' THEN"
	  " k.confkey ELSE k.conkey END, '{', '['), '}', ']')) j"
	  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND"
	  " a.attnum = j.value" },
	{ "constraint_table_usage", NULL,
	  INFO("constraint_table_usage") "SELECT " DATABASE ", n.nspname,"
	  " c.relname, " DATABASE ", kn.nspname, k.conname"
	  " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace kn"
	  " ON kn.oid = k.connamespace JOIN pg_catalog.pg_class c ON c.oid ="
	  " CASE WHEN k.contype = 'f' THEN k.confrelid ELSE k.conrelid END"
	  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	  " WHERE k.contype IN ('p', 'u', 'f')" },
	{ "referential_constraints", NULL,
	  INFO("referential_constraints") "SELECT " DATABASE ", n.nspname,"
	  " k.conname, " DATABASE ", un.nspname, u.conname,"
	  " CASE k.confmatchtype WHEN 'f' THEN 'FULL' ELSE 'NONE' END,"
	  " CASE k.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN"
	  " 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT'"
	  " ELSE 'NO ACTION' END, CASE k.confdeltype WHEN 'c' THEN 'CASCADE'"
	  " WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'"
	  " WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END"
	  " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = k.connamespace LEFT JOIN pg_catalog.pg_constraint u"
	  " ON u.conindid = k.conindid AND u.contype IN ('p', 'u')"
	  " LEFT JOIN pg_catalog.pg_namespace un ON un.oid = u.connamespace"
	  " WHERE k.contype = 'f'" },
	{ "check_constraints", NULL,
	  INFO("check_constraints") "SELECT " DATABASE ", n.nspname,"
	  " k.conname, substr(pg_get_constraintdef(k.oid), 7) FROM"
	  " pg_catalog.pg_constraint k"
	  " JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace"
	  " WHERE k.contype = 'c' AND k.oid >= 16384"
	  " UNION ALL SELECT " DATABASE ", n.nspname,"
	  " n.oid || '_' || c.oid || '_' || a.attnum || '_not_null',"
	  " a.attname || ' IS NOT NULL' FROM pg_catalog.pg_class c"
	  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND"
	  " a.attnotnull AND a.attnum > 0 JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND"
	  " c.oid >= 16384" },
	{ "sequences", NULL,
	  INFO("sequences") "SELECT " DATABASE ", n.nspname, c.relname,"
	  " pg_format_type(s.seqtypid, NULL), CASE s.seqtypid WHEN 21 THEN 16"
	  " WHEN 23 THEN 32 ELSE 64 END, 2, 0, CAST(s.seqstart AS TEXT),"
	  " CAST(s.seqmin AS TEXT), CAST(s.seqmax AS TEXT),"
	  " CAST(s.seqincrement AS TEXT),"
	  " CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END"
	  " FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c"
	  " ON c.oid = s.seqrelid JOIN pg_catalog.pg_namespace n"
	  " ON n.oid = c.relnamespace WHERE NOT EXISTS (SELECT 1 FROM"
	  " pg_catalog.pg_depend d WHERE d.objid = c.oid AND"
	  " d.deptype = 'i')" },
	{ "table_privileges", NULL, INFO("table_privileges") GRANTS },
	{ "role_table_grants", NULL, INFO("role_table_grants") GRANTS },
	{ "collations", NULL,
	  INFO("collations") "SELECT " DATABASE ", n.nspname, k.collname,"
	  " 'NO PAD' FROM pg_catalog.pg_collation k JOIN"
	  " pg_catalog.pg_namespace n ON n.oid = k.collnamespace"
	  " WHERE k.collencoding IN (-1, 6)" },
	{ "enabled_roles", NULL,
	  INFO("enabled_roles") "SELECT pg_get_userbyid(10)" },
	{ "applicable_roles", NULL,
	  INFO("applicable_roles") "SELECT pg_get_userbyid(10),"
	  " pg_get_userbyid(10), 'NO'" },
	{ NULL, NULL, NULL },
};
