/*
 * What the findings are told from. Privileges are asked of the server by
 * role; who may become whom is followed along the memberships themselves,
 * for a superuser would be a member of everything.
 *
 * A table is `safe` when on it and on all below it weir's triggers refuse
 * UPDATE, DELETE and TRUNCATE, ENABLE ALWAYS: then foreign keys, views and
 * code with other rights cannot change its rows either. Where old rows may
 * be deleted the trigger for DELETE has a condition, `cond`, and is told
 * from another by its arguments.
 */
#include "proxy/audit_findings_parts.h"

#include <stddef.h>

/* Everything from here on was made by somebody, and not by initdb. */
#define MADE ">= 16384"

#define UTC_CUTOFF "now() AT TIME ZONE ''UTC'' - interval ''%2$s seconds''"

const char *const audit_facts[] = {
	"me AS (SELECT r.oid, r.rolsuper, r.rolbypassrls, r.rolreplication,"
	" r.rolcreaterole, quote_ident(r.rolname) AS sql,"
	" quote_ident(a.owner) AS owner, a.owner AS owner_name"
	" FROM asked a JOIN pg_roles r ON r.rolname = a.role)",

	"edges(member, roleid) AS (SELECT member, roleid FROM pg_auth_members"
	" UNION ALL SELECT d.datdba, g.oid FROM pg_database d, pg_roles g"
	" WHERE d.datname = current_database()"
	" AND g.rolname = 'pg_database_owner')",

	"mine(oid) AS (SELECT oid FROM me UNION"
	" SELECT e.roleid FROM edges e JOIN mine ON e.member = mine.oid)",

	"named AS (SELECT n.*, c.oid, c.relkind FROM names n"
	" LEFT JOIN (pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace)"
	" ON c.relname = n.name"
	" AND c.relkind IN ('r', 'p', 'f', 'v', 'm')"
	" AND CASE WHEN n.schema IS NULL THEN s.nspname NOT IN"
	" ('pg_catalog', 'information_schema')"
	" AND s.nspname !~ '^pg_(toast|temp)' ELSE s.nspname = n.schema END)",

	/* of several rules the strictest */
	"tables(oid, col, secs) AS (SELECT oid, (array_agg(col"
	" ORDER BY secs DESC NULLS LAST))[1], max(secs) FROM named"
	" WHERE relkind IN ('r', 'p', 'f') GROUP BY oid)",

	"down(oid, root, depth) AS (SELECT oid, oid, 0 FROM tables UNION"
	" SELECT i.inhrelid, d.root, d.depth + 1"
	" FROM pg_inherits i JOIN down d ON i.inhparent = d.oid)",

	"up(oid, root) AS (SELECT oid, oid FROM tables UNION"
	" SELECT i.inhparent, u.root"
	" FROM pg_inherits i JOIN up u ON i.inhrelid = u.oid)",

	"body AS (SELECT DISTINCT ON (d.oid) d.oid, d.root, d.depth,"
	" (SELECT max(o.depth) FROM down o WHERE o.oid = d.oid) AS rank,"
	" c.relkind, c.relowner, c.relispartition, c.relnamespace,"
	" c.relpersistence, c.relacl, d.oid::regclass::text AS name,"
	" d.root::regclass::text AS root_name, t.col, t.secs, y.cond,"
	" convert_to(t.col, 'UTF8') || '\\x00'::bytea ||"
	" convert_to(t.secs::text, 'UTF8') || '\\x00'::bytea AS args"
	" FROM down d JOIN pg_class c ON c.oid = d.oid"
	" JOIN tables t ON t.oid = d.root"
	" LEFT JOIN LATERAL (SELECT format(CASE"
	" WHEN a.atttypid = 'timestamptz'::regtype THEN"
	" '(OLD.%1$I < now() - interval ''%2$s seconds'') IS NOT TRUE'"
	" WHEN a.atttypid = 'timestamp'::regtype THEN"
	" '(OLD.%1$I < " UTC_CUTOFF ") IS NOT TRUE'"
	" WHEN a.atttypid = 'date'::regtype THEN"
	" '(OLD.%1$I < (" UTC_CUTOFF ")::date) IS NOT TRUE'"
	" WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype,"
	" 'bpchar'::regtype) THEN"
	" '(OLD.%1$I::text ~ ''^[0-9]{4}-[0-9]{2}-[0-9]{2}'' AND"
	" left(OLD.%1$I::text, 10) COLLATE \"C\" <"
	" to_char(" UTC_CUTOFF ", ''YYYY-MM-DD'')) IS NOT TRUE'"
	" END, t.col, t.secs) AS cond"
	" FROM pg_attribute a WHERE a.attrelid = d.oid AND a.attname = t.col"
	" AND a.attnum > 0 AND NOT a.attisdropped) y ON true"
	" ORDER BY d.oid, d.depth)",

	/* 2: ENABLE ALWAYS, 1: enabled, 0: switched off, -1: not there */
	"locks AS (SELECT b.oid, least("
	"coalesce(max(t.state) FILTER (WHERE t.tgtype & 19 = 19"
	" AND t.tgqual IS NULL AND t.tgattr::text = ''), -1),"
	" coalesce(max(t.state) FILTER (WHERE t.tgtype & 11 = 11 AND"
	" CASE WHEN b.cond IS NULL THEN t.tgqual IS NULL"
	" ELSE t.tgqual IS NOT NULL AND t.tgargs = b.args END), -1),"
	" coalesce(max(t.state) FILTER (WHERE t.tgtype & 35 = 34), -1)"
	") AS state FROM body b LEFT JOIN (SELECT g.*,"
	" CASE g.tgenabled WHEN 'A' THEN 2 WHEN 'O' THEN 1 ELSE 0 END AS state"
	" FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid"
	" JOIN pg_namespace s ON s.oid = f.pronamespace"
	" WHERE s.nspname = 'weir_guard' AND f.proname = 'refuse'"
	" AND f.proowner NOT IN (SELECT oid FROM mine)"
	" AND s.nspowner NOT IN (SELECT oid FROM mine)) t"
	" ON t.tgrelid = b.oid GROUP BY b.oid)",

	"safe(root, yes) AS (SELECT d.root, bool_and(l.state = 2)"
	" FROM down d JOIN locks l ON l.oid = d.oid GROUP BY d.root)",

	"parents AS (SELECT DISTINCT u.oid, u.oid::regclass::text AS name,"
	" u.root::regclass::text AS root_name, c.relowner, s.yes AS safe"
	" FROM up u JOIN pg_class c ON c.oid = u.oid"
	" JOIN safe s ON s.root = u.root"
	" WHERE u.oid NOT IN (SELECT oid FROM body))",

	"grants AS (SELECT b.oid, b.name, x.grantor, x.grantee,"
	" x.privilege_type || l.att AS what FROM body b CROSS JOIN LATERAL ("
	"SELECT b.relacl AS acl, '' AS att UNION ALL"
	" SELECT attacl, format(' (%I)', attname) FROM pg_attribute"
	" WHERE attrelid = b.oid) l, aclexplode(l.acl) x"
	" WHERE x.privilege_type IN ('UPDATE', 'TRUNCATE', 'TRIGGER')"
	" OR x.privilege_type = 'DELETE' AND b.cond IS NULL)",

	/* Whom a REVOKE has to name, and what it takes. A superuser revokes as
	 * the owner, so what somebody else has passed on is revoked as them;
	 * but not if they lose it too, by CASCADE. */
	"revokes AS (SELECT b.oid, format('REVOKE UPDATE, %sTRUNCATE, TRIGGER"
	" ON %s FROM PUBLIC, %s%s CASCADE;', CASE WHEN b.cond IS NULL"
	" THEN 'DELETE, ' ELSE '' END, b.name, me.sql,"
	" (SELECT string_agg(DISTINCT ', ' || quote_ident(g.rolname), '')"
	" FROM grants x JOIN pg_roles g ON g.oid = x.grantee"
	" WHERE x.oid = b.oid AND g.oid <> me.oid AND g.oid <> b.relowner"
	" AND g.oid IN (SELECT oid FROM mine)"
	" AND g.rolname <> me.owner_name)) AS text FROM body b, me)",

	/* Who was a superuser until now needs what everybody was granted but
	 * them. */
	"holders AS (SELECT b.oid, r.text || coalesce((SELECT string_agg("
	"DISTINCT format(E'\\nSET LOCAL ROLE %I;\\nREVOKE %s ON %s FROM %s"
	" CASCADE;\\nRESET ROLE;', g.rolname, x.what, x.name, CASE x.grantee"
	" WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee))"
	" END), '') FROM grants x JOIN pg_roles g ON g.oid = x.grantor"
	" WHERE x.oid = b.oid"
	" AND g.oid <> b.relowner AND g.oid NOT IN (SELECT oid FROM mine)"
	" AND (x.grantee = 0 OR x.grantee IN (SELECT oid FROM mine))), '') ||"
	" CASE WHEN me.rolsuper THEN"
	" format(E'\\nGRANT USAGE ON SCHEMA %1$s TO %2$s;\\nGRANT SELECT, INSERT%3$s"
	" ON %4$s TO %2$s;', b.relnamespace::regnamespace, me.sql,"
	" CASE WHEN b.cond IS NULL THEN '' ELSE ', DELETE' END, b.name)"
	" ELSE '' END AS remedy FROM body b JOIN revokes r ON r.oid = b.oid,"
	" me)",

	"keys(src, dst, root, name, acts) AS ("
	"SELECT k.confrelid, k.conrelid, b.root, k.conname::text,"
	" k.confdeltype::text || k.confupdtype::text FROM pg_constraint k"
	" JOIN body b ON b.oid = k.conrelid WHERE k.contype = 'f'"
	" AND (k.conparentid = 0 OR b.depth = 0)"
	" AND (k.confdeltype IN ('c', 'n', 'd')"
	" OR k.confupdtype IN ('c', 'n', 'd'))"
	" UNION SELECT k.confrelid, k.conrelid, keys.root, k.conname::text,"
	" k.confdeltype::text || k.confupdtype::text FROM pg_constraint k"
	" JOIN keys ON k.conrelid = keys.src WHERE k.contype = 'f'"
	" AND (k.confdeltype = 'c' OR k.confupdtype = 'c'))",

	/* able: a view is read and written as its owner */
	"views(oid, root, able) AS ("
	"SELECT r.ev_class, b.root,"
	" has_table_privilege(c.relowner, b.oid, 'UPDATE')"
	" OR has_table_privilege(c.relowner, b.oid, 'DELETE')"
	" OR has_any_column_privilege(c.relowner, b.oid, 'UPDATE')"
	" FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid"
	" JOIN pg_class c ON c.oid = r.ev_class"
	" JOIN body b ON b.oid = d.refobjid"
	" WHERE d.classid = 'pg_rewrite'::regclass"
	" AND d.refclassid = 'pg_class'::regclass"
	" AND r.ev_class <> d.refobjid"
	" UNION SELECT r.ev_class, views.root, views.able"
	" FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid"
	" JOIN views ON views.oid = d.refobjid"
	" WHERE d.classid = 'pg_rewrite'::regclass"
	" AND d.refclassid = 'pg_class'::regclass"
	" AND r.ev_class <> views.oid)",

	"types(oid, rel, att) AS (SELECT a.atttypid, b.oid, a.attname"
	" FROM body b JOIN pg_attribute a ON a.attrelid = b.oid"
	" AND a.attnum > 0 AND NOT a.attisdropped"
	" WHERE b.depth = 0 OR NOT b.relispartition"
	" UNION SELECT n.oid, t.rel, t.att FROM types t"
	" JOIN pg_type y ON y.oid = t.oid CROSS JOIN LATERAL ("
	"SELECT y.typelem UNION ALL SELECT y.typbasetype UNION ALL"
	" SELECT g.rngsubtype FROM pg_range g WHERE g.rngtypid = y.oid"
	" UNION ALL SELECT a.atttypid FROM pg_attribute a"
	" WHERE a.attrelid = y.typrelid AND a.attnum > 0"
	" AND NOT a.attisdropped) n(oid) WHERE n.oid <> 0)",

	"parts(classid, objid) AS ("
	"SELECT 'pg_class'::regclass::oid, oid FROM body"
	" UNION ALL SELECT 'pg_type'::regclass, oid FROM types"
	" UNION ALL SELECT 'pg_attrdef'::regclass, x.oid"
	" FROM pg_attrdef x JOIN body b ON x.adrelid = b.oid"
	" UNION ALL SELECT 'pg_constraint'::regclass, x.oid"
	" FROM pg_constraint x JOIN body b ON x.conrelid = b.oid"
	" UNION ALL SELECT 'pg_constraint'::regclass, x.oid"
	" FROM pg_constraint x JOIN types t ON x.contypid = t.oid"
	" UNION ALL SELECT 'pg_trigger'::regclass, x.oid"
	" FROM pg_trigger x JOIN body b ON x.tgrelid = b.oid"
	" UNION ALL SELECT 'pg_policy'::regclass, x.oid"
	" FROM pg_policy x JOIN body b ON x.polrelid = b.oid"
	" UNION ALL SELECT 'pg_class'::regclass, x.indexrelid"
	" FROM pg_index x JOIN body b ON x.indrelid = b.oid)",

	"uses AS (SELECT DISTINCT d.refclassid AS classid, d.refobjid AS objid"
	" FROM parts p JOIN pg_depend d ON d.classid = p.classid"
	" AND d.objid = p.objid WHERE d.refobjid " MADE ")",

	/* linked: it is a column's own and goes where the table goes */
	"sequences AS (SELECT c.oid, c.relowner, c.relnamespace,"
	" c.oid::regclass::text AS name, coalesce(min(x.rel), '') AS root_name,"
	" EXISTS (SELECT FROM pg_depend o"
	" WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid"
	" AND o.deptype IN ('a', 'i') AND o.refobjsubid > 0) AS linked,"
	" EXISTS (SELECT FROM pg_depend o"
	" WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid"
	" AND o.deptype IN ('a', 'i') AND o.refobjsubid > 0"
	" AND o.refobjid NOT IN (SELECT oid FROM body)) AS elsewhere"
	" FROM (SELECT d.objid AS oid, b.root_name AS rel"
	" FROM pg_depend d JOIN body b ON d.refobjid = b.oid"
	" WHERE d.classid = 'pg_class'::regclass"
	" AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')"
	" UNION ALL SELECT u.objid, NULL FROM uses u"
	" WHERE u.classid = 'pg_class'::regclass) x"
	" JOIN pg_class c ON c.oid = x.oid AND c.relkind = 'S'"
	" GROUP BY c.oid, c.relowner, c.relnamespace)",

	"functions AS (SELECT f.* FROM uses u JOIN pg_proc f ON f.oid = u.objid"
	" WHERE u.classid = 'pg_proc'::regclass)",

	"homes(oid, own) AS (SELECT h.oid, bool_or(h.own) FROM ("
	"SELECT relnamespace AS oid, true AS own FROM body"
	" UNION ALL SELECT y.typnamespace, false"
	" FROM types t JOIN pg_type y ON y.oid = t.oid"
	" UNION ALL SELECT pronamespace, false FROM functions"
	" UNION ALL SELECT relnamespace, false FROM sequences) h"
	" GROUP BY h.oid)",

	/* the triggers a table should have, and what makes them so */
	"wanted AS (SELECT b.oid, b.rank, b.name, b.relkind, w.* FROM body b"
	" CROSS JOIN LATERAL (VALUES ('~weir_insert_only',"
	" CASE WHEN b.cond IS NULL THEN 27 ELSE 19 END,"
	" CASE WHEN b.cond IS NULL THEN 'UPDATE OR DELETE' ELSE 'UPDATE' END,"
	" 'ROW', '', '', ''::bytea),"
	" ('~weir_insert_only_t', 34, 'TRUNCATE', 'STATEMENT', '', '', ''),"
	" ('~weir_retain', 11, 'DELETE', 'ROW', format(' WHEN (%s)', b.cond),"
	" format('%L, %L', b.col, b.secs), b.args))"
	" w(trigger, type, event, each, qual, args, bytes)"
	" WHERE w.type <> 11 OR b.cond IS NOT NULL),"

	/* a trigger of a partitioned table may not meet its like below */
	"made AS (SELECT w.oid, w.rank, w.name, 'BEGIN' ||"
	" string_agg(format(E'\n\tIF NOT EXISTS (SELECT FROM pg_trigger WHERE"
	" tgrelid = %1$L::regclass\n\t\tAND tgname = %2$L AND tgtype = %3$s AND"
	" tgargs = decode(%4$L, ''hex'')\n\t\tAND tgfoid ="
	" ''weir_guard.refuse()''::regprocedure) THEN%5$s\n\t\tDROP TRIGGER IF"
	" EXISTS %6$I ON %7$s;\n\t\tCREATE TRIGGER %6$I BEFORE %8$s ON %7$s"
	" FOR EACH %9$s%10$s\n\t\t\tEXECUTE FUNCTION weir_guard.refuse(%11$s);"
	"\n\tEND IF;', w.name, w.trigger, w.type, encode(w.bytes, 'hex'),"
	" (SELECT string_agg(format(E'\n\t\tDROP TRIGGER IF EXISTS %I ON %s;',"
	" w.trigger, g.tgrelid::regclass), '')"
	" FROM down top JOIN down d ON d.root = top.root"
	" AND d.depth > top.depth JOIN pg_trigger g ON g.tgrelid = d.oid"
	" WHERE top.oid = w.oid AND w.relkind = 'p' AND w.each = 'ROW'"
	" AND g.tgname = w.trigger AND g.tgparentid = 0),"
	" w.trigger, w.name, w.event, w.each, w.qual, w.args), ''"
	" ORDER BY w.type DESC) || E'\nEND' AS code,"
	" string_agg(format(E'\nALTER TABLE %s ENABLE ALWAYS TRIGGER %I;',"
	" w.name, w.trigger), '' ORDER BY w.type DESC) AS enable"
	" FROM wanted w GROUP BY w.oid, w.rank, w.name),"

	"triggers(oid, step, remedy) AS (SELECT oid, 100 + rank,"
	" format(CASE WHEN strpos(code, '$weir$') > 0 THEN 'DO %L;%s'"
	" ELSE E'DO $weir$\n%s\n$weir$;%s' END, code, enable) FROM made)",

	"all_safe(yes) AS (SELECT bool_and(yes) FROM safe)",

	"parameter(held) AS (SELECT CASE WHEN"
	" current_setting('server_version_num')::int >= 150000 THEN"
	/* has_parameter_privilege() is not known to older servers, so it may
	 * stand in a text only */
	" query_to_xml(format('SELECT has_parameter_privilege(%s::oid,"
	" ''session_replication_role'', ''SET'') AS held', me.oid), false,"
	" false, '')::text LIKE '%true%' ELSE false END FROM me)",

	NULL
};
