/*
 * The findings. What only a human can decide has no remedy: a view, a foreign
 * key, a membership that gives other rights too, code that runs as another.
 */
#include "proxy/audit_findings_parts.h"

#include <stddef.h>

/* Weir's role, and who owned the thing until now: both keep their grants. */
#define KEEPERS(owner) \
	"me.sql || coalesce((SELECT ', ' || quote_ident(k.rolname)" \
	" FROM pg_roles k WHERE k.oid = " owner " AND k.oid <> me.oid" \
	" AND k.rolname NOT IN ('pg_database_owner', me.owner_name)), '')"

#define IS_MINE(role) role " IN (SELECT oid FROM mine)"

/* Stopped by triggers, whoever it is that comes. */
#define HIGH_UNLESS(safe) "CASE WHEN " safe " THEN 'medium' ELSE 'high' END"

/* The order of remedies: owners, then what owners grant, triggers from the
 * roots down (100 and more), and the role's own attributes last. */
#define STEP_MEMBER "10"
#define STEP_OWNER "20"
#define STEP_GRANT "40"
#define STEP_ROLE "900"

const char *const audit_rows[] = {
	/* --- the role ---------------------------------------------------- */

	"SELECT 'critical', 'no such role', a.role, '', '', 0 FROM asked a"
	" WHERE NOT EXISTS (SELECT FROM me)",

	"SELECT 'critical', 'role attribute', v.word, '',"
	" CASE WHEN me.oid = 10 THEN ''"
	" ELSE format('ALTER ROLE %s NO%s;', me.sql, v.word) END,"
	" " STEP_ROLE " FROM me, LATERAL (VALUES (rolsuper, 'SUPERUSER'),"
	" (rolbypassrls, 'BYPASSRLS'), (rolreplication, 'REPLICATION'),"
	" (rolcreaterole, 'CREATEROLE')) v(yes, word) WHERE v.yes",

	"SELECT 'critical', 'may become a role with ' || v.word, g.rolname,"
	" '', '', 0 FROM me, pg_roles g,"
	" LATERAL (VALUES (g.rolsuper, 'SUPERUSER'),"
	" (g.rolbypassrls, 'BYPASSRLS'), (g.rolreplication, 'REPLICATION'),"
	" (g.rolcreaterole, 'CREATEROLE')) v(yes, word)"
	" WHERE v.yes AND g.oid <> me.oid AND " IS_MINE("g.oid"),

	"SELECT 'critical', 'member of', g.rolname, '',"
	" CASE WHEN EXISTS (SELECT FROM edges e WHERE e.member = me.oid"
	" AND e.roleid = g.oid)"
	" THEN format('REVOKE %I FROM %s;', g.rolname, me.sql) ELSE '' END,"
	" " STEP_MEMBER " FROM me, pg_roles g WHERE " IS_MINE("g.oid")
	" AND g.rolname IN ('pg_write_all_data', 'pg_execute_server_program',"
	" 'pg_write_server_files', 'pg_maintain')",

	"SELECT 'critical', 'may become the owner to be', g.rolname, '',"
	" CASE WHEN EXISTS (SELECT FROM edges e WHERE e.member = me.oid"
	" AND e.roleid = g.oid)"
	" THEN format('REVOKE %I FROM %s;', g.rolname, me.sql) ELSE '' END,"
	" " STEP_MEMBER " FROM me, pg_roles g"
	" WHERE g.rolname = me.owner_name AND " IS_MINE("g.oid"),

	"SELECT " HIGH_UNLESS("all_safe.yes") ","
	" 'may set session_replication_role', me.sql, '',"
	" format('REVOKE SET, ALTER SYSTEM ON PARAMETER"
	" session_replication_role FROM PUBLIC, %s CASCADE;', me.sql),"
	" " STEP_GRANT " FROM me, all_safe, parameter"
	" WHERE parameter.held AND NOT me.rolsuper",

	"SELECT 'high', 'may call', f.oid::regprocedure::text, '',"
	" format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %s CASCADE;',"
	" f.oid::regprocedure, me.sql), " STEP_GRANT
	" FROM me, pg_proc f WHERE NOT me.rolsuper AND f.proname IN"
	" ('lo_export', 'pg_file_write', 'pg_file_rename', 'pg_file_unlink',"
	" 'heap_force_kill', 'heap_force_freeze', 'dblink_connect_u')"
	" AND (f.pronamespace = 'pg_catalog'::regnamespace OR EXISTS ("
	"SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass"
	" AND d.objid = f.oid AND d.deptype = 'e'))"
	" AND has_function_privilege(me.oid, f.oid, 'EXECUTE')",

	/* --- owners ------------------------------------------------------- */

	"SELECT 'critical', 'owns the database', d.datname, '',"
	" format(E'ALTER DATABASE %1$I OWNER TO %2$s;\\n"
	"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %1$I TO %3$s;',"
	" d.datname, me.owner, " KEEPERS("d.datdba") "), " STEP_OWNER
	" FROM me, pg_database d WHERE d.datname = current_database()"
	" AND " IS_MINE("d.datdba"),

	/* as the owner of the database: then it goes with the database */
	"SELECT CASE WHEN h.own THEN 'critical' ELSE 'high' END,"
	" 'owns the schema', s.nspname, '',"
	" CASE WHEN s.nspowner = to_regrole('pg_database_owner') THEN ''"
	" ELSE format(E'ALTER SCHEMA %I OWNER TO %s;\\n', s.nspname, me.owner)"
	" END || format('GRANT USAGE, CREATE ON SCHEMA %I TO %s;',"
	" s.nspname, " KEEPERS("s.nspowner") "), " STEP_OWNER
	" FROM me, homes h JOIN pg_namespace s ON s.oid = h.oid"
	" WHERE s.nspname NOT IN ('pg_catalog', 'information_schema')"
	" AND " IS_MINE("s.nspowner"),

	"SELECT 'critical', CASE WHEN b.depth = 0 THEN 'owns the table'"
	" ELSE 'owns a partition or child' END, b.name, b.root_name,"
	" format(E'ALTER TABLE %1$s OWNER TO %2$s;\\n"
	"GRANT USAGE ON SCHEMA %3$s TO %2$s;\\n"
	"GRANT SELECT, INSERT%4$s ON %1$s TO %5$s;', b.name, me.owner,"
	" b.relnamespace::regnamespace,"
	" CASE WHEN b.cond IS NULL THEN '' ELSE ', DELETE' END,"
	" " KEEPERS("b.relowner") "), " STEP_OWNER
	" FROM me, body b WHERE " IS_MINE("b.relowner"),

	"SELECT 'critical', 'owns a parent of the table', p.name,"
	" p.root_name, '', 0 FROM parents p WHERE " IS_MINE("p.relowner"),

	"SELECT 'high', 'owns the type of a column',"
	" format('%s.%I: %s', t.rel::regclass, t.att, y.oid::regtype),"
	" t.rel::regclass::text, CASE"
	" WHEN y.typtype = 'm' OR (y.typtype = 'c' AND (SELECT c.relkind"
	" FROM pg_class c WHERE c.oid = y.typrelid) <> 'c') THEN ''"
	" ELSE format('ALTER %s %s OWNER TO %s;', CASE y.typtype"
	" WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, y.oid::regtype, me.owner)"
	" END, " STEP_OWNER " FROM me, types t JOIN pg_type y ON y.oid = t.oid"
	" WHERE y.oid >= 16384 AND " IS_MINE("y.typowner")
	" AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = y.oid)",

	"SELECT 'high', 'owns a function the table uses',"
	" f.oid::regprocedure::text, '', CASE WHEN f.prosecdef THEN ''"
	" ELSE format(E'ALTER ROUTINE %1$s OWNER TO %2$s;\\n"
	"GRANT EXECUTE ON ROUTINE %1$s TO %3$s;', f.oid::regprocedure,"
	" me.owner, " KEEPERS("f.proowner") ") END, " STEP_OWNER
	" FROM me, functions f WHERE " IS_MINE("f.proowner"),

	"SELECT 'high', 'owns a sequence of the table', s.name, s.root_name,"
	" CASE WHEN s.elsewhere THEN '' ELSE format("
	"E'ALTER SEQUENCE %1$s OWNER TO %2$s;\\n"
	"GRANT USAGE, SELECT ON SEQUENCE %1$s TO %3$s;', s.name, me.owner,"
	" " KEEPERS("s.relowner") ") END, " STEP_OWNER
	" FROM me, sequences s WHERE " IS_MINE("s.relowner")
	" AND (s.elsewhere OR NOT s.linked)",

	"SELECT CASE WHEN EXISTS (SELECT FROM pg_depend d"
	" WHERE d.refclassid = 'pg_extension'::regclass"
	" AND d.refobjid = e.oid AND d.deptype = 'e'"
	" AND (d.classid = 'pg_type'::regclass"
	" AND d.objid IN (SELECT oid FROM types)"
	" OR d.classid = 'pg_proc'::regclass"
	" AND d.objid IN (SELECT oid FROM functions)))"
	" THEN 'high' ELSE 'medium' END, 'owns the extension', e.extname, '',"
	" '', 0 FROM pg_extension e WHERE e.oid >= 16384"
	" AND " IS_MINE("e.extowner"),

	/* --- grants ------------------------------------------------------- */

	"SELECT 'critical', 'holds ' || p.word || CASE WHEN b.depth = 0 THEN ''"
	" ELSE ' on a partition or child' END, b.name, b.root_name, h.remedy,"
	" " STEP_GRANT " FROM me, body b JOIN holders h ON h.oid = b.oid"
	" JOIN locks l ON l.oid = b.oid,"
	" unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p(word)"
	" WHERE has_table_privilege(me.oid, b.oid, p.word)"
	" AND NOT (p.word = 'DELETE' AND b.cond IS NOT NULL AND l.state = 2)",

	"SELECT 'critical', 'holds UPDATE on a column', b.name, b.root_name,"
	" h.remedy, " STEP_GRANT
	" FROM me, body b JOIN holders h ON h.oid = b.oid"
	" WHERE NOT has_table_privilege(me.oid, b.oid, 'UPDATE')"
	" AND has_any_column_privilege(me.oid, b.oid, 'UPDATE')",

	"SELECT CASE WHEN p.safe THEN 'medium' ELSE 'critical' END,"
	" 'holds ' || v.word || ' on a parent', p.name, p.root_name, '', 0"
	" FROM me, parents p,"
	" unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) v(word)"
	" WHERE has_table_privilege(me.oid, p.oid, v.word)",

	"SELECT 'high', 'may become a role that holds ' || p.word,"
	" format('%s on %s', g.rolname, b.name), b.root_name, h.remedy,"
	" " STEP_GRANT " FROM me, body b JOIN holders h ON h.oid = b.oid"
	" JOIN locks l ON l.oid = b.oid, pg_roles g,"
	" unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p(word)"
	" WHERE g.oid <> me.oid AND " IS_MINE("g.oid")
	" AND (has_table_privilege(g.oid, b.oid, p.word) OR p.word = 'UPDATE'"
	" AND has_any_column_privilege(g.oid, b.oid, 'UPDATE'))"
	" AND NOT has_table_privilege(me.oid, b.oid, p.word)"
	" AND NOT (p.word = 'DELETE' AND b.cond IS NOT NULL AND l.state = 2)",

	"SELECT 'medium', 'may move the sequence', s.name, s.root_name,"
	" CASE WHEN s.elsewhere THEN '' ELSE format(E'REVOKE UPDATE ON SEQUENCE"
	" %1$s FROM PUBLIC, %2$s%3$s CASCADE;%4$s', s.name, me.sql,"
	" (SELECT string_agg(DISTINCT ', ' || quote_ident(g.rolname), '')"
	" FROM pg_class c, aclexplode(c.relacl) x"
	" JOIN pg_roles g ON g.oid = x.grantee WHERE c.oid = s.oid"
	" AND g.oid <> me.oid AND g.oid <> s.relowner AND " IS_MINE("g.oid")
	" AND g.rolname <> me.owner_name),"
	" CASE WHEN has_sequence_privilege(me.oid, s.oid, 'USAGE') THEN"
	" format(E'\\nGRANT USAGE, SELECT ON SEQUENCE %s TO %s;', s.name, "
	KEEPERS("s.relowner") ") END) END, " STEP_GRANT
	" FROM me, sequences s"
	" WHERE has_sequence_privilege(me.oid, s.oid, 'UPDATE')",

	"SELECT 'medium', 'tables to come are granted to it',"
	" format('%s of %s', x.privilege_type, o.rolname), '',"
	" format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s REVOKE UPDATE,"
	" DELETE, TRUNCATE, TRIGGER ON TABLES FROM %s;', o.rolname,"
	" (SELECT format(' IN SCHEMA %I', s.nspname) FROM pg_namespace s"
	" WHERE s.oid = a.defaclnamespace), CASE WHEN x.grantee = 0"
	" THEN 'PUBLIC' ELSE (SELECT quote_ident(g.rolname) FROM pg_roles g"
	" WHERE g.oid = x.grantee) END), " STEP_GRANT
	" FROM pg_default_acl a JOIN pg_roles o ON o.oid = a.defaclrole,"
	" aclexplode(a.defaclacl) x WHERE a.defaclobjtype = 'r'"
	" AND a.defaclrole IN (SELECT relowner FROM body)"
	" AND NOT " IS_MINE("a.defaclrole")
	" AND (x.grantee = 0 OR " IS_MINE("x.grantee") ")"
	" AND x.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')",

	/* --- ways through other objects ------------------------------------- */

	"SELECT " HIGH_UNLESS("s.yes") ", 'foreign key acts on the table',"
	" format('%s <- %s: %I on delete %s on update %s', k.dst::regclass,"
	" k.src::regclass, k.name, w.words[1], w.words[2]),"
	" k.root::regclass::text, '', 0 FROM keys k"
	" JOIN safe s ON s.root = k.root, LATERAL (SELECT array_agg(CASE a"
	" WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null'"
	" WHEN 'd' THEN 'set default' WHEN 'r' THEN 'restrict'"
	" ELSE 'no action' END ORDER BY n) AS words"
	" FROM unnest(string_to_array(k.acts, NULL)) WITH ORDINALITY x(a, n)"
	") w",

	"SELECT CASE WHEN v.relkind = 'm' OR NOT v.able THEN 'info'"
	" WHEN v.safe THEN 'medium' ELSE 'high' END,"
	" 'view or rule over the table', v.oid::regclass::text,"
	" v.root::regclass::text, '', 0 FROM me, (SELECT v.oid, min(v.root)"
	" AS root, bool_or(v.able) AS able, bool_and(s.yes) AS safe,"
	" c.relkind FROM views v JOIN pg_class c ON c.oid = v.oid"
	" JOIN safe s ON s.root = v.root GROUP BY v.oid, c.relkind) v"
	" WHERE has_table_privilege(me.oid, v.oid, 'UPDATE')"
	" OR has_table_privilege(me.oid, v.oid, 'DELETE')"
	" OR pg_relation_is_updatable(v.oid, true) & 28 > 0",

	"SELECT 'high', 'rule on the table',"
	" format('%I on %s', r.rulename, b.name), b.root_name, '', 0"
	" FROM body b JOIN pg_rewrite r ON r.ev_class = b.oid",

	"SELECT CASE WHEN f.owns OR NOT f.safe THEN 'high' ELSE 'medium' END,"
	" 'SECURITY DEFINER code of a role that can change the table',"
	" format('%s as %s', f.oid::regprocedure, f.proowner::regrole),"
	" f.root::regclass::text, CASE WHEN " IS_MINE("f.proowner")
	" THEN h.remedy ELSE '' END, " STEP_GRANT
	" FROM (SELECT f.oid, f.proowner,"
	" min(b.root) AS root, bool_and(s.yes) AS safe,"
	" bool_or(pg_has_role(f.proowner, b.relowner, 'MEMBER')) AS owns"
	" FROM me, pg_proc f, body b JOIN safe s ON s.root = b.root"
	" WHERE f.prosecdef AND has_function_privilege(me.oid, f.oid,"
	" 'EXECUTE') AND (has_table_privilege(f.proowner, b.oid, 'UPDATE')"
	" OR has_table_privilege(f.proowner, b.oid, 'DELETE')"
	" OR has_table_privilege(f.proowner, b.oid, 'TRUNCATE')"
	" OR pg_has_role(f.proowner, b.relowner, 'MEMBER'))"
	" GROUP BY f.oid, f.proowner) f JOIN holders h ON h.oid = f.root",

	"SELECT 'medium', 'extension that opens connections or edits pages',"
	" e.extname, '', '', 0 FROM pg_extension e WHERE e.extname IN"
	" ('dblink', 'postgres_fdw', 'pg_surgery', 'plpython3u', 'plperlu',"
	" 'pltclu', 'adminpack', 'file_fdw', 'refint')",

	/* Where it leads is for its server to know: perhaps back to here. */
	"SELECT 'medium', 'foreign table that can be written', f.name, '', '',"
	" 0 FROM me, (SELECT c.oid, c.oid::regclass::text AS name"
	" FROM pg_class c WHERE c.relkind = 'f'"
	" AND c.oid NOT IN (SELECT oid FROM body)) f"
	" WHERE has_table_privilege(me.oid, f.oid, 'UPDATE')"
	" OR has_table_privilege(me.oid, f.oid, 'DELETE')"
	" OR has_table_privilege(me.oid, f.oid, 'TRUNCATE')",

	/* pg_subscription itself is not for everybody to read */
	"SELECT DISTINCT " HIGH_UNLESS("s.yes") ","
	" 'subscription writes the table',"
	" format('%s to %s', p.subname, b.name), b.root_name, '', 0"
	" FROM pg_subscription_rel r"
	" JOIN pg_stat_subscription p ON p.subid = r.srsubid"
	" JOIN body b ON b.oid = r.srrelid"
	" JOIN safe s ON s.root = b.root",

	/* --- the table ------------------------------------------------------ */

	"SELECT DISTINCT 'high', CASE WHEN n.oid IS NULL THEN 'no such table'"
	" ELSE 'is a view, not a table' END, concat_ws('.',"
	" quote_ident(n.schema), quote_ident(n.name)), '', '', 0 FROM named n"
	" WHERE n.oid IS NULL OR n.relkind IN ('v', 'm')",

	"SELECT 'medium', 'rows are kept on another server', b.name,"
	" b.root_name, '', 0 FROM body b WHERE b.relkind = 'f'",

	"SELECT 'high', 'retention by a column that holds no time',"
	" format('%s.%I', b.name, b.col), b.root_name, '', 0 FROM body b"
	" WHERE b.col IS NOT NULL AND b.cond IS NULL",

	"SELECT DISTINCT 'high', 'retention names another type than the"
	" column has', format('%s.%I is %s', n.oid::regclass, n.col,"
	" format_type(a.atttypid, a.atttypmod)), n.oid::regclass::text, '', 0"
	" FROM named n JOIN pg_attribute a ON a.attrelid = n.oid"
	" AND a.attname = n.col AND a.attnum > 0 AND NOT a.attisdropped"
	" WHERE NOT (a.atttypid = n.kind::regtype OR n.kind = 'text'"
	" AND a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype))",

	"SELECT 'info', 'may not delete old rows, as audit_retain says',"
	" b.name, b.root_name, format('GRANT DELETE ON %s TO %s;', b.name,"
	" me.sql), " STEP_GRANT " FROM me, body b WHERE b.cond IS NOT NULL"
	" AND b.depth = 0 AND NOT has_table_privilege(me.oid, b.oid, 'DELETE')",

	"SELECT CASE WHEN l.state < 0 THEN 'info' ELSE 'medium' END,"
	" CASE WHEN l.state < 0 THEN 'no trigger that refuses'"
	" WHEN l.state = 0 THEN 'the trigger that refuses is switched off'"
	" ELSE 'the trigger that refuses is not ENABLE ALWAYS' END, b.name,"
	" b.root_name, CASE WHEN b.relkind = 'f' THEN '' ELSE t.remedy END,"
	" t.step FROM body b JOIN locks l ON l.oid = b.oid"
	" JOIN triggers t ON t.oid = b.oid WHERE l.state < 2",

	"SELECT 'info', 'unlogged: emptied by a crash', b.name, b.root_name,"
	" '', 0 FROM body b WHERE b.relpersistence <> 'p'",

	"SELECT 'info', 'event trigger that is switched off', e.evtname, '',"
	" '', 0 FROM pg_event_trigger e WHERE e.evtenabled = 'D'",

	NULL
};
