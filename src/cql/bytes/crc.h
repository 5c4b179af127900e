/*
 * crc.h
 *	  Checksums of protocol v5 segments.
 */
#ifndef CQL_CRC_H
#define CQL_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC24 of a segment header (v5 section 2.2: its own polynomial and start). */
extern uint32_t cql_crc24(const uint8_t *data, size_t len);
/* CRC32 (IEEE) over the seed bytes FA 2D 55 CA and the payload; slicing by 8.
 */
extern uint32_t cql_crc32(const uint8_t *data, size_t len);

#endif /* CQL_CRC_H */
