/*
 * The guard: some tables are insert-only, and this is who says no. It judges
 * a text before any part of it is sent, from Postgres's own parse of it, and
 * fails closed: a kind of statement that is not listed, a text that cannot be
 * read, code that cannot be shown to be harmless, are refused.
 *
 * What a parse cannot show (a view on the table, a foreign key that acts on
 * it, a function that exists already) is looked up in a snapshot of the
 * database's catalog (guard_catalog.h) and in what the transaction itself has
 * made (guard_overlay.h). Code that cannot be proven harmless is refused, but
 * where the database itself is sure to stop it.
 *
 * Pure but for its own cache of verdicts and what is kept for it of open
 * transactions: a guard is that of one database, for all roles there, and of
 * one worker. It touches no session, and waits for nothing.
 */
#ifndef WEIR_PROXY_GUARD_H
#define WEIR_PROXY_GUARD_H

#include "protocol/bytes.h"
#include "protocol/error.h"

struct guard;
struct guard_catalog;
struct guard_overlay;
struct kept_overlay;
struct retain_values;
struct sql_facts;
struct sql_reading;

enum verdict {
	VERDICT_ALLOW,
	VERDICT_REFUSE,
	VERDICT_UNREAD,	/* refused, since the parser could not read it */
	VERDICT_READ,	/* it is long, or runs something long, that is being
			   read: ask again then */
	VERDICT_LOOKUP,	/* it names something that is not known: look again,
			   and ask again */
};

/* How the server will read the text. */
struct guard_state {
	/* Schemas, NULL-ended, "$user" replaced by the user; NULL when not
	 * known: then a bare name that could mean a guarded table does. */
	const char *const *search_path;
	/* Known to be on; else a text with a backslash is refused. */
	bool standard_conforming_strings;
	/* sql_encoding_is_safe(); else a text beyond ASCII is refused. */
	bool client_encoding_safe;
	/* Whether a catalog is kept of this database, and what it says; NULL
	 * as long as it could not be read. */
	bool keeps_catalog;
	const struct guard_catalog *catalog;
	/* It was read for this very text: a name that it does not know is
	 * nothing's. */
	bool looked_up;
	/* What a Parse declares its parameters to be: count and OIDs, as in
	 * the message. */
	struct slice types;
	/* What the open transaction made; what a text makes is added. May be
	 * NULL. */
	struct guard_overlay *overlay;
	/* It was allowed when it was prepared, so that what it makes itself
	 * is in the overlay by now. */
	bool again;
	/* The text of what the session has PREPAREd under a name, which an
	 * EXECUTE runs by what names mean now; empty: it has nothing. NULL
	 * where there are no such names. */
	struct slice (*prepared)(void *context, const char *name);
	/* What came of reading a text that is long (sql_reading.h), with its
	 * coercions or perhaps without; NULL: it is begun by that. Where there
	 * is no such function all texts are read at once. */
	const struct sql_reading *(*read)(void *context, struct slice text,
					  bool coerces);
	void *context;		/* of both */
	/* The client is one whose migrations may change the tables. */
	bool exempt;
	/* For retention (guard_retain.h): the clock, in microseconds since
	 * 1970; how far the session's zone may be from UTC; and what the
	 * text's parameters are bound to: NULL before, when `binds_later`
	 * says whether it will be asked again. */
	int64_t now_us;
	int64_t zone_slack_us;
	const struct retain_values *values;
	bool binds_later;
};

/* Something that passes although the table is insert-only. */
struct sanction {
	char schema[64], table[64];	/* schema "": not said */
	char command[64];
	const char *reason;	/* "exempt user", "retention" */
};

#define SANCTIONS_MAX 16	/* kept of one text; the rest is counted */

struct guard_counters {
	uint64_t judged;	/* texts */
	uint64_t remembered;	/* of these, allowed from the cache */
	uint64_t refused;
	uint64_t unread;
};

/*
 * Makes a guard of configured names, written as in SQL: audit_event,
 * audit.events, public."AuditTrail". A name without a schema guards tables of
 * that name in every schema. `fold_case`: names match in any case even when
 * quoted (SQLite). NULL, and the error filled, if a
 * name is no table's name. With no names at all there is nothing to guard:
 * keep the guard NULL and do not ask.
 */
struct guard *guard_new(const char *const *names, unsigned count,
			bool fold_case, struct error *);
void guard_free(struct guard **);

/* Adds the rules of audit_retain, written as in retain_rule.h. */
bool guard_retain(struct guard *, const char *const *entries, unsigned count,
		  struct error *);

/*
 * Judges a text of any number of statements as a whole. Unless the answer is
 * ALLOW the error is what the client is told: 42501 with table, detail and
 * hint; or what the parser said (42601, 54000, 54001, 22021), which is final
 * too, since nothing of the text may run.
 */
enum verdict guard_judge(struct guard *, struct slice text,
			 const struct guard_state *, struct error *);

/* Whether a function's body, or that of a DO, is sure to leave the guarded
 * tables alone, as far as the catalog goes (NULL: by their names only).
 * `operands`: what it is given shows values of CATALOG_OPERATE. */
bool guard_proves(struct guard *, const struct guard_catalog *,
		  const char *language, const char *body, bool operands);

/* The same for facts somebody has already. The lexer's part of the state is
 * not looked at. */
enum verdict guard_judge_facts(struct guard *, const struct sql_facts *,
			       const struct guard_state *, struct error *);

/* For a snapshot of the catalog. Each role has snapshots of its own, and
 * verdicts are remembered by the epoch: it is one snapshot's only. */
uint64_t guard_next_epoch(struct guard *);

/* Tells of every name that a function's body may change something by. */
void guard_each_target(const char *body,
		       void (*note)(void *context, const char *name),
		       void *context);

/* Whether the text judged last may move the search path by itself, perhaps
 * for its transaction only: SET LOCAL, set_config(), EXECUTE. */
bool guard_moves_path(const struct guard *);

/* Whether it is known to do nothing to its session that those behind it may
 * see (sql_facts.h). */
bool guard_spares_session(const struct guard *);

/* Whether it makes, changes or drops anything that a catalog shows. */
bool guard_made_ddl(const struct guard *);

/* Hands over what it made, to be kept: the guard asks it about every text, of
 * whatever session, until it is taken out of the list it is linked in. */
void guard_give_made(struct guard *, struct kept_overlay *ret_overlay);
/* They turn out to be of one database: what is kept for one of them counts for
 * both, now and from now on. */
void guard_join(struct guard *, struct guard *other);
bool guard_is_joined(const struct guard *, const struct guard *other);
/* Tells of all that are kept, each of which may be taken out then. */
void guard_each_kept(struct guard *, void (*tell)(struct kept_overlay *));
/* Whether anything is kept. */
bool guard_keeps_made(const struct guard *);
/* Whether nothing that is kept leads to a table: then an earlier verdict of
 * the same epoch and path holds. */
bool guard_is_settled(const struct guard *);
/* What of the text judged last, and allowed, passed by exception: so many, of
 * which the first SANCTIONS_MAX are told. Such a verdict holds for this user,
 * moment and these values only. */
unsigned guard_sanction_count(const struct guard *);
const struct sanction *guard_sanctions(const struct guard *);

/* Which rule it is that guards a table, for who comes to it through something
 * else, or by its name. */
const char *guard_reason(bool through);
/* Of the last refusal, for the log: what was to be done ("UPDATE", "DROP
 * OWNED"), through what ("view public.recent"), both NULL if that is not known;
 * and which rule says no. */
const char *guard_refused_command(const struct guard *);
const char *guard_refused_through(const struct guard *);
const char *guard_refused_reason(const struct guard *);

struct guard_counters guard_counters(const struct guard *);

#endif
