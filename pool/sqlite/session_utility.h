/* Between the utility statements and the cursors; include
 * protocol/sql_nodes.h first. */
#ifndef WEIR_POOL_SQLITE_SESSION_UTILITY_H
#define WEIR_POOL_SQLITE_SESSION_UTILITY_H

#include "pool/sqlite/session.h"

enum session_step session_declare(struct lite_session *, struct lite_portal *,
				  const DeclareCursorStmt *, struct error *);
bool session_fetch(struct lite_session *, struct lite_portal *,
		   const FetchStmt *, struct error *);
bool session_close_cursor(struct lite_session *, const ClosePortalStmt *,
			  struct error *);
/* 25001 unless it stands alone. */
bool session_no_block(struct lite_session *, const char *what, struct error *);
/* session_database.c */
bool session_create_database(struct lite_session *, const CreatedbStmt *,
			     struct error *);
enum session_step session_drop_database(struct lite_session *,
					const DropdbStmt *, struct error *);
/* session_do.c */
enum session_step session_do(struct lite_session *, const DoStmt *,
			     struct error *);
struct lite_portal *session_need_cursor(struct lite_session *,
					const char *name, struct error *);

#endif
