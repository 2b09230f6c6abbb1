/* CREATE DATABASE and DROP DATABASE, where databases are files of one folder:
 * see pool/sqlite/files.h. */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/files.h"
#include "pool/sqlite/session_utility.h"

static struct lite_files *files_of(struct lite_session *session,
				   const char *what, struct error *error)
{
	struct lite_files *files = session->engine->options.files;

	if (files)
		return files;
	error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "%s is not supported on one SQLite file", what);
	error_hint(error, "%s", "Serve a folder: with " FILES_PLACE " in the "
		   "path, as in sqlite:data/" FILES_PLACE ".db, each database "
		   "is a file.");
	return NULL;
}

/* Owners, locales and limits say nothing here; what is copied would. */
static bool check_option(const DefElem *option, struct error *error)
{
	const char *text = option->arg && IsA(option->arg, String) ?
			   strVal(option->arg) : NULL;

	if (strcmp(option->defname, "template") == 0 && text &&
	    strcmp(text, "template0") != 0 && strcmp(text, "template1") != 0)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "CREATE DATABASE from template \"%s\" is not "
				 "supported on SQLite", text);
	if (strcmp(option->defname, "encoding") == 0 && text &&
	    strcasecmp(text, "utf8") != 0 && strcasecmp(text, "utf-8") != 0 &&
	    strcasecmp(text, "unicode") != 0)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "encoding \"%s\" is not supported on SQLite",
				 text);
	return true;
}

bool session_create_database(struct lite_session *session,
			     const CreatedbStmt *node, struct error *error)
{
	struct lite_files *files;
	ListCell *cell;

	if (!session_no_block(session, "CREATE DATABASE", error))
		return false;
	files = files_of(session, "CREATE DATABASE", error);
	if (!files)
		return false;
	foreach(cell, node->options)
		if (!check_option(lfirst(cell), error))
			return false;
	return lite_files_create(files, node->dbname, error);
}

/* WITH (FORCE): the grammar knows no other option. */
static bool is_forced(const DropdbStmt *node)
{
	return node->options != NIL;
}

enum session_step session_drop_database(struct lite_session *session,
					const DropdbStmt *node,
					struct error *error)
{
	struct lite_files *files;
	bool wait;

	if (!session_no_block(session, "DROP DATABASE", error))
		return STEP_FAILED;
	files = files_of(session, "DROP DATABASE", error);
	if (!files)
		return STEP_FAILED;
	if (strcmp(node->dbname, session->compile.database) == 0)
		return error_set(error, SQLSTATE_OBJECT_IN_USE, "%s",
				 "cannot drop the currently open database"),
		       STEP_FAILED;
	if (lite_files_drop(files, node->dbname, is_forced(node), &wait, error))
		return wait ? STEP_WAIT : STEP_DONE;
	if (!node->missing_ok || !error_is(error, SQLSTATE_INVALID_DATABASE))
		return STEP_FAILED;
	error->sqlstate[0] = 0;
	session_notice(session, "NOTICE", "00000",
		       "database \"%s\" does not exist, skipping",
		       node->dbname);
	return STEP_DONE;
}
