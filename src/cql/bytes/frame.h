/*
 * frame.h
 *	  Envelopes (all versions) and v5 segments: bytes to envelopes and back.
 *
 * No I/O.  The decoder is fed the bytes as they came; partial is not
 * malformed.  It holds at most one incomplete envelope, whose memory grows
 * with what has arrived, never with what a length field claims.
 */
#ifndef CQL_FRAME_H
#define CQL_FRAME_H

#include "budget.h"
#include "buf.h"

#define CQL_ENVELOPE_HEADER 9
#define CQL_SEGMENT_MAX_PAYLOAD 131071 /* 2^17 - 1, v5 section 2.2 */
/* Bytes the decoder may hold that nobody has asked it to take apart. */
#define CQL_DECODER_MAX_INPUT (16u << 20)
/* Rest of a body that is allocated at once, before it has arrived. */
#define CQL_DECODER_TRUSTED (1u << 20)

/* Flags of an envelope header, v5 section 2.4.2 */
#define CQL_FLAG_COMPRESSED 0x01
#define CQL_FLAG_TRACING 0x02
#define CQL_FLAG_PAYLOAD 0x04
#define CQL_FLAG_WARNING 0x08

typedef enum cql_opcode
{
	CQL_OP_ERROR = 0x00,
	CQL_OP_STARTUP = 0x01,
	CQL_OP_READY = 0x02,
	CQL_OP_AUTHENTICATE = 0x03,
	CQL_OP_OPTIONS = 0x05,
	CQL_OP_SUPPORTED = 0x06,
	CQL_OP_QUERY = 0x07,
	CQL_OP_RESULT = 0x08,
	CQL_OP_PREPARE = 0x09,
	CQL_OP_EXECUTE = 0x0A,
	CQL_OP_REGISTER = 0x0B,
	CQL_OP_EVENT = 0x0C,
	CQL_OP_BATCH = 0x0D,
	CQL_OP_AUTH_CHALLENGE = 0x0E,
	CQL_OP_AUTH_RESPONSE = 0x0F,
	CQL_OP_AUTH_SUCCESS = 0x10
} cql_opcode;

/* One whole envelope taken from the decoder; body is the taker's. */
typedef struct cql_envelope
{
	uint8_t version; /* without the direction bit */
	uint8_t flags;	 /* CQL_FLAG_COMPRESSED already undone */
	int16_t stream;
	uint8_t opcode;
	uint8_t *body; /* env->alloc'ed, NULL when len is 0 */
	size_t len;
	cql_budget *budget; /* the decoder's, or NULL */
	size_t charge;		/* of the body, in the budget */
	size_t refused;		/* bytes the budget did not admit: there is no body */
} cql_envelope;

typedef struct cql_decoder
{
	const cql_env *env;
	bool segments; /* v5 after READY or AUTHENTICATE */
	bool lz4;	   /* negotiated compression */
	cql_buf input; /* bytes received, not yet taken apart */
	size_t taken;  /* of input already decoded */
	/* payload of the current segment that is not yet read */
	cql_buf plain;	/* decompressed payload */
	bool in_plain;	/* it lies in plain, not in input */
	size_t payload; /* offset in the one or the other */
	size_t payload_left;
	bool self_contained; /* whole envelopes, else a part of one */
	/* current envelope */
	uint8_t header[CQL_ENVELOPE_HEADER];
	size_t header_len;
	cql_buf body;
	size_t body_len;	/* as the header says */
	cql_budget *budget; /* or NULL */
	size_t charge;		/* of body */
	bool skipping;		/* the budget does not admit the body */
	size_t skipped;		/* bytes of it */
	uint64_t produced;	/* bytes of all bodies so far */
	bool failed;		/* sticky */
} cql_decoder;

extern void cql_decoder_init(cql_decoder *dec, const cql_env *env);
extern void cql_decoder_free(cql_decoder *dec);
/* Gives back the room to receive into, where nothing in it is needed. */
extern void cql_decoder_rest(cql_decoder *dec);
/* Frees the body of an envelope. */
extern void cql_envelope_drop(const cql_env *env, cql_envelope *envelope);
/* From the next byte on, input is v5 segments (set between envelopes). */
extern void cql_decoder_set_segments(cql_decoder *dec);
/*
 * Room to receive into: at least min bytes at the returned address; say with
 * cql_decoder_received() how many came.  NULL without memory.
 */
extern uint8_t *cql_decoder_room(cql_decoder *dec, size_t min, size_t *room);
extern void cql_decoder_received(cql_decoder *dec, size_t n);
/*
 * Next whole envelope: 1 (body now the caller's), 0 more bytes needed, -1
 * malformed (err set: CQL_ERR_PROTOCOL, CQL_ERR_LIMIT or CQL_ERR_NOMEM), after
 * which the connection must be closed.
 */
extern int cql_decoder_next(cql_decoder *dec, cql_envelope *env,
							cql_error *err);

/*
 * Envelope header in front of a body: begin reserves it and returns its
 * offset, end fills in the length (and the rest).  Bodies are written in place
 * between the two.
 */
extern size_t cql_envelope_begin(cql_buf *buf);
extern void cql_envelope_end(cql_buf *buf, size_t offset, uint8_t version,
							 uint8_t flags, int16_t stream, uint8_t opcode);

/* Bodies below this are not worth compressing in v4. */
#define CQL_LZ4_MIN_BODY 64

/*
 * Wraps whole envelopes (len bytes, at least one) into segments appended to
 * out: small ones share a self-contained segment, one over the payload limit
 * is cut into parts of its own.  False on failure of out, or when the bytes
 * are not whole envelopes.
 */
extern bool cql_segments_encode(const uint8_t *envelopes, size_t len, bool lz4,
								cql_buf *out);
/* The same in v4: compresses bodies of CQL_LZ4_MIN_BODY and more if lz4. */
extern bool cql_envelopes_encode(const uint8_t *envelopes, size_t len,
								 bool lz4, cql_buf *out);

#endif /* CQL_FRAME_H */
