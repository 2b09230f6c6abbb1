/*
 * A schema as rows of pg_catalog.
 */
#include "pool/sqlite/catalog_filler.h"

#include <stdarg.h>
#include <stdlib.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/extension.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

/* --- one row ------------------------------------------------------------ */

void filler_begin(struct filler *filler, const char *sql)
{
	if (filler->status == SQLITE_OK)
		filler->status = sqlite3_prepare_v2(filler->db, sql, -1,
						    &filler->statement, NULL);
}

void filler_put(struct filler *filler, const char *types, ...)
{
	va_list args;

	if (filler->status != SQLITE_OK)
		return;
	va_start(args, types);
	for (int i = 1; *types; types++, i++) {
		char letter[2] = { 0 };

		switch (*types) {
		case 'u':
			sqlite3_bind_int64(filler->statement, i,
					   va_arg(args, uint32_t));
			break;
		case 'i':
			sqlite3_bind_int(filler->statement, i,
					 va_arg(args, int));
			break;
		case 'l':
			sqlite3_bind_int64(filler->statement, i,
					   va_arg(args, int64_t));
			break;
		case 'c':
			letter[0] = (char)va_arg(args, int);
			sqlite3_bind_text(filler->statement, i, letter, -1,
					  SQLITE_TRANSIENT);
			break;
		default:
			sqlite3_bind_text(filler->statement, i,
					  va_arg(args, const char *), -1,
					  SQLITE_STATIC);
			break;
		}
	}
	va_end(args);
	sqlite3_step(filler->statement);
	filler->status = sqlite3_reset(filler->statement);
}

void filler_end(struct filler *filler)
{
	sqlite3_finalize(filler->statement);
	filler->statement = NULL;
}

bool filler_means(const struct filler *filler, const struct schema_table *table)
{
	return table->catalog == filler->own;
}

static uint32_t number_cell(const struct catalog_facts *facts, const char *row,
			    const char *column)
{
	struct slice text = catalog_facts_cell(
		row, catalog_facts_column(facts, column));

	return catalog_facts_number((const char *)text.at);
}

static bool class_matches(const struct catalog_facts *facts, const char *row,
			  uint32_t method, uint32_t type, const char *name)
{
	if (number_cell(facts, row, "opcmethod") != method)
		return false;
	if (name)
		return slice_is(catalog_facts_cell(row, catalog_facts_column(
					facts, "opcname")), name);
	return number_cell(facts, row, "opcintype") == type &&
	       number_cell(facts, row, "opcdefault");
}

static uint32_t method_oid(const char *method)
{
	static const struct {
		const char *name;
		uint32_t oid;
	} rows[] = {
		{ "btree", 403 }, { "hash", 405 }, { "gist", 783 },
		{ "gin", 2742 }, { "spgist", 4000 }, { "brin", 3580 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, method) == 0)
			return rows[i].oid;
	return 403;
}

uint32_t opclass_of_type(const struct schema *schema, uint32_t type,
			 const char *method, const char *name)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_opclass");
	const struct type *row = type_by_oid(type);

	if (type == OID_VARCHAR)
		type = OID_TEXT;
	else if (row && row->element && row->length == -1)
		type = OID_ANYARRAY;
	else if (schema_enum_by_oid(schema, type))
		type = 3500;	/* anyenum */
	for (size_t i = 0; i < facts->count; i++)
		if (class_matches(facts, facts->rows[i], method_oid(method),
				  type, name))
			return catalog_facts_number(facts->rows[i]);
	return 0;
}

/* --- tables ------------------------------------------------------------- */

static int count_checks(const struct schema_table *table)
{
	int count = 0;

	for (int i = 0; i < table->constraint_count; i++)
		count += table->constraints[i].kind == CONSTRAINT_CHECKED;
	return count;
}

static bool has_foreign_keys(const struct filler *filler,
			     const struct schema_table *table)
{
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_FOREIGN)
			return true;
	for (int i = 0; i < filler->schema->table_count; i++) {
		const struct schema_table *other = &filler->schema->tables[i];

		for (int j = 0; j < other->constraint_count; j++)
			if (other->constraints[j].kind == CONSTRAINT_FOREIGN &&
			    strcmp(other->constraints[j].foreign_table,
				   table->name) == 0)
				return true;
	}
	return false;
}

/* As an array; NULL when there are none. */
static const char *option_list(struct filler *filler,
			       const struct schema_index *row)
{
	const char **items, *text = "";
	int count = row->options ? facts_split(&filler->arena, row->options,
					       &items) : 0;

	for (int i = 0; i < count; i++)
		text = arena_printf(&filler->arena, "%s%s%s", text,
				    i > 0 ? "," : "", items[i]);
	return count > 0 ? arena_printf(&filler->arena, "{%s}", text) : NULL;
}

static void fill_classes(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT OR REPLACE INTO pg_catalog.pg_class(oid,"
	      " relname, relnamespace, reltype, relam, relhasindex,"
	      " relpersistence, relkind, relnatts, relchecks, relhasrules,"
	      " relhastriggers, relreplident, relispopulated, relfilenode,"
	      " reloptions, relpages, reltuples) VALUES(?1, ?2, ?3, ?4, ?5, ?6,"
	      " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, CASE WHEN ?8 <> 'v' THEN ?1"
	      " ELSE 0 END, ?15, ?8 IN ('S', 'i'), CASE ?8 WHEN 'S' THEN 1 WHEN"
	      " 'i' THEN 0 WHEN 'v' THEN 0 ELSE -1 END)");
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];
		bool view = table->kind == 'v';
		char persistence =
			strcmp(table->schema, SCHEMA_TEMP) == 0 ? 't' : 'p';

		if (!filler_means(filler, table))
			continue;
		filler_put(filler, "utuuiicciiiicit", table->oid, table->name,
		    namespace_oid(schema, table->schema), table->type_oid,
		    view ? 0 : 2, table->index_count > 0,
		    persistence, table->kind, table->attribute_count,
		    count_checks(table), table->kind != 'r',
		    has_foreign_keys(filler, table),
		    view || table->catalog ? 'n' : 'd', !table->unpopulated,
		    NULL);
		for (int j = 0; j < table->index_count; j++) {
			const struct schema_index *row = &table->indexes[j];

			filler_put(filler, "utuuiicciiiicit", row->oid, row->name,
			    namespace_oid(schema, table->schema), 0u,
			    method_oid(row->method), 0, persistence, 'i',
			    row->column_count, 0, 0, 0, 'n', 1,
			    option_list(filler, row));
		}
	}
	for (int i = 0; !filler->own && i < schema->sequence_count; i++) {
		const struct schema_sequence *row = &schema->sequences[i];

		filler_put(filler, "utuuiicciiiicit", row->oid, row->name,
		    namespace_oid(schema, row->schema), 0u, 0, 0,
		    row->temporary ? 't' : 'p', 'S', 3, 0, 0, 0, 'n', 1, NULL);
	}
	filler_end(filler);
}

/* --- types and namespaces ----------------------------------------------- */

bool catalog_has_temporary(const struct schema *schema)
{
	for (int i = 0; i < schema->sequence_count; i++)
		if (schema->sequences[i].temporary)
			return true;
	for (int i = 0; i < schema->table_count; i++)
		if (strcmp(schema->tables[i].schema, SCHEMA_TEMP) == 0)
			return true;
	return false;
}

/* public belongs to whoever owns the database, and anyone may look into it. */
static void fill_namespaces(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_namespace(oid,"
		     " nspname, nspowner, nspacl) VALUES(?1, ?2, ?3, CASE WHEN"
		     " ?4 THEN replace('{$=UC/$,=U/$}', '$',"
		     " pg_get_userbyid(?3)) END)");
	for (int i = 0; i < filler->schema->namespace_count; i++) {
		const struct schema_namespace *row =
			&filler->schema->namespaces[i];
		bool temporary = strcmp(row->name, SCHEMA_TEMP) == 0;
		bool public = strcmp(row->name, "public") == 0;
		bool listed = public || strcmp(row->name, "pg_catalog") == 0 ||
			      strcmp(row->name, "information_schema") == 0;

		if (temporary && !catalog_has_temporary(filler->schema))
			continue;
		if (temporary)
			filler_put(filler, "utui", row->oid - 1,
				   "pg_toast_temp_1", ROLE_OID, 0);
		filler_put(filler, "utui", row->oid, row->name,
			   public ? ROLE_DATABASE_OWNER : ROLE_OID, listed);
	}
	filler_end(filler);
}

static void fill_extensions(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_extension(oid, extname,"
	      " extowner, extnamespace, extrelocatable, extversion)"
	      " VALUES(?, ?, 10, ?, ?, ?)");
	for (int i = 0; i < schema->extension_count; i++) {
		const struct schema_extension *row = &schema->extensions[i];
		const struct schema_namespace *place =
			schema_find_namespace(schema, row->schema);

		filler_put(filler, "utuit", row->oid, row->name,
		    place ? place->oid : 2200u, row->oid >= OID_USER_FIRST,
		    row->version);
	}
	filler_end(filler);
}

static void fill_available_extensions(struct filler *filler)
{
	const struct extension_row *row;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_available_extensions"
		     " VALUES(?, ?, ?, ?)");
	for (size_t i = 0; (row = extension_at(i)); i++) {
		const struct schema_extension *created =
			schema_find_extension(filler->schema, row->name);

		filler_put(filler, "tttt", row->name, row->version,
			   created ? created->version : NULL, row->comment);
	}
	filler_end(filler);
}

/* The functions of composite types, enums and arrays, by their OIDs. */
#define IO_RECORD 2290u, 2291u, 2402u, 2403u
#define IO_ENUM 3506u, 3507u, 3532u, 3533u
#define IO_ARRAY 750u, 751u, 2400u, 2401u

static void put_type(struct filler *filler, uint32_t oid, const char *name,
		     uint32_t in, int length, char kind, char category,
		     uint32_t relation, uint32_t element, uint32_t array,
		     uint32_t input, uint32_t output, uint32_t receive,
		     uint32_t send, bool composite)
{
	filler_put(filler, "utuiccuuuuuuuciiuc", oid, name, in, length, kind, category,
	    relation, element, array, input, output, receive, send,
	    length == -1 ? 'x' : 'p', length == 4, 1,
	    category == 'A' ? 6179u : 0u,	/* array_subscript_handler */
	    kind == 'c' || (category == 'A' && composite) ? 'd' : 'i');
}

static void fill_types(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_type(oid, typname,"
	      " typnamespace, typlen, typtype, typcategory, typrelid, typelem,"
	      " typarray, typinput, typoutput, typreceive, typsend,"
	      " typstorage, typbyval, typisdefined, typsubscript, typalign)"
	      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	      " ?)");
	for (int i = 0; i < schema->enum_count; i++) {
		const struct schema_enum *row = &schema->enums[i];
		uint32_t in = namespace_oid(schema, row->schema);

		put_type(filler, row->oid, row->name, in, 4, 'e', 'E', 0, 0,
			 row->array_oid, IO_ENUM, false);
		put_type(filler, row->array_oid,
			 arena_printf(&filler->arena, "_%s", row->name), in,
			 -1, 'b', 'A', 0, row->oid, 0, IO_ARRAY, false);
	}
	for (int i = 0; i < schema->domain_count; i++) {
		const struct schema_domain *row = &schema->domains[i];

		put_type(filler, row->array_oid,
			 arena_printf(&filler->arena, "_%s", row->name),
			 namespace_oid(schema, row->schema), -1, 'b', 'A', 0,
			 row->oid, 0, IO_ARRAY, false);
	}
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];
		uint32_t in = namespace_oid(schema, table->schema);

		if (table->catalog)
			continue;
		put_type(filler, table->type_oid, table->name, in, -1, 'c',
			 'C', table->oid, 0, table->array_oid, IO_RECORD,
			 true);
		put_type(filler, table->array_oid,
			 arena_printf(&filler->arena, "_%s", table->name), in,
			 -1, 'b', 'A', 0, table->type_oid, 0, IO_ARRAY, true);
	}
	filler_end(filler);
}

/* A domain reads and writes as its base type does. */
static void fill_domains(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_type(oid, typname,"
	      " typnamespace, typlen, typbyval, typtype, typcategory,"
	      " typisdefined, typarray, typinput, typoutput, typreceive,"
	      " typsend, typalign, typstorage, typnotnull, typbasetype,"
	      " typtypmod, typcollation, typdefault, typdefaultbin)"
	      " SELECT ?1, ?2, ?3, typlen, typbyval, 'd', typcategory, 1, ?4,"
	      " 2597, typoutput, 2598, typsend, typalign, typstorage, ?5, oid,"
	      " ?7, typcollation, ?8, ?8 FROM pg_catalog.pg_type"
	      " WHERE oid = ?6");
	for (int i = 0; i < schema->domain_count; i++) {
		const struct schema_domain *row = &schema->domains[i];

		filler_put(filler, "utuuiuit", row->oid, row->name,
			   namespace_oid(schema, row->schema), row->array_oid,
			   row->not_null, row->type, row->typmod,
			   row->default_text);
	}
	filler_end(filler);
}

static void fill_enums(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_enum(oid, enumtypid,"
	      " enumsortorder, enumlabel) VALUES(?, ?, ?, ?)");
	for (int i = 0; i < filler->schema->enum_count; i++) {
		const struct schema_enum *row = &filler->schema->enums[i];

		for (int j = 0; j < row->label_count; j++)
			filler_put(filler, "uuit", filler->minor++, row->oid, j + 1,
			    row->labels[j]);
	}
	filler_end(filler);
}

/* --- constraints and indexes -------------------------------------------- */

/* The attnums of a table's columns by their numbers, 0 for an expression. */
static const char *number_list(struct filler *filler,
			       const struct schema_table *table,
			       const int16_t *numbers, int count,
			       const char *separator)
{
	const char *text = "";

	for (int i = 0; i < count; i++)
		text = arena_printf(&filler->arena, "%s%s%d", text,
				    i ? separator : "", numbers[i] ?
				    table->columns[numbers[i] - 1].attribute :
				    0);
	return text;
}

static const char *number_array(struct filler *filler,
				const struct schema_table *table,
				const int16_t *numbers, int count)
{
	return arena_printf(&filler->arena, "{%s}",
			    number_list(filler, table, numbers, count, ","));
}

static uint32_t index_oid(const struct schema_table *table, const char *name)
{
	for (int i = 0; i < table->index_count; i++)
		if (table->indexes[i].constraint &&
		    strcmp(table->indexes[i].constraint, name) == 0)
			return table->indexes[i].oid;
	return 0;
}

/* The index of the key that a foreign key references. */
static uint32_t foreign_index(const struct schema_table *table,
			      const struct schema_constraint *row)
{
	for (int i = 0; table && i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];
		int found = 0;

		if (!index->unique || index->late ||
		    index->key_count != row->column_count)
			continue;
		for (int j = 0; j < row->column_count; j++)
			for (int k = 0; k < index->key_count; k++)
				found += index->columns[k] ==
					 row->foreign_columns[j];
		if (found == row->column_count)
			return index->oid;
	}
	return 0;
}

static void put_constraint(struct filler *filler,
			   const struct schema_table *table,
			   const struct schema_constraint *row)
{
	bool foreign = row->kind == CONSTRAINT_FOREIGN;
	const struct schema_table *other = foreign ?
		schema_find_table(filler->schema, NULL, row->foreign_schema,
				  row->foreign_table) : NULL;

	filler_put(filler, "utuciiuuuccctttii", row->oid, row->name,
	    namespace_oid(filler->schema, table->schema), (char)row->kind,
	    row->deferrable, row->deferred, table->oid,
	    foreign ? foreign_index(other, row) :
		      index_oid(table, row->name),
	    other ? other->oid : 0u, foreign ? row->on_update : ' ',
	    foreign ? row->on_delete : ' ',
	    !foreign ? ' ' : row->match_full ? 'f' : 's',
	    row->column_count ? number_array(filler, table, row->columns,
					     row->column_count) : NULL,
	    other ? number_array(filler, other, row->foreign_columns,
				 row->column_count) : NULL,
	    row->check_text, row->kind != CONSTRAINT_CHECKED,
	    !row->not_valid);
}

static void fill_constraints(struct filler *filler)
{
	filler_begin(filler, "INSERT OR REPLACE INTO pg_catalog.pg_constraint(oid,"
	      " conname, connamespace, contype, condeferrable, condeferred,"
	      " conrelid, conindid, confrelid, confupdtype, confdeltype,"
	      " confmatchtype, conkey, confkey, conbin, connoinherit,"
	      " convalidated)"
	      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	for (int i = 0; i < filler->schema->table_count; i++) {
		const struct schema_table *table = &filler->schema->tables[i];

		for (int j = 0; j < table->constraint_count; j++)
			put_constraint(filler, table, &table->constraints[j]);
	}
	filler_end(filler);
}

static void fill_domain_checks(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_constraint(oid, conname,"
	      " connamespace, contype, contypid, conbin)"
	      " VALUES(?, ?, ?, 'c', ?, ?)");
	for (int i = 0; i < schema->domain_count; i++) {
		const struct schema_domain *row = &schema->domains[i];

		for (int j = 0; j < row->check_count; j++)
			filler_put(filler, "utuut",
			    schema_domain_check_oid(row, j),
			    row->checks[j].name,
			    namespace_oid(schema, row->schema), row->oid,
			    row->checks[j].text);
	}
	filler_end(filler);
}

/* Options, collations and operator classes of each key, as vectors. */
static void key_vectors(struct filler *filler,
			const struct schema_table *table,
			const struct schema_index *row,
			const char **ret_options, const char **ret_collations,
			const char **ret_classes)
{
	const char *options = "", *collations = "", *classes = "";

	for (int i = 0; i < row->key_count; i++) {
		const struct schema_column *column = row->columns[i] ?
			&table->columns[row->columns[i] - 1] : NULL;
		uint32_t type = column ? column->type : row->types[i];
		const char *space = i ? " " : "";

		options = arena_printf(&filler->arena, "%s%s%d", options,
				       space, (row->descending[i] ? 1 : 0) |
				       (row->nulls_first[i] ? 2 : 0));
		collations = arena_printf(&filler->arena, "%s%s%u", collations,
					  space, column ?
					  collation_of_column(column) :
					  type_collation(type));
		classes = arena_printf(&filler->arena, "%s%s%u", classes,
				       space,
				       opclass_of_type(filler->schema, type,
						row->method,
						row->operator_classes[i]));
	}
	*ret_options = options;
	*ret_collations = collations;
	*ret_classes = classes;
}

static const char *expression_list(struct filler *filler,
				   const struct schema_index *row)
{
	const char *text = NULL;

	for (int i = 0; i < row->column_count; i++)
		if (row->expressions[i])
			text = text ? arena_printf(&filler->arena, "%s, %s",
						   text, row->expressions[i]) :
			       row->expressions[i];
	return text;
}

static void fill_indexes(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_index(indexrelid, indrelid,"
	      " indnatts, indnkeyatts, indisunique, indisprimary, indkey,"
	      " indoption, indcollation, indclass, indexprs, indpred,"
	      " indnullsnotdistinct, indimmediate)"
	      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	for (int i = 0; i < filler->schema->table_count; i++) {
		const struct schema_table *table = &filler->schema->tables[i];

		for (int j = 0; j < table->index_count; j++) {
			const struct schema_index *row = &table->indexes[j];
			const char *options, *collations, *classes;

			key_vectors(filler, table, row, &options, &collations,
				    &classes);
			filler_put(filler, "uuiiiittttt" "tii", row->oid, table->oid,
			    row->column_count, row->key_count, row->unique,
			    row->primary,
			    number_list(filler, table, row->columns,
					row->column_count, " "),
			    options, collations, classes,
			    expression_list(filler, row), row->predicate,
			    row->nulls_equal, !row->late);
		}
	}
	filler_end(filler);
}

/* --- sequences, comments ------------------------------------------------ */

static void fill_sequences(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_sequence(seqrelid, seqtypid,"
	      " seqstart, seqincrement, seqmax, seqmin, seqcycle, seqcache)"
	      " VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
	for (int i = 0; i < filler->schema->sequence_count; i++) {
		const struct schema_sequence *row =
			&filler->schema->sequences[i];

		filler_put(filler, "uullll" "il", row->oid, row->type, row->start,
		    row->increment, row->maximum, row->minimum, row->cycle,
		    row->cache);
	}
	filler_end(filler);
}

static void put_comment(struct filler *filler, uint32_t oid, uint32_t class,
			int number, const char *text)
{
	if (text)
		filler_put(filler, "uuit", oid, class, number, text);
}

static void put_table_comments(struct filler *filler,
			       const struct schema_table *table)
{
	put_comment(filler, table->oid, 1259, 0, table->comment);
	for (int i = 0; i < table->column_count; i++)
		put_comment(filler, table->oid, 1259,
			    table->columns[i].attribute,
			    table->columns[i].comment);
	for (int i = 0; i < table->constraint_count; i++)
		put_comment(filler, table->constraints[i].oid, 2606, 0,
			    table->constraints[i].comment);
	for (int i = 0; i < table->index_count; i++)
		put_comment(filler, table->indexes[i].oid, 1259, 0,
			    table->indexes[i].comment);
}

static void fill_comments(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_description(objoid, classoid,"
	      " objsubid, description) VALUES(?, ?, ?, ?)");
	for (int i = 0; i < schema->table_count; i++)
		if (!schema->tables[i].catalog)
			put_table_comments(filler, &schema->tables[i]);
	for (int i = 0; i < schema->enum_count; i++)
		put_comment(filler, schema->enums[i].oid, 1247, 0,
			    schema->enums[i].comment);
	for (int i = 0; i < schema->sequence_count; i++)
		put_comment(filler, schema->sequences[i].oid, 1259, 0,
			    schema->sequences[i].comment);
	for (int i = 0; i < schema->extension_count; i++)
		put_comment(filler, schema->extensions[i].oid, 3079, 0,
			    schema->extensions[i].comment);
	for (int i = 0; i < schema->namespace_count; i++)
		put_comment(filler, schema->namespaces[i].oid, 2615, 0,
			    schema->namespaces[i].comment);
	filler_end(filler);
}

static void fill_rules(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_rewrite(oid, rulename,"
	      " ev_class, ev_type, ev_enabled, is_instead)"
	      " VALUES(?, '_RETURN', ?, '1', 'O', 1)");
	for (int i = 0; i < filler->schema->table_count; i++)
		if (filler->schema->tables[i].kind != 'r' &&
		    !filler->schema->tables[i].catalog)
			filler_put(filler, "uu", filler->minor++,
			    filler->schema->tables[i].oid);
	filler_end(filler);
}

int catalog_fill_rows(sqlite3 *db, const struct schema *schema, bool own)
{
	struct filler filler = { .db = db, .schema = schema, .own = own,
				 .minor = OID_MINOR };

	fill_namespaces(&filler);
	fill_classes(&filler);
	fill_attributes(&filler);
	if (!own) {
		fill_available_extensions(&filler);
		fill_extensions(&filler);
		fill_defaults(&filler);
		fill_types(&filler);
		fill_enums(&filler);
		fill_domains(&filler);
		fill_constraints(&filler);
		fill_domain_checks(&filler);
		fill_indexes(&filler);
		fill_sequences(&filler);
		fill_rules(&filler);
		fill_depends(&filler);
		fill_comments(&filler);
	}
	arena_fini(&filler.arena);
	return filler.status;
}
