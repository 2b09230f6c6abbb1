/*
 * Everything users make has an OID from 16384 on; only the schema "public" is
 * there before. Regclass and its kin print names along the search path: with
 * pg_catalog alone on it, all are qualified.
 */
#include "proxy/catalog_sql.h"

#include "proxy/audit_findings.h"
#include "proxy/guard_parts.h"

/* For these statements only: the session has other uses. */
static const char preamble[] =
	"SET LOCAL search_path = pg_catalog;"
	"SET LOCAL jit = off;"
	"SET LOCAL statement_timeout = '10s';"
	"SET LOCAL lock_timeout = '2s';";

/*
 * A row of these catalogs cannot change without another xmin, but for
 * pg_class, which TRUNCATE and VACUUM rewrite too: there the columns count
 * that matter. Roles have no xmin that everybody can see. Of the largest two,
 * pg_depend and pg_attribute, only those rows count of whose change no other
 * catalog tells.
 */
#define FIRST_OID "16384"
#define ROWS_OF(catalog, oid, condition) \
	" UNION ALL SELECT sum(hashint8extended(xmin::text::int8, " \
	oid "::int8)) FROM " catalog " WHERE " condition

static const char number[] =
	"SELECT string_agg(coalesce(s, 0)::text, ',') FROM ("
	"SELECT sum(hashtextextended(relname::text, oid::int8"
	" + relnamespace::int8 * 7919 + relowner::int8 * 104729"
	" + ascii(relkind::text) + relispartition::int)"
	" + coalesce(hashtextextended(relacl::text, oid::int8), 0)::numeric)"
	" AS s FROM pg_class"
	" WHERE oid >= " FIRST_OID " AND relkind <> 't'"
	" AND relpersistence <> 't'"
	ROWS_OF("pg_rewrite", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_constraint", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_inherits", "inhrelid", "true")
	ROWS_OF("pg_trigger", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_attrdef", "oid", "true")
	ROWS_OF("pg_policy", "oid", "true")
	ROWS_OF("pg_proc", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_type", "oid", "oid >= " FIRST_OID
		" AND typelem = 0 AND (typrelid = 0 OR typtype = 'd')")
	ROWS_OF("pg_cast", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_operator", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_opclass", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_amop", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_amproc", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_statistic_ext", "oid", "oid >= " FIRST_OID)
	ROWS_OF("pg_namespace", "oid", "true")
	ROWS_OF("pg_extension", "oid", "true")
	ROWS_OF("pg_depend", "(classid::int8 * 7919 + objid::int8)",
		"refclassid = 'pg_extension'::regclass")
	ROWS_OF("pg_depend", "(classid::int8 * 7919 + objid::int8)",
		"refclassid = 'pg_class'::regclass AND refobjid IN"
		" (SELECT oid FROM t)")
	ROWS_OF("pg_attribute", "(attrelid::int8 * 7919 + attnum)",
		"attrelid IN (SELECT oid FROM t)")
	ROWS_OF("pg_depend", "(objid::int8 * 7919 + objsubid)",
		"refclassid = 'pg_type'::regclass AND refobjid >= " FIRST_OID
		" AND classid = 'pg_class'::regclass")
	ROWS_OF("pg_auth_members", "(roleid::int8 * 7919 + member::int8)",
		"true")
	ROWS_OF("pg_database", "oid", "datname = current_database()")
	ROWS_OF("pg_attribute", "(attrelid::int8 * 7919 + attnum)",
		"attrelid IN (SELECT confrelid FROM pg_constraint"
		" WHERE contype = 'f')")
	" UNION ALL SELECT sum(hashtextextended(concat_ws(' ', rolname,"
	" rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls,"
	" rolreplication), oid::int8)) FROM pg_roles"
	") AS sums;";

/* Temporary objects are their session's own. */
static const char relations[] =
	"SELECT 'relation', c.oid, n.nspname, c.relname, c.relkind, g.i,"
	" CASE WHEN c.relkind = 'v' THEN"
	" pg_relation_is_updatable(c.oid, true) & 28 ELSE 0 END"
	" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	" LEFT JOIN g ON g.n = c.relname AND c.relkind IN ('r', 'p', 'f')"
	" AND (g.s IS NULL OR g.s = n.nspname)"
	" WHERE c.oid >= " FIRST_OID " AND c.relkind <> 't'"
	" AND c.relpersistence <> 't' AND n.nspname <> 'pg_toast';";

static const char inherits[] =
	"SELECT 'inherits', i.inhparent, i.inhrelid, c.relispartition"
	" FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
	" WHERE c.relkind IN ('r', 'p', 'f');";

static const char views[] =
	"SELECT DISTINCT 'view', r.ev_class, d.refobjid"
	" FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
	" JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass"
	" AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass"
	" AND d.refobjid <> r.ev_class"
	" WHERE r.oid >= " FIRST_OID " AND r.ev_type = '1';";

/* What is written through a view is written to the first relation of its text
 * that is not itself; of these, Postgres's own are no things. */
static const char views_of_catalogs[] =
	"SELECT 'catalog view', r.ev_class FROM pg_rewrite r"
	" WHERE r.oid >= " FIRST_OID " AND r.ev_type = '1'"
	" AND pg_relation_is_updatable(r.ev_class, false) & 28 <> 0"
	" AND (SELECT m.oid[1]::oid FROM regexp_matches(r.ev_action::text,"
	" ':relid (\\d+)', 'g') WITH ORDINALITY AS m(oid, place)"
	" WHERE m.oid[1]::oid NOT IN (0, r.ev_class)"
	" ORDER BY m.place LIMIT 1) < " FIRST_OID ";";

#define NAMES_OF(relation, key) \
	"(SELECT CASE WHEN bool_and(a.attname !~ E'\\n') THEN" \
	" string_agg(a.attname, E'\\n') END FROM pg_attribute a" \
	" WHERE a.attrelid = " relation " AND a.attnum = ANY (" key "))"

/* The columns of a key that others refer to change without being assigned
 * where one is generated. Rows that move out of a partition are deleted there.
 */
static const char keys[] =
	"SELECT 'key', k.conrelid, k.confrelid, k.conname, k.confdeltype,"
	" k.confupdtype, " NAMES_OF("k.conrelid", "k.conkey") ","
	" CASE WHEN NOT EXISTS (SELECT FROM pg_attribute a WHERE"
	" a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)"
	" AND a.attgenerated <> '') THEN "
	NAMES_OF("k.confrelid", "k.confkey") " END"
	" FROM pg_constraint k WHERE k.contype = 'f'"
	" UNION ALL SELECT 'key', k.conrelid, a.relid, k.conname, 'a',"
	" k.confdeltype, " NAMES_OF("k.conrelid", "k.conkey") ", NULL"
	" FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid,"
	" pg_partition_ancestors(c.oid) a WHERE k.contype = 'f'"
	" AND c.relispartition AND a.relid <> c.oid AND (k.conparentid = 0"
	" OR current_setting('server_version_num')::int < 150000);";

/* Of extensions that also have functions which run SQL. */
#define HARMLESS_OF_OTHERS \
	"concat(e.extname, '.', p.proname) ~ '^(tablefunc\\.normal_rand" \
	"|xml2\\.(xml_.*|xpath_(string|nodeset|number|bool|list)" \
	"|xslt_process))$'"

/* What a function sets for itself must not be what changes how the words of
 * its own body are read, or who runs it. */
#define HARMLESS_SETTINGS \
	"(p.proconfig IS NULL OR NOT EXISTS (SELECT FROM" \
	" unnest(p.proconfig) s WHERE s !~ '^(search_path|TimeZone|DateStyle" \
	"|IntervalStyle|extra_float_digits|work_mem|statement_timeout" \
	"|lock_timeout|client_min_messages|enable_[a-z]+|jit" \
	"|check_function_bodies|xmloption|row_security)='))"

/* Called with one argument. */
#define SINGLE "p.pronargs > 0 AND p.pronargs - p.pronargdefaults < 2"

/* Of Postgres's own ("own", see put_own()) those that can do harm are among
 * them: texts that call one are judged by themselves, but not what else does. */
static const char functions[] =
	"SELECT 'function', p.oid, n.nspname, p.proname, l.lanname,"
	" CASE WHEN octet_length(p.prosrc) > 65536 THEN NULL"
	" WHEN l.lanname = 'sql' AND p.prosrc = ''"
	" THEN pg_get_functiondef(p.oid)"
	" WHEN l.lanname IN ('sql', 'plpgsql', 'internal') THEN p.prosrc"
	" END, CASE WHEN p.oid < " FIRST_OID " THEN 'i' ELSE p.prokind END,"
	" " HARMLESS_SETTINGS ", e.extname IN (SELECT name FROM known)"
	" OR " HARMLESS_OF_OTHERS ","
	" EXISTS (SELECT FROM pg_type t WHERE t.oid = ANY (p.proargtypes)"
	" AND t.typtype = 'p' AND t.typname LIKE 'any%'),"
	" " SINGLE ", " SINGLE " AND EXISTS (SELECT FROM pg_type t WHERE t.oid = p.proargtypes[0]"
	" AND (t.typtype IN ('c', 'd') OR (t.typtype = 'p'"
	" AND t.typname ~ '^(any|record)')))"
	" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
	" JOIN pg_language l ON l.oid = p.prolang"
	" LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass"
	" AND d.objid = p.oid AND d.deptype = 'e'"
	" AND d.refclassid = 'pg_extension'::regclass"
	" LEFT JOIN pg_extension e ON e.oid = d.refobjid"
	" WHERE p.oid >= " FIRST_OID " OR p.oid IN (SELECT oid FROM own);";

/* What calls a function by being used: operators are seen through. */
#define CALLED \
	"CASE d.refclassid WHEN 'pg_operator'::regclass THEN" \
	" (SELECT o.oprcode::oid FROM pg_operator o" \
	" WHERE o.oid = d.refobjid) ELSE d.refobjid END"
#define IS_CALLED \
	"d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)"

/* The same, and values of a type that are made: but for a column's. */
#define CODE_KIND(what) \
	"CASE d.refclassid WHEN 'pg_type'::regclass THEN '" what "type'" \
	" ELSE '" what "' END"
#define IS_CODE \
	"(" IS_CALLED \
	" OR (d.refclassid = 'pg_type'::regclass AND d.objsubid = 0))"

static const char calls[] =
	"SELECT DISTINCT 'call', d.objid, " CALLED
	" FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass"
	" AND d.objid >= " FIRST_OID " AND " IS_CALLED
	" UNION SELECT 'call', a.aggfnoid, f FROM pg_aggregate a,"
	" unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn,"
	" aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn]::oid[]) f"
	" WHERE a.aggfnoid >= " FIRST_OID " AND f IN (SELECT oid FROM own);";

/* What compares values of a type. */
#define OF_FAMILIES \
	"SELECT amprocfamily AS family, amproc::oid AS fn FROM pg_amproc" \
	" WHERE amproc >= " FIRST_OID \
	" UNION SELECT amopfamily, oprcode FROM pg_amop JOIN pg_operator o" \
	" ON o.oid = amopopr AND oprcode >= " FIRST_OID

/* Dependencies on Postgres's own functions are not kept: they are looked for
 * in the expressions themselves. */
#define HIDDEN(relation, expression, mode, catalog) \
	" UNION ALL SELECT " relation ", " expression "::text, '" mode "'" \
	" FROM " catalog

static const char hidden[] =
	"SELECT DISTINCT 'use', x.rel, o.oid, x.mode FROM ("
	"SELECT NULL::oid AS rel, NULL AS tree, NULL AS mode"
	HIDDEN("ev_class", "ev_action", "r",
	       "pg_rewrite WHERE ev_type = '1' AND oid >= " FIRST_OID)
	HIDDEN("adrelid", "adbin", "w", "pg_attrdef")
	HIDDEN("conrelid", "conbin", "w", "pg_constraint WHERE conrelid <> 0")
	HIDDEN("polrelid", "concat(polqual, polwithcheck)", "r", "pg_policy")
	HIDDEN("indrelid", "concat(indexprs, indpred)", "i",
	       "pg_index WHERE indexrelid >= " FIRST_OID)
	HIDDEN("stxrelid", "to_jsonb(s) ->> 'stxexprs'", "i",
	       "pg_statistic_ext s")
	") AS x, (SELECT string_agg(oid::text, '|') AS any FROM own) AS s, own o"
	" WHERE x.tree ~ (':(funcid|aggfnoid) (' || s.any || ') ')"
	" AND x.tree ~ (':(funcid|aggfnoid) ' || o.oid || ' ');";

/* 'r': whenever it is read, 'w': whenever a row of it is written, 'i': then
 * and when indexes or statistics are made. */
static const char uses[] =
	"SELECT DISTINCT u.what, u.rel, u.used, u.mode FROM ("
	"SELECT " CODE_KIND("use") " AS what, " CALLED " AS used, CASE d.classid"
	" WHEN 'pg_rewrite'::regclass THEN (SELECT r.ev_class"
	" FROM pg_rewrite r WHERE r.oid = d.objid AND r.ev_type = '1')"
	" WHEN 'pg_attrdef'::regclass THEN (SELECT a.adrelid"
	" FROM pg_attrdef a WHERE a.oid = d.objid)"
	" WHEN 'pg_constraint'::regclass THEN (SELECT k.conrelid"
	" FROM pg_constraint k WHERE k.oid = d.objid AND k.conrelid <> 0)"
	" WHEN 'pg_policy'::regclass THEN (SELECT p.polrelid"
	" FROM pg_policy p WHERE p.oid = d.objid)"
	" WHEN 'pg_statistic_ext'::regclass THEN (SELECT x.stxrelid"
	" FROM pg_statistic_ext x WHERE x.oid = d.objid)"
	" WHEN 'pg_class'::regclass THEN coalesce((SELECT i.indrelid"
	" FROM pg_index i WHERE i.indexrelid = d.objid), d.objid)"
	" END AS rel, CASE d.classid WHEN 'pg_rewrite'::regclass THEN 'r'"
	" WHEN 'pg_policy'::regclass THEN 'r'"
	" WHEN 'pg_statistic_ext'::regclass THEN 'i'"
	" WHEN 'pg_class'::regclass THEN 'i' ELSE 'w' END AS mode"
	" FROM pg_depend d WHERE d.objid >= " FIRST_OID
	" AND d.refobjid >= " FIRST_OID " AND " IS_CODE
	" AND d.classid IN ('pg_rewrite'::regclass, 'pg_attrdef'::regclass,"
	" 'pg_constraint'::regclass, 'pg_policy'::regclass,"
	" 'pg_statistic_ext'::regclass, 'pg_class'::regclass)"
	/* what an index compares by, also when it is looked up */
	" UNION ALL SELECT 'use', f.fn, i.indrelid, 'r' FROM pg_index i,"
	" unnest(i.indclass) k JOIN pg_opclass c ON c.oid = k"
	" JOIN (" OF_FAMILIES ") AS f ON f.family = c.opcfamily"
	" WHERE i.indexrelid >= " FIRST_OID ") AS u"
	" WHERE u.rel IS NOT NULL AND (u.used >= " FIRST_OID
	" OR u.used IN (SELECT oid FROM own));";

/* What the WHEN of a trigger calls, or makes values of, runs as its function
 * does, for the same events. A column that is generated changes with others. */
#define TRIGGER_COLUMNS \
	" CASE WHEN NOT EXISTS (SELECT FROM pg_attribute a" \
	" WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)" \
	" AND a.attgenerated <> '') THEN " NAMES_OF("t.tgrelid", "t.tgattr") \
	" END"
#define TRIGGER(what, code) \
	what ", t.tgrelid, " code ", t.tgname, t.tgtype," TRIGGER_COLUMNS \
	", t.tgenabled FROM pg_trigger t"

static const char triggers[] =
	"SELECT " TRIGGER("'trigger'", "t.tgfoid") " WHERE NOT t.tgisinternal;"
	"SELECT DISTINCT " TRIGGER(CODE_KIND("trigger"), CALLED)
	" JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass"
	" AND d.objid = t.oid AND " IS_CODE
	" WHERE t.tgqual IS NOT NULL AND d.refobjid <> t.tgfoid;";

static const char triggers_hidden[] =
	"SELECT " TRIGGER("'trigger'", "o.oid") ", own o WHERE t.tgqual IS NOT NULL"
	" AND t.tgqual::text ~ (':(funcid|aggfnoid) ' || o.oid || ' ');";

/* What may change a row before an UPDATE of it (19: BEFORE, FOR EACH ROW), of
 * tables that keys refer to; disabled or not. Of the arguments, which end with
 * zero bytes, the first one, if it is spelled in ASCII. */
static const char movers[] =
	"SELECT 'mover', t.tgrelid, t.tgfoid, p.proname,"
	" CASE l.lanname WHEN 'internal' THEN p.prosrc"
	" WHEN 'c' THEN concat(e.extname, '.', p.prosrc) END,"
	TRIGGER_COLUMNS ", CASE WHEN strpos(first, chr(92)) = 0 THEN first END"
	" FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
	" JOIN pg_language l ON l.oid = p.prolang"
	" LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass"
	" AND d.objid = p.oid AND d.deptype = 'e'"
	" AND d.refclassid = 'pg_extension'::regclass"
	" LEFT JOIN pg_extension e ON e.oid = d.refobjid,"
	" split_part(encode(t.tgargs, 'escape'), chr(92) || '000', 1)"
	" AS first"
	" WHERE NOT t.tgisinternal AND t.tgtype & 19 = 19 AND t.tgrelid IN"
	" (SELECT confrelid FROM pg_constraint WHERE contype = 'f');";

static const char rules[] =
	"SELECT 'rule', r.ev_class, r.rulename, r.ev_type,"
	" pg_get_ruledef(r.oid), r.ev_enabled"
	" FROM pg_rewrite r WHERE r.oid >= " FIRST_OID
	" AND r.ev_type <> '1';";

/* Dependencies of what users have made on types that they have made. Where
 * they were not counted yet a join with them may take minutes. */
#define ON_OWN_TYPES \
	"pg_depend d WHERE d.refclassid = 'pg_type'::regclass" \
	" AND d.refobjid >= " FIRST_OID " AND d.objid >= " FIRST_OID
#define OF_RELATIONS " AND d.classid = 'pg_class'::regclass"

/* Of the rows of tables, and arrays of these, only those that are made of
 * something users have made. 'c': of constants Postgres makes one by itself,
 * where another value is of the type; of domains it makes their base type. */
static const char types[] =
	"WITH dull(oid) AS MATERIALIZED (SELECT c.reltype FROM pg_class c"
	" WHERE c.reltype >= " FIRST_OID " AND c.relkind <> 'c'"
	" AND c.oid NOT IN (SELECT d.objid FROM " ON_OWN_TYPES OF_RELATIONS
	"))"
	" SELECT 'type', t.oid, n.nspname, t.typname, CASE WHEN t.typtype"
	" IN ('c', 'r', 'm') OR (t.typtype = 'b' AND t.typelem <> 0)"
	" THEN 'c' END"
	" FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
	" WHERE t.oid >= " FIRST_OID " AND t.oid NOT IN (SELECT oid FROM dull)"
	" AND t.typelem NOT IN (SELECT oid FROM dull);";

/* What runs when a value becomes one of the type. */
static const char type_calls[] =
	"SELECT DISTINCT 'typecall', c.t, c.fn FROM ("
	"SELECT k.contypid AS t, " CALLED " AS fn FROM pg_constraint k"
	" JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass"
	" AND d.objid = k.oid AND " IS_CALLED " WHERE k.contypid <> 0"
	" UNION SELECT d.objid, " CALLED " FROM pg_depend d"
	" WHERE d.classid = 'pg_type'::regclass AND " IS_CALLED
	" UNION SELECT CASE WHEN casttarget >= " FIRST_OID
	" THEN casttarget ELSE castsource END, castfunc FROM pg_cast"
	" WHERE castfunc >= " FIRST_OID " OR castfunc IN (SELECT oid FROM own)"
	" UNION SELECT k.contypid, o.oid FROM pg_constraint k, own o"
	" WHERE k.contypid <> 0"
	" AND k.conbin::text ~ (':(funcid|aggfnoid) ' || o.oid || ' ')) AS c"
	" WHERE c.t >= " FIRST_OID " AND (c.fn >= " FIRST_OID
	" OR c.fn IN (SELECT oid FROM own));";

static const char sorts[] =
	"SELECT DISTINCT 'sort', c.opcintype, f.fn FROM pg_opclass c"
	" JOIN (" OF_FAMILIES ") AS f ON f.family = c.opcfamily"
	" WHERE c.opcintype >= " FIRST_OID ";";

/* 'x': one that values of a user's type make another of, where Postgres has
 * the symbol too. */
static const char operators[] =
	"SELECT 'operator', o.oid, n.nspname, o.oprname, o.oprcode::oid,"
	" CASE WHEN (o.oprleft >= " FIRST_OID " OR o.oprright >= " FIRST_OID
	") AND EXISTS (SELECT FROM pg_operator p WHERE p.oprname = o.oprname"
	" AND p.oid < " FIRST_OID ") THEN 'x' ELSE 'o' END"
	" FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace"
	" WHERE o.oid >= " FIRST_OID ";"
	"SELECT DISTINCT 'operand', t, o.oid FROM pg_operator o,"
	" unnest(ARRAY[oprleft, oprright]) t WHERE t >= " FIRST_OID ";";

/* What types things have to do with: those of a relation's columns, of what a
 * function takes, gives and names; and what a type is made of: its elements,
 * what a domain is of and checks by, fields, bounds. */
static const char contents[] =
	"SELECT DISTINCT CASE d.classid WHEN 'pg_class'::regclass THEN 'column'"
	" WHEN 'pg_proc'::regclass THEN 'value' ELSE 'content' END,"
	" CASE d.classid WHEN 'pg_constraint'::regclass THEN"
	" (SELECT k.contypid FROM pg_constraint k WHERE k.oid = d.objid)"
	" ELSE d.objid END, d.refobjid FROM " ON_OWN_TYPES
	" AND d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass,"
	" 'pg_type'::regclass, 'pg_constraint'::regclass);"
	"SELECT DISTINCT 'content', (SELECT c.reltype FROM pg_class c"
	" WHERE c.oid = d.objid), d.refobjid FROM " ON_OWN_TYPES OF_RELATIONS
	";";

static const char places[] =
	"SELECT 'schema', oid, nspname FROM pg_namespace"
	" WHERE nspname !~ '^pg_(toast|temp)';"
	"SELECT 'extension', oid, extname FROM pg_extension;";

/*
 * Downwards: what is part of a guarded table, its columns, defaults, checks,
 * triggers, indexes and sequences among it. From there upwards: what all that
 * cannot be without, so that DROP ... CASCADE of it takes a part along. Of
 * another table only what the column needs that is referenced.
 */
static const char needs[] =
	", own(class, oid, root) AS ("
	" SELECT 'pg_class'::regclass::oid, c.oid, c.oid FROM g"
	" JOIN pg_class c ON c.relname = g.n AND c.relkind IN ('r','p','f')"
	" JOIN pg_namespace n ON n.oid = c.relnamespace"
	" AND (g.s IS NULL OR g.s = n.nspname) WHERE c.oid >= " FIRST_OID
	" UNION SELECT x.class, x.oid, o.root FROM own o, LATERAL ("
	"  SELECT d.classid AS class, d.objid AS oid FROM pg_depend d"
	"  WHERE d.refclassid = o.class AND d.refobjid = o.oid"
	"  AND d.deptype IN ('a', 'i', 'P', 'S')"
	"  UNION ALL SELECT 'pg_class'::regclass::oid, i.inhrelid"
	"  FROM pg_inherits i WHERE i.inhparent = o.oid"
	"  AND o.class = 'pg_class'::regclass) AS x),"
	" need(class, oid, sub, root, how, direct, member) AS ("
	" SELECT d.refclassid, d.refobjid, d.refobjsubid, o.root,"
	" pg_describe_object(o.class, o.oid, d.objsubid),"
	" (o.class = 'pg_class'::regclass)::int + (o.oid = o.root)::int,"
	" o.oid = o.root AND d.deptype = 'e'"
	" FROM own o JOIN pg_depend d ON d.classid = o.class"
	" AND d.objid = o.oid AND NOT EXISTS (SELECT FROM own p"
	" WHERE p.class = d.refclassid AND p.oid = d.refobjid)"
	" UNION SELECT d.refclassid, d.refobjid, d.refobjsubid, n.root,"
	" n.how, 0, false FROM need n JOIN pg_depend d ON d.classid = n.class"
	" AND d.objid = n.oid AND d.objsubid IN (0, n.sub))"
	" (SELECT DISTINCT ON (class, oid) 'need', class::regclass::text,"
	" oid, root, how, bool_or(member) OVER (PARTITION BY class, oid)"
	" FROM need WHERE class IN ('pg_class'::regclass,"
	" 'pg_proc'::regclass, 'pg_type'::regclass,"
	" 'pg_namespace'::regclass, 'pg_extension'::regclass)"
	" ORDER BY class, oid, direct DESC, how)"
	" UNION ALL (SELECT DISTINCT ON (c.oid) 'part', 'pg_class', c.oid,"
	" o.root, NULL, false FROM own o JOIN pg_class c"
	" ON o.class = 'pg_class'::regclass AND c.oid = o.oid"
	" AND c.relkind IN ('S', 'i', 'I') ORDER BY c.oid);";

/* --- writing ----------------------------------------------------------------- */

/* The configured names: g, with number, schema and name. */
static void put_guarded(struct buffer *out, const struct guard *guard)
{
	buffer_put_text(out, "WITH RECURSIVE g(i, s, n) AS (VALUES ");
	for (unsigned i = 0; i < guard->count; i++) {
		buffer_printf(out, "%s(%u, ", i ? ", " : "", i);
		audit_put_literal(out, guard->tables[i].schema);
		buffer_put_text(out, "::text, ");
		audit_put_literal(out, guard->tables[i].name);
		buffer_put_text(out, "::text)");
	}
	buffer_put_text(out, ") ");
}

static void put_names(struct buffer *out, const char *(*name_of)(size_t))
{
	const char *name;

	for (size_t i = 0; (name = name_of(i)); i++)
		buffer_printf(out, "%s'%s'", i ? ", " : "", name);
}

/* Postgres's own functions that can do harm; and extensions that do none. */
static void put_own(struct buffer *out)
{
	buffer_put_text(out, "WITH own(oid) AS MATERIALIZED (SELECT oid FROM"
			" pg_proc WHERE oid < " FIRST_OID " AND proname IN (");
	put_names(out, sql_function_judged_by_call);
	buffer_put_text(out, ")), known(name) AS (SELECT unnest(ARRAY[");
	put_names(out, sql_extension_known);
	buffer_put_text(out, "])) ");
}

void catalog_sql_number(const struct guard *guard, struct buffer *out)
{
	buffer_put_text(out, preamble);
	put_guarded(out, guard);
	buffer_put_text(out, ", t(oid) AS (SELECT c.oid FROM pg_class c"
			" JOIN g ON g.n = c.relname) ");
	buffer_put_text(out, number);
}

void catalog_sql_load(const struct guard *guard,
		      const struct audit_subject *subject, struct buffer *out)
{
	/* What stands between things comes behind them. */
	static const struct {
		const char *text;
		bool asks_own;
	} loads[] = {
		{ functions, true }, { types, false }, { operators, false },
		{ inherits, false }, { views, false },
		{ views_of_catalogs, false }, { keys, false },
		{ calls, true }, { uses, true }, { hidden, true },
		{ triggers, false }, { triggers_hidden, true },
		{ movers, false },
		{ rules, false }, { type_calls, true },
		{ sorts, false }, { contents, false }, { places, false },
	};

	buffer_put_text(out, preamble);
	put_guarded(out, guard);
	buffer_put_text(out, relations);
	for (unsigned i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
		if (loads[i].asks_own)
			put_own(out);
		buffer_put_text(out, loads[i].text);
	}
	put_guarded(out, guard);
	buffer_put_text(out, needs);
	buffer_put_text(out, "SELECT 'findings';");
	audit_findings_sql(subject, out);
}
