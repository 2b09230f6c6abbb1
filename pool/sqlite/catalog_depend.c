/*
 * pg_depend: what pg_dump orders by. Sequences and indexes on what owns them,
 * defaults on their column and on the sequence they count with, views on the
 * relations they read.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/catalog_filler.h"

#include "protocol/dialect/schema_name.h"
#include "protocol/sql_tree.h"
#include "protocol/sql_walk.h"
#include "protocol/type.h"

/* Expressions are kept as they look with this path. */
static const char *const kept_path[] = { "public", NULL };

static void put_owned(struct filler *filler, const struct schema_sequence *row)
{
	const struct schema_table *table = row->owner_table ?
		schema_find_table(filler->schema, NULL, row->schema,
				  row->owner_table) : NULL;
	const struct schema_column *column = table && row->owner_column ?
		schema_find_column(table, row->owner_column) : NULL;

	if (column)
		filler_put(filler, "uuuuuic", 1259u, row->oid, 1259u, table->oid, 0u,
		    column->attribute, row->identity ? 'i' : 'a');
}

static void put_all_owned(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_depend(classid, objid,"
	      " refclassid, refobjid, objsubid, refobjsubid, deptype)"
	      " VALUES(?, ?, ?, ?, ?, ?, ?)");
	for (int i = 0; i < filler->schema->sequence_count; i++)
		put_owned(filler, &filler->schema->sequences[i]);
	for (int i = 0; i < filler->schema->table_count; i++) {
		const struct schema_table *table = &filler->schema->tables[i];

		for (int j = 0; j < table->index_count; j++) {
			const struct schema_index *row = &table->indexes[j];
			const struct schema_constraint *owner =
				row->constraint ? schema_find_constraint(
					table, row->constraint) : NULL;

			if (owner)	/* on its constraint, internally */
				filler_put(filler, "uuuuuic", 1259u, row->oid, 2606u,
				    owner->oid, 0u, 0, 'i');
			else
				filler_put(filler, "uuuuuic", 1259u, row->oid, 1259u,
				    table->oid, 0u, 0, 'a');
		}
	}
	filler_end(filler);
}

/* The sequence of "nextval('s'::regclass)"; 0: it is something else. */
static uint32_t counted_with(struct filler *filler, const char *text)
{
	const struct compile_session session = { .search_path = kept_path };
	struct error ignored = { 0 };
	struct buffer name = { 0 };
	uint32_t oid = 0;

	if (!text || strncmp(text, "nextval('", 9) != 0)
		return 0;
	for (text += 9; *text && (*text != '\'' || text[1] == '\''); text++) {
		buffer_put_u8(&name, (uint8_t)*text);
		text += *text == '\'';
	}
	if (!reg_read(filler->schema, &session, OID_REGCLASS,
		      buffer_slice(&name), &filler->arena, &oid, &ignored))
		oid = 0;
	buffer_fini(&name);
	return oid;
}

static void put_defaults(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_depend(classid, objid,"
	      " objsubid, refclassid, refobjid, refobjsubid, deptype)"
	      " SELECT 2604, oid, 0, 1259, iif(?3, ?3, adrelid),"
	      " iif(?3, 0, adnum), iif(?3, 'n', 'a')"
	      " FROM pg_catalog.pg_attrdef WHERE adrelid = ?1 AND adnum = ?2");
	for (int i = 0; i < filler->schema->table_count; i++) {
		const struct schema_table *table = &filler->schema->tables[i];

		for (int j = 0; j < table->column_count; j++) {
			const struct schema_column *column = &table->columns[j];
			uint32_t sequence = counted_with(filler,
							 column->default_text);

			if (!column->default_text)
				continue;
			filler_put(filler, "uiu", table->oid,
				   column->attribute, 0u);
			if (sequence)
				filler_put(filler, "uiu", table->oid,
					   column->attribute, sequence);
		}
	}
	filler_end(filler);
}

struct view_walk {
	struct filler *filler;
	const struct schema_table *view;
};

static bool see_relation(Node *node, int depth, void *context)
{
	struct view_walk *walk = context;
	const RangeVar *name = (const RangeVar *)node;
	const struct schema_table *table = !IsA(node, RangeVar) ? NULL :
		schema_find_table(walk->filler->schema, kept_path,
				  name->schemaname, name->relname);

	if (table && !table->catalog && table != walk->view)
		filler_put(walk->filler, "uu", walk->view->oid, table->oid);
	return true;
}

static void put_views(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_depend(classid, objid,"
	      " objsubid, refclassid, refobjid, refobjsubid, deptype)"
	      " SELECT 2618, oid, 0, 1259, ?2, 0, iif(?1 = ?2, 'i', 'n')"
	      " FROM pg_catalog.pg_rewrite WHERE ev_class = ?1");
	for (int i = 0; i < filler->schema->table_count; i++) {
		struct view_walk walk = { filler, &filler->schema->tables[i] };
		struct error ignored = { 0 };
		struct sql_tree *tree;

		if (!walk.view->view_text || walk.view->catalog)
			continue;
		filler_put(filler, "uu", walk.view->oid, walk.view->oid);
		tree = sql_tree_new(slice_text(walk.view->view_text), &ignored);
		if (tree && sql_tree_count(tree) == 1)
			sql_walk(sql_tree_statement(tree, 0).node,
				 see_relation, &walk, &ignored);
		sql_tree_free(&tree);
	}
	filler_end(filler);
}

void fill_depends(struct filler *filler)
{
	put_all_owned(filler);
	put_defaults(filler);
	put_views(filler);
}
