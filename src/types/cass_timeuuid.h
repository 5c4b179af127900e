/*
 * cass_timeuuid.h
 *	  Times of timeuuids, which are UUIDs of version 1 (RFC 4122).
 */
#ifndef CASS_TIMEUUID_H
#define CASS_TIMEUUID_H

#include "postgres.h"

#include "utils/uuid.h"

/* 100 ns ticks from 1582-10-15, where they begin, to 2000-01-01. */
#define CASS_TICKS_TO_2000                                                    \
	(INT64CONST(0x01B21DD213814000) + INT64CONST(946684800) * 10000000)
#define CASS_MAX_TICKS INT64CONST(0x0FFFFFFFFFFFFFFF)
#define CASS_TICKS_PER_US 10
/* Low halves of the first and the last one of a tick: signed bytes. */
#define CASS_LEAST_LOW UINT64CONST(0x8080808080808080)
#define CASS_GREATEST_LOW UINT64CONST(0x7f7f7f7f7f7f7f7f)

/* The one of these ticks since 1582 and low eight bytes. */
extern void cass_timeuuid_make(int64 ticks, uint64 low, uint8 bytes[UUID_LEN]);

#endif /* CASS_TIMEUUID_H */
