#include "protocol/sql_nodes.h"

#include "protocol/sql_walk.h"

/*
 * The kinds of Postgres 15. Another major of the library means other structs:
 * regenerate the rows from its headers and let the tests compare.
 */
#if PG_VERSION_NUM / 10000 != 15
#error "the table of node kinds is that of Postgres 15"
#endif

#define KIND(kind, ...)                                                   \
	[T_##kind] = { #kind, (const struct sql_field[]){ __VA_ARGS__     \
							  { FIELD_END, 0 } } },
/* a child (C), a text (S for string), a node inside the struct (V) */
#define C(kind, field) { FIELD_CHILD, offsetof(kind, field) },
#define S(kind, field) { FIELD_TEXT, offsetof(kind, field) },
#define V(kind, field) { FIELD_INSIDE, offsetof(kind, field) },

static const struct sql_kind kinds[] = {
	/* values */
	KIND(Integer)
	KIND(Float, S(Float, fval))
	KIND(Boolean)
	KIND(String, S(String, sval))
	KIND(BitString, S(BitString, bsval))

	/* queries, their expressions and parts */
	KIND(Alias,
	    S(Alias, aliasname) C(Alias, colnames))
	KIND(RangeVar,
	    S(RangeVar, catalogname) S(RangeVar, schemaname)
	    S(RangeVar, relname) C(RangeVar, alias))
	KIND(IntoClause,
	    C(IntoClause, rel) C(IntoClause, colNames)
	    S(IntoClause, accessMethod) C(IntoClause, options)
	    S(IntoClause, tableSpaceName))
	KIND(GroupingFunc,
	    C(GroupingFunc, args))
	KIND(NamedArgExpr,
	    C(NamedArgExpr, arg) S(NamedArgExpr, name))
	KIND(BoolExpr,
	    C(BoolExpr, args))
	KIND(SubLink,
	    C(SubLink, testexpr) C(SubLink, operName) C(SubLink, subselect))
	KIND(CaseExpr,
	    C(CaseExpr, arg) C(CaseExpr, args) C(CaseExpr, defresult))
	KIND(CaseWhen,
	    C(CaseWhen, expr) C(CaseWhen, result))
	KIND(RowExpr,
	    C(RowExpr, args) C(RowExpr, colnames))
	KIND(CoalesceExpr,
	    C(CoalesceExpr, args))
	KIND(MinMaxExpr,
	    C(MinMaxExpr, args))
	KIND(SQLValueFunction)
	KIND(XmlExpr,
	    S(XmlExpr, name) C(XmlExpr, named_args) C(XmlExpr, arg_names)
	    C(XmlExpr, args))
	KIND(NullTest,
	    C(NullTest, arg))
	KIND(BooleanTest,
	    C(BooleanTest, arg))
	KIND(SetToDefault)
	KIND(CurrentOfExpr,
	    S(CurrentOfExpr, cursor_name))
	KIND(JoinExpr,
	    C(JoinExpr, larg) C(JoinExpr, rarg) C(JoinExpr, usingClause)
	    C(JoinExpr, join_using_alias) C(JoinExpr, quals)
	    C(JoinExpr, alias))
	KIND(TypeName,
	    C(TypeName, names) C(TypeName, typmods) C(TypeName, arrayBounds))
	KIND(ColumnRef,
	    C(ColumnRef, fields))
	KIND(ParamRef)
	KIND(A_Expr,
	    C(A_Expr, name) C(A_Expr, lexpr) C(A_Expr, rexpr))
	KIND(A_Const,
	    V(A_Const, val))
	KIND(TypeCast,
	    C(TypeCast, arg) C(TypeCast, typeName))
	KIND(CollateClause,
	    C(CollateClause, arg) C(CollateClause, collname))
	KIND(RoleSpec,
	    S(RoleSpec, rolename))
	KIND(FuncCall,
	    C(FuncCall, funcname) C(FuncCall, args) C(FuncCall, agg_order)
	    C(FuncCall, agg_filter) C(FuncCall, over))
	KIND(A_Star)
	KIND(A_Indices,
	    C(A_Indices, lidx) C(A_Indices, uidx))
	KIND(A_Indirection,
	    C(A_Indirection, arg) C(A_Indirection, indirection))
	KIND(A_ArrayExpr,
	    C(A_ArrayExpr, elements))
	KIND(ResTarget,
	    S(ResTarget, name) C(ResTarget, indirection) C(ResTarget, val))
	KIND(MultiAssignRef,
	    C(MultiAssignRef, source))
	KIND(SortBy,
	    C(SortBy, node) C(SortBy, useOp))
	KIND(WindowDef,
	    S(WindowDef, name) S(WindowDef, refname)
	    C(WindowDef, partitionClause) C(WindowDef, orderClause)
	    C(WindowDef, startOffset) C(WindowDef, endOffset))
	KIND(RangeSubselect,
	    C(RangeSubselect, subquery) C(RangeSubselect, alias))
	KIND(RangeFunction,
	    C(RangeFunction, functions) C(RangeFunction, alias)
	    C(RangeFunction, coldeflist))
	KIND(RangeTableFunc,
	    C(RangeTableFunc, docexpr) C(RangeTableFunc, rowexpr)
	    C(RangeTableFunc, namespaces) C(RangeTableFunc, columns)
	    C(RangeTableFunc, alias))
	KIND(RangeTableFuncCol,
	    S(RangeTableFuncCol, colname) C(RangeTableFuncCol, typeName)
	    C(RangeTableFuncCol, colexpr) C(RangeTableFuncCol, coldefexpr))
	KIND(RangeTableSample,
	    C(RangeTableSample, relation) C(RangeTableSample, method)
	    C(RangeTableSample, args) C(RangeTableSample, repeatable))
	KIND(ColumnDef,
	    S(ColumnDef, colname) C(ColumnDef, typeName)
	    S(ColumnDef, compression) C(ColumnDef, raw_default)
	    C(ColumnDef, collClause) C(ColumnDef, constraints)
	    C(ColumnDef, fdwoptions))
	KIND(TableLikeClause,
	    C(TableLikeClause, relation))
	KIND(IndexElem,
	    S(IndexElem, name) C(IndexElem, expr) S(IndexElem, indexcolname)
	    C(IndexElem, collation) C(IndexElem, opclass)
	    C(IndexElem, opclassopts))
	KIND(DefElem,
	    S(DefElem, defnamespace) S(DefElem, defname) C(DefElem, arg))
	KIND(LockingClause,
	    C(LockingClause, lockedRels))
	KIND(XmlSerialize,
	    C(XmlSerialize, expr) C(XmlSerialize, typeName))
	KIND(PartitionElem,
	    S(PartitionElem, name) C(PartitionElem, expr)
	    C(PartitionElem, collation) C(PartitionElem, opclass))
	KIND(PartitionSpec,
	    S(PartitionSpec, strategy) C(PartitionSpec, partParams))
	KIND(PartitionCmd,
	    C(PartitionCmd, name) C(PartitionCmd, bound))
	KIND(GroupingSet,
	    C(GroupingSet, content))
	KIND(WithClause,
	    C(WithClause, ctes))
	KIND(InferClause,
	    C(InferClause, indexElems) C(InferClause, whereClause)
	    S(InferClause, conname))
	KIND(OnConflictClause,
	    C(OnConflictClause, infer) C(OnConflictClause, targetList)
	    C(OnConflictClause, whereClause))
	KIND(CTESearchClause,
	    C(CTESearchClause, search_col_list)
	    S(CTESearchClause, search_seq_column))
	KIND(CTECycleClause,
	    C(CTECycleClause, cycle_col_list)
	    S(CTECycleClause, cycle_mark_column)
	    C(CTECycleClause, cycle_mark_value)
	    C(CTECycleClause, cycle_mark_default)
	    S(CTECycleClause, cycle_path_column))
	KIND(CommonTableExpr,
	    S(CommonTableExpr, ctename) C(CommonTableExpr, aliascolnames)
	    C(CommonTableExpr, ctequery) C(CommonTableExpr, search_clause)
	    C(CommonTableExpr, cycle_clause))
	KIND(MergeWhenClause,
	    C(MergeWhenClause, condition) C(MergeWhenClause, targetList)
	    C(MergeWhenClause, values))
	KIND(TriggerTransition,
	    S(TriggerTransition, name))
	KIND(RawStmt,
	    C(RawStmt, stmt))
	KIND(InsertStmt,
	    C(InsertStmt, relation) C(InsertStmt, cols)
	    C(InsertStmt, selectStmt) C(InsertStmt, onConflictClause)
	    C(InsertStmt, returningList) C(InsertStmt, withClause))
	KIND(DeleteStmt,
	    C(DeleteStmt, relation) C(DeleteStmt, usingClause)
	    C(DeleteStmt, whereClause) C(DeleteStmt, returningList)
	    C(DeleteStmt, withClause))
	KIND(UpdateStmt,
	    C(UpdateStmt, relation) C(UpdateStmt, targetList)
	    C(UpdateStmt, whereClause) C(UpdateStmt, fromClause)
	    C(UpdateStmt, returningList) C(UpdateStmt, withClause))
	KIND(MergeStmt,
	    C(MergeStmt, relation) C(MergeStmt, sourceRelation)
	    C(MergeStmt, joinCondition) C(MergeStmt, mergeWhenClauses)
	    C(MergeStmt, withClause))
	KIND(SelectStmt,
	    C(SelectStmt, distinctClause) C(SelectStmt, intoClause)
	    C(SelectStmt, targetList) C(SelectStmt, fromClause)
	    C(SelectStmt, whereClause) C(SelectStmt, groupClause)
	    C(SelectStmt, havingClause) C(SelectStmt, windowClause)
	    C(SelectStmt, valuesLists) C(SelectStmt, sortClause)
	    C(SelectStmt, limitOffset) C(SelectStmt, limitCount)
	    C(SelectStmt, lockingClause) C(SelectStmt, withClause)
	    C(SelectStmt, larg) C(SelectStmt, rarg))
	KIND(ReturnStmt,
	    C(ReturnStmt, returnval))
	KIND(AlterTableCmd,
	    S(AlterTableCmd, name) C(AlterTableCmd, newowner)
	    C(AlterTableCmd, def))
	KIND(ObjectWithArgs,
	    C(ObjectWithArgs, objname) C(ObjectWithArgs, objargs)
	    C(ObjectWithArgs, objfuncargs))
	KIND(AccessPriv,
	    S(AccessPriv, priv_name) C(AccessPriv, cols))
	KIND(Constraint,
	    S(Constraint, conname) C(Constraint, raw_expr)
	    C(Constraint, keys) C(Constraint, including)
	    C(Constraint, exclusions) C(Constraint, options)
	    S(Constraint, indexname) S(Constraint, indexspace)
	    S(Constraint, access_method) C(Constraint, where_clause)
	    C(Constraint, pktable) C(Constraint, fk_attrs)
	    C(Constraint, pk_attrs) C(Constraint, fk_del_set_cols))
	KIND(CreateOpClassItem,
	    C(CreateOpClassItem, name) C(CreateOpClassItem, order_family)
	    C(CreateOpClassItem, class_args) C(CreateOpClassItem, storedtype))
	KIND(StatsElem,
	    S(StatsElem, name) C(StatsElem, expr))
	KIND(FunctionParameter,
	    S(FunctionParameter, name) C(FunctionParameter, argType)
	    C(FunctionParameter, defexpr))
	KIND(VacuumRelation,
	    C(VacuumRelation, relation) C(VacuumRelation, va_cols))
	KIND(PublicationTable,
	    C(PublicationTable, relation) C(PublicationTable, whereClause)
	    C(PublicationTable, columns))
	KIND(PublicationObjSpec,
	    S(PublicationObjSpec, name) C(PublicationObjSpec, pubtable))
	KIND(PartitionBoundSpec,
	    C(PartitionBoundSpec, listdatums)
	    C(PartitionBoundSpec, lowerdatums)
	    C(PartitionBoundSpec, upperdatums))

	/* utility statements */
	KIND(CreateSchemaStmt,
	    S(CreateSchemaStmt, schemaname) C(CreateSchemaStmt, authrole)
	    C(CreateSchemaStmt, schemaElts))
	KIND(AlterTableStmt,
	    C(AlterTableStmt, relation) C(AlterTableStmt, cmds))
	KIND(ReplicaIdentityStmt,
	    S(ReplicaIdentityStmt, name))
	KIND(AlterCollationStmt,
	    C(AlterCollationStmt, collname))
	KIND(AlterDomainStmt,
	    C(AlterDomainStmt, typeName) S(AlterDomainStmt, name)
	    C(AlterDomainStmt, def))
	KIND(GrantStmt,
	    C(GrantStmt, objects) C(GrantStmt, privileges)
	    C(GrantStmt, grantees) C(GrantStmt, grantor))
	KIND(GrantRoleStmt,
	    C(GrantRoleStmt, granted_roles) C(GrantRoleStmt, grantee_roles)
	    C(GrantRoleStmt, grantor))
	KIND(AlterDefaultPrivilegesStmt,
	    C(AlterDefaultPrivilegesStmt, options)
	    C(AlterDefaultPrivilegesStmt, action))
	KIND(CopyStmt,
	    C(CopyStmt, relation) C(CopyStmt, query) C(CopyStmt, attlist)
	    S(CopyStmt, filename) C(CopyStmt, options)
	    C(CopyStmt, whereClause))
	KIND(VariableSetStmt,
	    S(VariableSetStmt, name) C(VariableSetStmt, args))
	KIND(VariableShowStmt,
	    S(VariableShowStmt, name))
	KIND(CreateStmt,
	    C(CreateStmt, relation) C(CreateStmt, tableElts)
	    C(CreateStmt, inhRelations) C(CreateStmt, partbound)
	    C(CreateStmt, partspec) C(CreateStmt, ofTypename)
	    C(CreateStmt, constraints) C(CreateStmt, options)
	    S(CreateStmt, tablespacename) S(CreateStmt, accessMethod))
	KIND(CreateTableSpaceStmt,
	    S(CreateTableSpaceStmt, tablespacename)
	    C(CreateTableSpaceStmt, owner) S(CreateTableSpaceStmt, location)
	    C(CreateTableSpaceStmt, options))
	KIND(DropTableSpaceStmt,
	    S(DropTableSpaceStmt, tablespacename))
	KIND(AlterTableSpaceOptionsStmt,
	    S(AlterTableSpaceOptionsStmt, tablespacename)
	    C(AlterTableSpaceOptionsStmt, options))
	KIND(AlterTableMoveAllStmt,
	    S(AlterTableMoveAllStmt, orig_tablespacename)
	    C(AlterTableMoveAllStmt, roles)
	    S(AlterTableMoveAllStmt, new_tablespacename))
	KIND(CreateExtensionStmt,
	    S(CreateExtensionStmt, extname) C(CreateExtensionStmt, options))
	KIND(AlterExtensionStmt,
	    S(AlterExtensionStmt, extname) C(AlterExtensionStmt, options))
	KIND(AlterExtensionContentsStmt,
	    S(AlterExtensionContentsStmt, extname)
	    C(AlterExtensionContentsStmt, object))
	KIND(CreateFdwStmt,
	    S(CreateFdwStmt, fdwname) C(CreateFdwStmt, func_options)
	    C(CreateFdwStmt, options))
	KIND(AlterFdwStmt,
	    S(AlterFdwStmt, fdwname) C(AlterFdwStmt, func_options)
	    C(AlterFdwStmt, options))
	KIND(CreateForeignServerStmt,
	    S(CreateForeignServerStmt, servername)
	    S(CreateForeignServerStmt, servertype)
	    S(CreateForeignServerStmt, version)
	    S(CreateForeignServerStmt, fdwname)
	    C(CreateForeignServerStmt, options))
	KIND(AlterForeignServerStmt,
	    S(AlterForeignServerStmt, servername)
	    S(AlterForeignServerStmt, version)
	    C(AlterForeignServerStmt, options))
	KIND(CreateForeignTableStmt,
	    C(CreateForeignTableStmt, base.relation)
	    C(CreateForeignTableStmt, base.tableElts)
	    C(CreateForeignTableStmt, base.inhRelations)
	    C(CreateForeignTableStmt, base.partbound)
	    C(CreateForeignTableStmt, base.partspec)
	    C(CreateForeignTableStmt, base.ofTypename)
	    C(CreateForeignTableStmt, base.constraints)
	    C(CreateForeignTableStmt, base.options)
	    S(CreateForeignTableStmt, base.tablespacename)
	    S(CreateForeignTableStmt, base.accessMethod)
	    S(CreateForeignTableStmt, servername)
	    C(CreateForeignTableStmt, options))
	KIND(CreateUserMappingStmt,
	    C(CreateUserMappingStmt, user)
	    S(CreateUserMappingStmt, servername)
	    C(CreateUserMappingStmt, options))
	KIND(AlterUserMappingStmt,
	    C(AlterUserMappingStmt, user) S(AlterUserMappingStmt, servername)
	    C(AlterUserMappingStmt, options))
	KIND(DropUserMappingStmt,
	    C(DropUserMappingStmt, user) S(DropUserMappingStmt, servername))
	KIND(ImportForeignSchemaStmt,
	    S(ImportForeignSchemaStmt, server_name)
	    S(ImportForeignSchemaStmt, remote_schema)
	    S(ImportForeignSchemaStmt, local_schema)
	    C(ImportForeignSchemaStmt, table_list)
	    C(ImportForeignSchemaStmt, options))
	KIND(CreatePolicyStmt,
	    S(CreatePolicyStmt, policy_name) C(CreatePolicyStmt, table)
	    S(CreatePolicyStmt, cmd_name) C(CreatePolicyStmt, roles)
	    C(CreatePolicyStmt, qual) C(CreatePolicyStmt, with_check))
	KIND(AlterPolicyStmt,
	    S(AlterPolicyStmt, policy_name) C(AlterPolicyStmt, table)
	    C(AlterPolicyStmt, roles) C(AlterPolicyStmt, qual)
	    C(AlterPolicyStmt, with_check))
	KIND(CreateAmStmt,
	    S(CreateAmStmt, amname) C(CreateAmStmt, handler_name))
	KIND(CreateTrigStmt,
	    S(CreateTrigStmt, trigname) C(CreateTrigStmt, relation)
	    C(CreateTrigStmt, funcname) C(CreateTrigStmt, args)
	    C(CreateTrigStmt, columns) C(CreateTrigStmt, whenClause)
	    C(CreateTrigStmt, transitionRels) C(CreateTrigStmt, constrrel))
	KIND(CreateEventTrigStmt,
	    S(CreateEventTrigStmt, trigname) S(CreateEventTrigStmt, eventname)
	    C(CreateEventTrigStmt, whenclause)
	    C(CreateEventTrigStmt, funcname))
	KIND(AlterEventTrigStmt,
	    S(AlterEventTrigStmt, trigname))
	KIND(CreatePLangStmt,
	    S(CreatePLangStmt, plname) C(CreatePLangStmt, plhandler)
	    C(CreatePLangStmt, plinline) C(CreatePLangStmt, plvalidator))
	KIND(CreateRoleStmt,
	    S(CreateRoleStmt, role) C(CreateRoleStmt, options))
	KIND(AlterRoleStmt,
	    C(AlterRoleStmt, role) C(AlterRoleStmt, options))
	KIND(AlterRoleSetStmt,
	    C(AlterRoleSetStmt, role) S(AlterRoleSetStmt, database)
	    C(AlterRoleSetStmt, setstmt))
	KIND(DropRoleStmt,
	    C(DropRoleStmt, roles))
	KIND(CreateSeqStmt,
	    C(CreateSeqStmt, sequence) C(CreateSeqStmt, options))
	KIND(AlterSeqStmt,
	    C(AlterSeqStmt, sequence) C(AlterSeqStmt, options))
	KIND(DefineStmt,
	    C(DefineStmt, defnames) C(DefineStmt, args)
	    C(DefineStmt, definition))
	KIND(CreateDomainStmt,
	    C(CreateDomainStmt, domainname) C(CreateDomainStmt, typeName)
	    C(CreateDomainStmt, collClause) C(CreateDomainStmt, constraints))
	KIND(CreateOpClassStmt,
	    C(CreateOpClassStmt, opclassname)
	    C(CreateOpClassStmt, opfamilyname) S(CreateOpClassStmt, amname)
	    C(CreateOpClassStmt, datatype) C(CreateOpClassStmt, items))
	KIND(CreateOpFamilyStmt,
	    C(CreateOpFamilyStmt, opfamilyname) S(CreateOpFamilyStmt, amname))
	KIND(AlterOpFamilyStmt,
	    C(AlterOpFamilyStmt, opfamilyname) S(AlterOpFamilyStmt, amname)
	    C(AlterOpFamilyStmt, items))
	KIND(DropStmt,
	    C(DropStmt, objects))
	KIND(TruncateStmt,
	    C(TruncateStmt, relations))
	KIND(CommentStmt,
	    C(CommentStmt, object) S(CommentStmt, comment))
	KIND(SecLabelStmt,
	    C(SecLabelStmt, object) S(SecLabelStmt, provider)
	    S(SecLabelStmt, label))
	KIND(DeclareCursorStmt,
	    S(DeclareCursorStmt, portalname) C(DeclareCursorStmt, query))
	KIND(ClosePortalStmt,
	    S(ClosePortalStmt, portalname))
	KIND(FetchStmt,
	    S(FetchStmt, portalname))
	KIND(IndexStmt,
	    S(IndexStmt, idxname) C(IndexStmt, relation)
	    S(IndexStmt, accessMethod) S(IndexStmt, tableSpace)
	    C(IndexStmt, indexParams) C(IndexStmt, indexIncludingParams)
	    C(IndexStmt, options) C(IndexStmt, whereClause))
	KIND(CreateStatsStmt,
	    C(CreateStatsStmt, defnames) C(CreateStatsStmt, stat_types)
	    C(CreateStatsStmt, exprs) C(CreateStatsStmt, relations))
	KIND(AlterStatsStmt,
	    C(AlterStatsStmt, defnames))
	KIND(CreateFunctionStmt,
	    C(CreateFunctionStmt, funcname) C(CreateFunctionStmt, parameters)
	    C(CreateFunctionStmt, returnType) C(CreateFunctionStmt, options)
	    C(CreateFunctionStmt, sql_body))
	KIND(AlterFunctionStmt,
	    C(AlterFunctionStmt, func) C(AlterFunctionStmt, actions))
	KIND(DoStmt,
	    C(DoStmt, args))
	KIND(CallStmt,
	    C(CallStmt, funccall))
	KIND(RenameStmt,
	    C(RenameStmt, relation) C(RenameStmt, object)
	    S(RenameStmt, subname) S(RenameStmt, newname))
	KIND(AlterObjectDependsStmt,
	    C(AlterObjectDependsStmt, relation)
	    C(AlterObjectDependsStmt, object)
	    C(AlterObjectDependsStmt, extname))
	KIND(AlterObjectSchemaStmt,
	    C(AlterObjectSchemaStmt, relation)
	    C(AlterObjectSchemaStmt, object)
	    S(AlterObjectSchemaStmt, newschema))
	KIND(AlterOwnerStmt,
	    C(AlterOwnerStmt, relation) C(AlterOwnerStmt, object)
	    C(AlterOwnerStmt, newowner))
	KIND(AlterOperatorStmt,
	    C(AlterOperatorStmt, opername) C(AlterOperatorStmt, options))
	KIND(AlterTypeStmt,
	    C(AlterTypeStmt, typeName) C(AlterTypeStmt, options))
	KIND(RuleStmt,
	    C(RuleStmt, relation) S(RuleStmt, rulename)
	    C(RuleStmt, whereClause) C(RuleStmt, actions))
	KIND(NotifyStmt,
	    S(NotifyStmt, conditionname) S(NotifyStmt, payload))
	KIND(ListenStmt,
	    S(ListenStmt, conditionname))
	KIND(UnlistenStmt,
	    S(UnlistenStmt, conditionname))
	KIND(TransactionStmt,
	    C(TransactionStmt, options) S(TransactionStmt, savepoint_name)
	    S(TransactionStmt, gid))
	KIND(CompositeTypeStmt,
	    C(CompositeTypeStmt, typevar) C(CompositeTypeStmt, coldeflist))
	KIND(CreateEnumStmt,
	    C(CreateEnumStmt, typeName) C(CreateEnumStmt, vals))
	KIND(CreateRangeStmt,
	    C(CreateRangeStmt, typeName) C(CreateRangeStmt, params))
	KIND(AlterEnumStmt,
	    C(AlterEnumStmt, typeName) S(AlterEnumStmt, oldVal)
	    S(AlterEnumStmt, newVal) S(AlterEnumStmt, newValNeighbor))
	KIND(ViewStmt,
	    C(ViewStmt, view) C(ViewStmt, aliases) C(ViewStmt, query)
	    C(ViewStmt, options))
	KIND(LoadStmt,
	    S(LoadStmt, filename))
	KIND(CreatedbStmt,
	    S(CreatedbStmt, dbname) C(CreatedbStmt, options))
	KIND(AlterDatabaseStmt,
	    S(AlterDatabaseStmt, dbname) C(AlterDatabaseStmt, options))
	KIND(AlterDatabaseRefreshCollStmt,
	    S(AlterDatabaseRefreshCollStmt, dbname))
	KIND(AlterDatabaseSetStmt,
	    S(AlterDatabaseSetStmt, dbname) C(AlterDatabaseSetStmt, setstmt))
	KIND(DropdbStmt,
	    S(DropdbStmt, dbname) C(DropdbStmt, options))
	KIND(AlterSystemStmt,
	    C(AlterSystemStmt, setstmt))
	KIND(ClusterStmt,
	    C(ClusterStmt, relation) S(ClusterStmt, indexname)
	    C(ClusterStmt, params))
	KIND(VacuumStmt,
	    C(VacuumStmt, options) C(VacuumStmt, rels))
	KIND(ExplainStmt,
	    C(ExplainStmt, query) C(ExplainStmt, options))
	KIND(CreateTableAsStmt,
	    C(CreateTableAsStmt, query) C(CreateTableAsStmt, into))
	KIND(RefreshMatViewStmt,
	    C(RefreshMatViewStmt, relation))
	KIND(CheckPointStmt)
	KIND(DiscardStmt)
	KIND(LockStmt,
	    C(LockStmt, relations))
	KIND(ConstraintsSetStmt,
	    C(ConstraintsSetStmt, constraints))
	KIND(ReindexStmt,
	    C(ReindexStmt, relation) S(ReindexStmt, name)
	    C(ReindexStmt, params))
	KIND(CreateConversionStmt,
	    C(CreateConversionStmt, conversion_name)
	    S(CreateConversionStmt, for_encoding_name)
	    S(CreateConversionStmt, to_encoding_name)
	    C(CreateConversionStmt, func_name))
	KIND(CreateCastStmt,
	    C(CreateCastStmt, sourcetype) C(CreateCastStmt, targettype)
	    C(CreateCastStmt, func))
	KIND(CreateTransformStmt,
	    C(CreateTransformStmt, type_name) S(CreateTransformStmt, lang)
	    C(CreateTransformStmt, fromsql) C(CreateTransformStmt, tosql))
	KIND(PrepareStmt,
	    S(PrepareStmt, name) C(PrepareStmt, argtypes)
	    C(PrepareStmt, query))
	KIND(ExecuteStmt,
	    S(ExecuteStmt, name) C(ExecuteStmt, params))
	KIND(DeallocateStmt,
	    S(DeallocateStmt, name))
	KIND(DropOwnedStmt,
	    C(DropOwnedStmt, roles))
	KIND(ReassignOwnedStmt,
	    C(ReassignOwnedStmt, roles) C(ReassignOwnedStmt, newrole))
	KIND(AlterTSDictionaryStmt,
	    C(AlterTSDictionaryStmt, dictname)
	    C(AlterTSDictionaryStmt, options))
	KIND(AlterTSConfigurationStmt,
	    C(AlterTSConfigurationStmt, cfgname)
	    C(AlterTSConfigurationStmt, tokentype)
	    C(AlterTSConfigurationStmt, dicts))
	KIND(CreatePublicationStmt,
	    S(CreatePublicationStmt, pubname)
	    C(CreatePublicationStmt, options)
	    C(CreatePublicationStmt, pubobjects))
	KIND(AlterPublicationStmt,
	    S(AlterPublicationStmt, pubname) C(AlterPublicationStmt, options)
	    C(AlterPublicationStmt, pubobjects))
	KIND(CreateSubscriptionStmt,
	    S(CreateSubscriptionStmt, subname)
	    S(CreateSubscriptionStmt, conninfo)
	    C(CreateSubscriptionStmt, publication)
	    C(CreateSubscriptionStmt, options))
	KIND(AlterSubscriptionStmt,
	    S(AlterSubscriptionStmt, subname)
	    S(AlterSubscriptionStmt, conninfo)
	    C(AlterSubscriptionStmt, publication)
	    C(AlterSubscriptionStmt, options))
	KIND(DropSubscriptionStmt,
	    S(DropSubscriptionStmt, subname))
};

const struct sql_kind *sql_kind_find(int tag)
{
	if (tag < 0 || tag >= (int)lengthof(kinds) || !kinds[tag].name)
		return NULL;
	return &kinds[tag];
}
