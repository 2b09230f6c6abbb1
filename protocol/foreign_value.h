/*
 * Values as other programs keep them in a SQLite file. SQLAlchemy writes a
 * timestamp as '2024-02-29 13:00:00.000000', Django without the fraction
 * where it is zero, both write a UUID as 32 digits, and in a column declared
 * DECIMAL SQLite itself turns '1.50' into the number 1.5. A column of a
 * program's own making holds such values; weir reads them into its own
 * storage forms (type.h), where they compare and compute as Postgres's do,
 * and writes what it stores there in the program's form, so that the program
 * finds it again.
 *
 * What does not fit the type exactly is never bent: it is an error.
 *
 * Pure: no file, no clock.
 */
#ifndef WEIR_PROTOCOL_FOREIGN_VALUE_H
#define WEIR_PROTOCOL_FOREIGN_VALUE_H

#include "protocol/type.h"

/* How the values of one column are kept. */
struct foreign_form {
	char affinity;	/* SQLite's, as foreign_affinity() tells it; 0: the
			   column is in weir's own form, nothing converts */
	char spelling;	/* uuid: 'h' 32 digits, 'd' with dashes, 'b' bytes.
			   Times: 'f' always six digits behind the seconds,
			   's' only where they are not zero */
};

/* The affinity of a declared type (SQLite manual, "Datatypes", 3.1):
 * 'i' INTEGER, 't' TEXT, 'b' none, 'r' REAL, 'n' NUMERIC. */
char foreign_affinity(const char *declared);

/*
 * A stored value, not NULL, in weir's own form of the type. False: it is no
 * value of that type, or not without changing it; the error says so in the
 * words of the type's input function. May borrow from `stored` or the arena.
 */
bool foreign_read(uint32_t type, int32_t typmod, const struct value *stored,
		  struct arena *, struct value *ret_value, struct error *);

/*
 * The reverse: a value in weir's own form, as the column shall have it.
 * False: the column could not keep it as it is (numeric digits that no float
 * has, infinite times).
 */
bool foreign_write(uint32_t type, int32_t typmod, struct foreign_form,
		   const struct value *, struct arena *,
		   struct value *ret_stored, struct error *);

#endif
