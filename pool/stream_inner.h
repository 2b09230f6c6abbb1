/*
 * What the files of a stream know of each other; nobody else includes this.
 *
 * stream.c           life, what the loop watches and says, reading
 * stream_output.c    writing and the queue
 * stream_tls.c       OpenSSL
 */
#ifndef WEIR_POOL_STREAM_INNER_H
#define WEIR_POOL_STREAM_INNER_H

#include "pool/stream.h"

#define STREAM_MAGIC 0x7374726du

/* --- stream.c ----------------------------------------------------------- */

/* Watches what is to be watched now. `keep` is what need not be dropped yet. */
void stream_rewatch(struct stream *, int keep);
/* Writing has failed: told from the loop, behind what can still be read. */
void stream_fail(struct stream *, int error);

/* --- stream_output.c ---------------------------------------------------- */

/* Sends the queue as far as it goes. */
void stream_flush(struct stream *);
void stream_drop_queue(struct stream *);

/* --- stream_tls.c ------------------------------------------------------- */

/*
 * OpenSSL reads and writes the descriptor through a BIO of our own: it never
 * raises SIGPIPE, it tells failed writes as failures (libpq's own does not
 * always), and it can give back the first bytes of a handshake that were read
 * before it was known to be one.
 */
/* Sets up the SSL for this stream's descriptor; it is the stream's then,
 * unless `borrowed`. */
int stream_tls_attach(struct stream *, SSL *, struct slice first,
		      bool borrowed);

/* One step of the handshake: 0 when it is over, UV_EAGAIN, or an error. */
int stream_tls_handshake(struct stream *);

/* Fills the shared buffer as far as there is input. Returns the bytes, or
 * UV_EAGAIN, UV_EOF or an error. *ret_more: ask again, there may be more that
 * the poll handle does not know of. */
ssize_t stream_tls_read(struct stream *, bool *ret_more);

/* Writes once; returns the bytes taken, UV_EAGAIN or an error. */
ssize_t stream_tls_write(struct stream *, struct slice bytes);

/* Input is held inside of OpenSSL, where the poll handle cannot see it. */
bool stream_tls_pending(const struct stream *);

/* Says goodbye if that can be done at once, and lets the SSL go. */
void stream_tls_detach(struct stream *, bool goodbye);

#endif
