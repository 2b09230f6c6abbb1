/*
 * Every kind of statement, what it is called, and who records what it does.
 * A kind that is missing here is refused where tables are guarded; a test
 * asks for each kind the grammar has.
 */
#include "protocol/sql_nodes.h"

#include "protocol/sql_facts_build.h"

#define ROW(kind, command, flags, record) \
	[T_##kind] = { command, flags, record }

static const struct statement_row rows[] = {
	/* queries and data */
	ROW(SelectStmt, "SELECT", IS_READING, record_select),
	ROW(InsertStmt, "INSERT", 0, record_insert),
	ROW(UpdateStmt, "UPDATE", 0, record_update),
	ROW(DeleteStmt, "DELETE", 0, record_delete),
	ROW(MergeStmt, "MERGE", 0, record_merge),
	ROW(CopyStmt, "COPY", IS_READING, record_copy),
	ROW(TruncateStmt, "TRUNCATE", 0, record_truncate),
	ROW(LockStmt, "LOCK TABLE", 0, record_lock),
	ROW(ExplainStmt, "EXPLAIN", IS_READING, NULL),
	ROW(ReturnStmt, "RETURN", IS_READING, NULL),
	ROW(CallStmt, "CALL", IS_OPAQUE, NULL),
	ROW(DoStmt, "DO", IS_OPAQUE, record_do),

	/* transaction and session */
	ROW(TransactionStmt, "transaction control", 0, record_transaction),
	ROW(ConstraintsSetStmt, "SET CONSTRAINTS", 0, NULL),
	ROW(VariableSetStmt, "SET", 0, record_set),
	ROW(VariableShowStmt, "SHOW", IS_READING, NULL),
	ROW(DiscardStmt, "DISCARD", 0, record_discard),
	ROW(PrepareStmt, "PREPARE", IS_DEFERRED, record_prepare),
	ROW(ExecuteStmt, "EXECUTE", 0, record_execute),
	ROW(DeallocateStmt, "DEALLOCATE", 0, record_deallocate),
	ROW(DeclareCursorStmt, "DECLARE CURSOR", IS_READING, record_cursor),
	ROW(FetchStmt, "FETCH", 0, NULL),
	ROW(ClosePortalStmt, "CLOSE", 0, NULL),
	ROW(ListenStmt, "LISTEN", 0, record_listen),
	ROW(UnlistenStmt, "UNLISTEN", 0, record_unlisten),
	ROW(NotifyStmt, "NOTIFY", 0, NULL),
	ROW(LoadStmt, "LOAD", 0, record_load),
	ROW(CheckPointStmt, "CHECKPOINT", 0, NULL),

	/* tables, views, indexes, sequences */
	ROW(CreateStmt, "CREATE TABLE", IS_DDL, record_create),
	ROW(CreateForeignTableStmt, "CREATE FOREIGN TABLE", IS_DDL,
	    record_forbidden),
	ROW(CreateTableAsStmt, "CREATE TABLE AS", IS_DDL, record_create_as),
	ROW(RefreshMatViewStmt, "REFRESH MATERIALIZED VIEW", IS_OPAQUE,
	    record_refresh),
	ROW(ViewStmt, "CREATE VIEW", IS_DDL, record_view),
	ROW(IndexStmt, "CREATE INDEX", IS_DDL, record_index),
	ROW(CreateSeqStmt, "CREATE SEQUENCE", IS_DDL, record_sequence),
	ROW(AlterSeqStmt, "ALTER SEQUENCE", IS_DDL, record_alter_sequence),
	ROW(CreateStatsStmt, "CREATE STATISTICS", IS_DDL, record_statistics),
	ROW(AlterStatsStmt, "ALTER STATISTICS", IS_DDL, NULL),
	ROW(AlterTableStmt, "ALTER TABLE", IS_DDL, record_alter_table),
	ROW(AlterTableMoveAllStmt, "ALTER TABLE ALL IN TABLESPACE", IS_DDL,
	    record_forbidden),
	ROW(ReplicaIdentityStmt, "REPLICA IDENTITY", IS_DDL, NULL),
	ROW(RenameStmt, "ALTER ... RENAME", IS_DDL, record_rename),
	ROW(AlterObjectSchemaStmt, "ALTER ... SET SCHEMA", IS_DDL,
	    record_set_schema),
	ROW(AlterOwnerStmt, "ALTER ... OWNER TO", IS_DDL, record_owner),
	ROW(AlterObjectDependsStmt, "ALTER ... DEPENDS ON EXTENSION", IS_DDL,
	    record_depends),
	ROW(DropStmt, "DROP", IS_DDL, record_drop),
	ROW(CommentStmt, "COMMENT", IS_DDL, record_comment),
	ROW(SecLabelStmt, "SECURITY LABEL", IS_DDL, record_label),
	ROW(RuleStmt, "CREATE RULE", IS_DDL, record_rule),
	ROW(CreateTrigStmt, "CREATE TRIGGER", IS_DDL, record_trigger),
	ROW(CreatePolicyStmt, "CREATE POLICY", IS_DDL, record_create_policy),
	ROW(AlterPolicyStmt, "ALTER POLICY", IS_DDL, record_alter_policy),
	ROW(VacuumStmt, "VACUUM or ANALYZE", 0, record_vacuum),
	ROW(ClusterStmt, "CLUSTER", 0, record_cluster),
	ROW(ReindexStmt, "REINDEX", 0, record_reindex),

	/* schemas, types, functions and the like */
	ROW(CreateSchemaStmt, "CREATE SCHEMA", IS_DDL, NULL),
	ROW(CreateDomainStmt, "CREATE DOMAIN", IS_DDL, record_domain),
	ROW(AlterDomainStmt, "ALTER DOMAIN", IS_DDL, record_alter_domain),
	ROW(CompositeTypeStmt, "CREATE TYPE", IS_DDL, record_composite),
	ROW(CreateEnumStmt, "CREATE TYPE", IS_DDL, NULL),
	ROW(AlterEnumStmt, "ALTER TYPE", IS_DDL, record_alter_enum),
	ROW(CreateRangeStmt, "CREATE TYPE", IS_DDL, record_range),
	ROW(AlterTypeStmt, "ALTER TYPE", IS_DDL, record_alter_type),
	ROW(DefineStmt, "CREATE AGGREGATE, OPERATOR or TYPE", IS_DDL,
	    record_define),
	ROW(AlterOperatorStmt, "ALTER OPERATOR", IS_DDL, NULL),
	ROW(CreateFunctionStmt, "CREATE FUNCTION", IS_DDL | IS_DEFERRED,
	    record_function),
	ROW(AlterFunctionStmt, "ALTER FUNCTION", IS_DDL,
	    record_alter_function),
	ROW(CreateCastStmt, "CREATE CAST", IS_DDL, record_cast),
	ROW(CreateTransformStmt, "CREATE TRANSFORM", IS_DDL, record_transform),
	ROW(CreateConversionStmt, "CREATE CONVERSION", IS_DDL,
	    record_conversion),
	ROW(AlterCollationStmt, "ALTER COLLATION", IS_DDL, NULL),
	ROW(CreateOpClassStmt, "CREATE OPERATOR CLASS", IS_DDL,
	    record_operator_class),
	ROW(CreateOpFamilyStmt, "CREATE OPERATOR FAMILY", IS_DDL, NULL),
	ROW(AlterOpFamilyStmt, "ALTER OPERATOR FAMILY", IS_DDL,
	    record_operator_class),
	ROW(AlterTSDictionaryStmt, "ALTER TEXT SEARCH DICTIONARY", IS_DDL,
	    NULL),
	ROW(AlterTSConfigurationStmt, "ALTER TEXT SEARCH CONFIGURATION",
	    IS_DDL, NULL),
	ROW(CreateExtensionStmt, "CREATE EXTENSION", IS_DDL | IS_OPAQUE,
	    record_extension),
	ROW(AlterExtensionStmt, "ALTER EXTENSION", IS_DDL | IS_OPAQUE,
	    record_extension),
	ROW(AlterExtensionContentsStmt, "ALTER EXTENSION ... ADD or DROP",
	    IS_DDL, record_extension_contents),
	ROW(CreatePLangStmt, "CREATE LANGUAGE", IS_DDL, record_forbidden),
	ROW(CreateAmStmt, "CREATE ACCESS METHOD", IS_DDL, record_forbidden),
	ROW(CreateEventTrigStmt, "CREATE EVENT TRIGGER", IS_DDL,
	    record_forbidden),
	ROW(AlterEventTrigStmt, "ALTER EVENT TRIGGER", IS_DDL,
	    record_forbidden),

	/* ways in from outside: a foreign table or a subscription may point
	 * back at this very database */
	ROW(CreateFdwStmt, "CREATE FOREIGN DATA WRAPPER", IS_DDL,
	    record_forbidden),
	ROW(AlterFdwStmt, "ALTER FOREIGN DATA WRAPPER", IS_DDL,
	    record_forbidden),
	ROW(CreateForeignServerStmt, "CREATE SERVER", IS_DDL,
	    record_forbidden),
	ROW(AlterForeignServerStmt, "ALTER SERVER", IS_DDL, record_forbidden),
	ROW(CreateUserMappingStmt, "CREATE USER MAPPING", IS_DDL,
	    record_forbidden),
	ROW(AlterUserMappingStmt, "ALTER USER MAPPING", IS_DDL,
	    record_forbidden),
	ROW(DropUserMappingStmt, "DROP USER MAPPING", IS_DDL, NULL),
	ROW(ImportForeignSchemaStmt, "IMPORT FOREIGN SCHEMA", IS_DDL,
	    record_forbidden),
	ROW(CreateSubscriptionStmt, "CREATE SUBSCRIPTION", IS_DDL,
	    record_forbidden),
	ROW(AlterSubscriptionStmt, "ALTER SUBSCRIPTION", IS_DDL,
	    record_forbidden),
	ROW(DropSubscriptionStmt, "DROP SUBSCRIPTION", IS_DDL, NULL),
	ROW(CreatePublicationStmt, "CREATE PUBLICATION", IS_DDL, NULL),
	ROW(AlterPublicationStmt, "ALTER PUBLICATION", IS_DDL, NULL),

	/* roles, databases, the server */
	ROW(GrantStmt, "GRANT", IS_DDL, record_grant),
	ROW(GrantRoleStmt, "GRANT", IS_DDL, NULL),
	ROW(AlterDefaultPrivilegesStmt, "ALTER DEFAULT PRIVILEGES", IS_DDL,
	    NULL),
	ROW(CreateRoleStmt, "CREATE ROLE", IS_DDL, NULL),
	ROW(AlterRoleStmt, "ALTER ROLE", IS_DDL, NULL),
	ROW(AlterRoleSetStmt, "ALTER ROLE", IS_DDL, record_alter_role_set),
	ROW(DropRoleStmt, "DROP ROLE", IS_DDL, NULL),
	ROW(DropOwnedStmt, "DROP OWNED", IS_DDL, record_forbidden),
	ROW(ReassignOwnedStmt, "REASSIGN OWNED", IS_DDL, record_forbidden),
	ROW(CreatedbStmt, "CREATE DATABASE", IS_DDL, NULL),
	ROW(AlterDatabaseStmt, "ALTER DATABASE", IS_DDL, record_forbidden),
	ROW(AlterDatabaseRefreshCollStmt, "ALTER DATABASE", IS_DDL, NULL),
	ROW(AlterDatabaseSetStmt, "ALTER DATABASE", IS_DDL,
	    record_alter_database_set),
	ROW(DropdbStmt, "DROP DATABASE", IS_DDL, record_forbidden),
	ROW(AlterSystemStmt, "ALTER SYSTEM", IS_DDL, record_forbidden),
	ROW(CreateTableSpaceStmt, "CREATE TABLESPACE", IS_DDL, NULL),
	ROW(DropTableSpaceStmt, "DROP TABLESPACE", IS_DDL, NULL),
	ROW(AlterTableSpaceOptionsStmt, "ALTER TABLESPACE", IS_DDL, NULL),
};

const struct statement_row *statement_row(int tag)
{
	if (tag < 0 || tag >= (int)lengthof(rows) || !rows[tag].command)
		return NULL;
	return &rows[tag];
}

const char *sql_command(const struct Node *node)
{
	const struct statement_row *row = statement_row(nodeTag(node));

	return row ? row->command : "this statement";
}
