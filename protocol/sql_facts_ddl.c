/*
 * What DDL does to relations. Harmless is what neither changes rows nor the
 * table's shape nor what happens to rows that arrive: maintenance, comments,
 * statistics, grants of what an insert-only role holds.
 */
#include "protocol/sql_nodes.h"

#include "catalog/pg_trigger_d.h"

#include "protocol/sql_facts_build.h"
#include "protocol/type.h"

static const char *list_text(const List *list, int index)
{
	return index >= 0 && index < list_length(list) ?
		       string_of(list_nth(list, index)) :
		       NULL;
}

/* A name without its last part: the table of [schema.]table.column. */
static void add_owner(struct facts_builder *builder, enum deed deed,
		      const List *name)
{
	int length = list_length(name);

	if (length > 1)
		add_deed(builder, deed, list_text(name, length - 3),
			 list_text(name, length - 2));
}

/* A name that may come to stand before the same name further down the
 * search path. */
static void add_shadow(struct facts_builder *builder, const char *schema,
		       const char *name)
{
	if (name)
		add_deed(builder, DEED_CREATE_TEMP, schema, name);
}

/* --- indexes, sequences, statistics ----------------------------------------- */

/* Constraints of these kinds make an index of the constraint's name. */
static void add_constraint_name(struct facts_builder *builder,
				const char *schema,
				const Constraint *constraint)
{
	if (constraint->contype == CONSTR_PRIMARY ||
	    constraint->contype == CONSTR_UNIQUE ||
	    constraint->contype == CONSTR_EXCLUSION)
		add_shadow(builder, schema, constraint->conname);
}

static void add_column_constraints(struct facts_builder *builder,
				   const RangeVar *relation, const Node *item)
{
	ListCell *cell;

	if (IsA(item, Constraint))
		add_constraint_name(builder, relation->schemaname,
				    (const Constraint *)item);
	if (!IsA(item, ColumnDef))
		return;
	foreach (cell, ((const ColumnDef *)item)->constraints)
		add_column_constraints(builder, relation, lfirst(cell));
}

void record_create(struct facts_builder *builder, Node *node)
{
	CreateStmt *create = (CreateStmt *)node;
	ListCell *cell;

	add_created(builder, create->relation);
	foreach (cell, create->inhRelations) {
		if (!IsA(lfirst(cell), RangeVar))
			continue;
		add_target(builder, DEED_HARMLESS_DDL, lfirst(cell));
		/* its bounds become values of the columns' types */
		if (create->partbound)
			note_also(builder, 1u << DEED_INSERT);
	}
	if (!is_temporary(create->relation))
		return;
	foreach (cell, create->tableElts)
		add_column_constraints(builder, create->relation,
				       lfirst(cell));
}

void record_alter_sequence(struct facts_builder *builder, Node *node)
{
	add_target(builder, DEED_ALTER, ((AlterSeqStmt *)node)->sequence);
}

void record_statistics(struct facts_builder *builder, Node *node)
{
	ListCell *cell;

	foreach (cell, ((CreateStatsStmt *)node)->relations)
		if (IsA(lfirst(cell), RangeVar))
			add_target(builder, DEED_HARMLESS_DDL, lfirst(cell));
}

/* Its values are put in order, or counted, by code that their types bring. */
static void add_rebuilt(struct facts_builder *builder,
			const RangeVar *relation)
{
	if (!relation)
		return;
	add_target(builder, DEED_HARMLESS_DDL, relation);
	note_rebuilt(builder);
}

void record_vacuum(struct facts_builder *builder, Node *node)
{
	ListCell *cell;

	foreach (cell, ((VacuumStmt *)node)->rels)
		add_rebuilt(builder,
			    ((VacuumRelation *)lfirst(cell))->relation);
}

void record_cluster(struct facts_builder *builder, Node *node)
{
	add_rebuilt(builder, ((ClusterStmt *)node)->relation);
}

void record_reindex(struct facts_builder *builder, Node *node)
{
	add_rebuilt(builder, ((ReindexStmt *)node)->relation);
}

/* --- DROP ------------------------------------------------------------------ */

static void drop_object(struct facts_builder *builder, const DropStmt *drop,
			Node *object)
{
	bool cascade = drop->behavior == DROP_CASCADE;
	ListCell only;
	List names = { .type = T_List, .length = 1, .elements = &only };

	switch (drop->removeType) {
	case OBJECT_TABLE:
	case OBJECT_VIEW:
	case OBJECT_MATVIEW:
	case OBJECT_INDEX:
	case OBJECT_SEQUENCE:
	case OBJECT_FOREIGN_TABLE:
		add_named(builder, DEED_DROP, (List *)object);
		note_cascade(builder, cascade);
		break;
	case OBJECT_TYPE:
	case OBJECT_DOMAIN:
		add_named(builder, DEED_DROP, ((TypeName *)object)->names);
		note_cascade(builder, cascade);
		add_object(builder, OBJECT_OF_TYPE, DEED_DROP,
			   ((TypeName *)object)->names, cascade);
		break;
	case OBJECT_TRIGGER:
	case OBJECT_RULE:
	case OBJECT_POLICY:
		add_owner(builder, DEED_ALTER, (List *)object);
		break;
	case OBJECT_SCHEMA:
		/* without CASCADE only an empty schema goes */
		if (!cascade)
			break;
		add_deed(builder, DEED_DROP, string_of(object), NULL);
		note_cascade(builder, true);
		break;
	case OBJECT_FUNCTION:
	case OBJECT_PROCEDURE:
	case OBJECT_ROUTINE:
	case OBJECT_AGGREGATE:
		add_object(builder, OBJECT_OF_FUNCTION, DEED_DROP,
			   ((ObjectWithArgs *)object)->objname, cascade);
		break;
	case OBJECT_EXTENSION:
		only.ptr_value = object;
		add_object(builder, OBJECT_OF_EXTENSION, DEED_DROP, &names,
			   cascade);
		break;
	case OBJECT_EVENT_TRIGGER:
		add_forbidden(builder, "DROP EVENT TRIGGER");
		break;
	case OBJECT_PUBLICATION:
		break;
	default:
		add_object(builder, OBJECT_OF_OTHER_KIND, DEED_DROP, NULL,
			   cascade);
		break;
	}
}

void record_drop(struct facts_builder *builder, Node *node)
{
	DropStmt *drop = (DropStmt *)node;
	ListCell *cell;

	foreach (cell, drop->objects)
		drop_object(builder, drop, lfirst(cell));
}

/* --- types ----------------------------------------------------------------- */

void record_domain(struct facts_builder *builder, Node *node)
{
	add_object(builder, OBJECT_OF_TYPE, DEED_HARMLESS_DDL,
		   ((CreateDomainStmt *)node)->domainname, false);
}

/* Rows show what an enum's values are called. */
void record_alter_enum(struct facts_builder *builder, Node *node)
{
	AlterEnumStmt *alter = (AlterEnumStmt *)node;

	if (alter->oldVal)
		add_object(builder, OBJECT_OF_TYPE, DEED_ALTER,
			   alter->typeName, false);
}

/* DROP CONSTRAINT and DROP NOT NULL let more rows in; all else may keep some
 * out, or changes what a default gives them. */
void record_alter_domain(struct facts_builder *builder, Node *node)
{
	AlterDomainStmt *alter = (AlterDomainStmt *)node;

	if (alter->subtype != 'X' && alter->subtype != 'N')
		add_object(builder, OBJECT_OF_TYPE, DEED_ALTER,
			   alter->typeName, alter->behavior == DROP_CASCADE);
}

void record_alter_type(struct facts_builder *builder, Node *node)
{
	add_object(builder, OBJECT_OF_TYPE, DEED_ALTER,
		   ((AlterTypeStmt *)node)->typeName, false);
}

/* --- ALTER TABLE ----------------------------------------------------------- */

static bool is_maintenance_option(const char *name)
{
	return strncmp(name, "autovacuum_", 11) == 0 ||
	       strncmp(name, "log_autovacuum", 14) == 0 ||
	       strncmp(name, "vacuum_", 7) == 0 ||
	       strncmp(name, "toast_tuple_target", 18) == 0 ||
	       strcmp(name, "fillfactor") == 0 ||
	       strcmp(name, "parallel_workers") == 0;
}

static bool are_maintenance_options(const Node *options)
{
	ListCell *cell;

	if (!options || !IsA(options, List))
		return false;
	foreach (cell, (const List *)options)
		if (!is_maintenance_option(
			    ((DefElem *)lfirst(cell))->defname))
			return false;
	return true;
}

static bool is_harmless(const AlterTableCmd *command)
{
	switch (command->subtype) {
	case AT_SetStatistics:
	case AT_SetOptions:
	case AT_ResetOptions:
	case AT_SetCompression:
	case AT_ClusterOn:
	case AT_DropCluster:
	case AT_ValidateConstraint:
	case AT_AttachPartition:
		return true;
	case AT_SetRelOptions:
	case AT_ResetRelOptions:
		return are_maintenance_options(command->def);
	default:
		return false;
	}
}

/* Other relations that a command names, and names it makes. */
static void record_command(struct facts_builder *builder,
			   const RangeVar *relation,
			   const AlterTableCmd *command)
{
	switch (command->subtype) {
	case AT_AttachPartition:
	case AT_DetachPartition:
		add_target(builder, DEED_ALTER,
			   ((PartitionCmd *)command->def)->name);
		break;
	case AT_AddInherit:
	case AT_DropInherit:
		add_target(builder, DEED_ALTER, (RangeVar *)command->def);
		break;
	case AT_AddConstraint:
		add_constraint_name(builder, relation->schemaname,
				    (Constraint *)command->def);
		break;
	default:
		break;
	}
}

static bool enables(const AlterTableCmd *command)
{
	switch (command->subtype) {
	case AT_EnableTrig:
	case AT_EnableAlwaysTrig:
	case AT_EnableReplicaTrig:
	case AT_EnableTrigAll:
	case AT_EnableTrigUser:
	case AT_EnableRule:
	case AT_EnableAlwaysRule:
	case AT_EnableReplicaRule:
	/* what is computed for the rows that are there */
	case AT_ValidateConstraint:
	case AT_AlterColumnType:
	case AT_AddColumn:
	case AT_SetLogged:
	case AT_SetUnLogged:
	case AT_SetAccessMethod:
		return true;
	default:
		return false;
	}
}

void record_alter_table(struct facts_builder *builder, Node *node)
{
	AlterTableStmt *alter = (AlterTableStmt *)node;
	enum deed deed = DEED_HARMLESS_DDL;
	bool cascade = false;
	uint32_t also = 0;
	ListCell *cell;

	foreach (cell, alter->cmds) {
		const AlterTableCmd *command = lfirst(cell);

		if (!is_harmless(command))
			deed = DEED_ALTER;
		if (enables(command))
			also |= 1u << DEED_ENABLE;
		if (command->subtype == AT_AttachPartition)
			also |= 1u << DEED_INSERT;
		cascade |= command->behavior == DROP_CASCADE;
	}
	add_target(builder, deed, alter->relation);
	note_cascade(builder, cascade);
	note_also(builder, also);
	foreach (cell, alter->cmds)
		record_command(builder, alter->relation, lfirst(cell));
}

/* --- RENAME, SET SCHEMA, OWNER --------------------------------------------- */

static const char *const *one_name(struct facts_builder *builder,
				   const char *name)
{
	const char **names = arena_alloc(builder->arena, 2 * sizeof(*names));

	names[0] = name ? arena_text(builder->arena, name) : NULL;
	return names;
}

/* What is no relation, and is found by its name alone. */
static void add_thing(struct facts_builder *builder, enum deed deed,
		      ObjectType type, Node *object)
{
	switch (type) {
	case OBJECT_FUNCTION:
	case OBJECT_PROCEDURE:
	case OBJECT_ROUTINE:
	case OBJECT_AGGREGATE:
		add_object(builder, OBJECT_OF_FUNCTION, deed,
			   ((ObjectWithArgs *)object)->objname, false);
		break;
	case OBJECT_TYPE:
	case OBJECT_DOMAIN:
		add_object(builder, OBJECT_OF_TYPE, deed, (List *)object,
			   false);
		break;
	default:
		break;
	}
}

/* Whatever kind it says: ALTER INDEX t RENAME renames tables too. */
void record_rename(struct facts_builder *builder, Node *node)
{
	RenameStmt *rename = (RenameStmt *)node;

	if (rename->relation) {
		add_target(builder, DEED_RENAME, rename->relation);
		if (rename->renameType != OBJECT_COLUMN &&
		    rename->renameType != OBJECT_ATTRIBUTE)
			add_shadow(builder, rename->relation->schemaname,
				   rename->newname);
		else
			note_columns(builder, one_name(builder,
						       rename->subname));
	} else if (rename->renameType == OBJECT_SCHEMA) {
		add_deed(builder, DEED_RENAME, rename->subname, NULL);
	} else if (rename->renameType == OBJECT_DATABASE) {
		add_forbidden(builder, "ALTER DATABASE ... RENAME TO");
	} else if (rename->renameType == OBJECT_TYPE ||
		   rename->renameType == OBJECT_DOMAIN) {
		add_named(builder, DEED_RENAME, (List *)rename->object);
		add_shadow(builder, NULL, rename->newname);
	} else {
		add_thing(builder, DEED_RENAME, rename->renameType,
			  rename->object);
	}
}

void record_set_schema(struct facts_builder *builder, Node *node)
{
	AlterObjectSchemaStmt *move = (AlterObjectSchemaStmt *)node;

	if (move->relation)
		add_target(builder, DEED_RENAME, move->relation);
	else
		add_thing(builder, DEED_RENAME, move->objectType,
			  move->object);
}

void record_owner(struct facts_builder *builder, Node *node)
{
	AlterOwnerStmt *owner = (AlterOwnerStmt *)node;

	if (owner->relation)
		add_target(builder, DEED_ALTER, owner->relation);
	else
		add_thing(builder, DEED_ALTER, owner->objectType,
			  owner->object);
	/* a schema's owner may drop what is in it */
	if (owner->objectType == OBJECT_SCHEMA)
		add_deed(builder, DEED_ALTER, string_of(owner->object), NULL);
	if (owner->objectType == OBJECT_DATABASE)
		add_forbidden(builder, "ALTER DATABASE ... OWNER TO");
}

void record_depends(struct facts_builder *builder, Node *node)
{
	AlterObjectDependsStmt *depends = (AlterObjectDependsStmt *)node;

	/* what depends on an extension goes with it */
	if (depends->relation)
		add_target(builder, DEED_ALTER, depends->relation);
	else
		add_thing(builder, DEED_ALTER, depends->objectType,
			  depends->object);
}

/* --- rules, triggers, policies ---------------------------------------------- */

void record_rule(struct facts_builder *builder, Node *node)
{
	RuleStmt *rule = (RuleStmt *)node;

	add_target(builder, DEED_ALTER, rule->relation);
	/* by this one a table becomes a view */
	if (rule->event == CMD_SELECT)
		add_created(builder, rule->relation);
}

void record_trigger(struct facts_builder *builder, Node *node)
{
	CreateTrigStmt *create = (CreateTrigStmt *)node;

	add_target(builder, DEED_ALTER, create->relation);
	note_moving(builder, create->row &&
			     (create->timing & TRIGGER_TYPE_BEFORE) &&
			     (create->events & TRIGGER_TYPE_UPDATE));
	/* it will be called when nobody names it */
	add_called(builder, create->funcname);
}

void record_create_policy(struct facts_builder *builder, Node *node)
{
	add_target(builder, DEED_ALTER, ((CreatePolicyStmt *)node)->table);
}

void record_alter_policy(struct facts_builder *builder, Node *node)
{
	add_target(builder, DEED_ALTER, ((AlterPolicyStmt *)node)->table);
}

/* --- comments and labels ---------------------------------------------------- */

static void record_note(struct facts_builder *builder, ObjectType type,
			Node *object)
{
	switch (type) {
	case OBJECT_TABLE:
	case OBJECT_VIEW:
	case OBJECT_MATVIEW:
	case OBJECT_FOREIGN_TABLE:
		add_named(builder, DEED_HARMLESS_DDL, (List *)object);
		break;
	case OBJECT_COLUMN:
	case OBJECT_TABCONSTRAINT:
	case OBJECT_TRIGGER:
	case OBJECT_RULE:
	case OBJECT_POLICY:
		add_owner(builder, DEED_HARMLESS_DDL, (List *)object);
		break;
	default:
		break;
	}
}

void record_comment(struct facts_builder *builder, Node *node)
{
	CommentStmt *comment = (CommentStmt *)node;

	record_note(builder, comment->objtype, comment->object);
}

void record_label(struct facts_builder *builder, Node *node)
{
	SecLabelStmt *label = (SecLabelStmt *)node;

	record_note(builder, label->objtype, label->object);
}

/* --- privileges -------------------------------------------------------------- */

/* Every privilege named is one that an insert-only role has anyway, or, when
 * revoked, one that it must not have. */
static bool is_harmless_grant(const GrantStmt *grant)
{
	ListCell *cell;

	if (!grant->privileges)
		return false;	/* ALL */
	foreach (cell, grant->privileges) {
		const AccessPriv *privilege = lfirst(cell);
		const char *name = privilege->priv_name;
		bool insert_only = name && (strcmp(name, "select") == 0 ||
					    strcmp(name, "insert") == 0);

		if (!name || insert_only != grant->is_grant)
			return false;
	}
	return true;
}

static void grant_object(struct facts_builder *builder, enum deed deed,
			 Node *object)
{
	if (IsA(object, RangeVar))
		add_target(builder, deed, (RangeVar *)object);
	else	/* all tables or sequences of a schema, or itself */
		add_deed(builder, deed, string_of(object), NULL);
}

/* Of tables every privilege counts. Of sequences and schemas only what is
 * taken away: without them no row arrives. */
void record_grant(struct facts_builder *builder, Node *node)
{
	GrantStmt *grant = (GrantStmt *)node;
	bool table = grant->objtype == OBJECT_TABLE;
	enum deed deed = table && is_harmless_grant(grant) ?
				 DEED_HARMLESS_DDL :
				 DEED_ALTER;
	ListCell *cell;

	if (!grant->is_grant)
		builder->command = "REVOKE";
	if (!table && (grant->is_grant || (grant->objtype != OBJECT_SEQUENCE &&
					   grant->objtype != OBJECT_SCHEMA)))
		return;
	if (grant->targtype == ACL_TARGET_DEFAULTS)
		return;	/* tables to come */
	foreach (cell, grant->objects)
		grant_object(builder, deed, lfirst(cell));
}

/* --- extensions --------------------------------------------------------------- */

/* What belongs to an extension goes with it. */
void record_extension_contents(struct facts_builder *builder, Node *node)
{
	AlterExtensionContentsStmt *contents =
		(AlterExtensionContentsStmt *)node;

	switch (contents->objtype) {
	case OBJECT_TABLE:
	case OBJECT_VIEW:
	case OBJECT_MATVIEW:
	case OBJECT_FOREIGN_TABLE:
	case OBJECT_SEQUENCE:
		add_named(builder, DEED_ALTER, (List *)contents->object);
		break;
	case OBJECT_SCHEMA:
		add_deed(builder, DEED_ALTER, string_of(contents->object),
			 NULL);
		break;
	default:
		add_forbidden(builder, builder->command);
	}
}
