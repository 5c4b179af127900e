/*
 * crc.c
 *	  Checksums of protocol v5 segments.
 *
 * Called by frame.c only.  The tables of the CRC32 are made at the first call:
 * the client runs in one thread.
 */
#include "crc.h"

#include <stdbool.h>

#define CRC24_START 0x875060u
#define CRC24_POLYNOMIAL 0x1974F0Bu
#define CRC32_POLYNOMIAL 0xEDB88320u /* IEEE 802.3, reflected */
#define CRC32_SLICES 8

static uint32_t slices[CRC32_SLICES][256];
static bool slices_made = false;

uint32_t
cql_crc24(const uint8_t *data, size_t len)
{
	uint32_t crc = CRC24_START;
	size_t i;
	int bit;

	for (i = 0; i < len; i++)
	{
		crc ^= (uint32_t) data[i] << 16;
		for (bit = 0; bit < 8; bit++)
		{
			crc <<= 1;
			if (crc & 0x1000000u)
				crc ^= CRC24_POLYNOMIAL;
		}
	}
	return crc;
}

/* slices[k][b]: what byte b does to the CRC when k zero bytes follow it. */
static void
make_slices(void)
{
	uint32_t b;
	int bit;
	int k;

	for (b = 0; b < 256; b++)
	{
		uint32_t crc = b;

		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) ? CRC32_POLYNOMIAL : 0);
		slices[0][b] = crc;
	}
	for (k = 1; k < CRC32_SLICES; k++)
	{
		for (b = 0; b < 256; b++)
		{
			uint32_t crc = slices[k - 1][b];

			slices[k][b] = (crc >> 8) ^ slices[0][crc & 0xFF];
		}
	}
	slices_made = true;
}

static inline uint32_t
load_little(const uint8_t *p)
{
	return (uint32_t) p[0] | ((uint32_t) p[1] << 8) | ((uint32_t) p[2] << 16) |
		   ((uint32_t) p[3] << 24);
}

static uint32_t
crc32_update(uint32_t crc, const uint8_t *data, size_t len)
{
	while (len >= CRC32_SLICES)
	{
		uint32_t low = load_little(data) ^ crc;
		uint32_t high = load_little(data + 4);

		crc = slices[7][low & 0xFF] ^ slices[6][(low >> 8) & 0xFF] ^
			  slices[5][(low >> 16) & 0xFF] ^ slices[4][low >> 24] ^
			  slices[3][high & 0xFF] ^ slices[2][(high >> 8) & 0xFF] ^
			  slices[1][(high >> 16) & 0xFF] ^ slices[0][high >> 24];
		data += CRC32_SLICES;
		len -= CRC32_SLICES;
	}
	while (len-- > 0)
		crc = (crc >> 8) ^ slices[0][(crc ^ *data++) & 0xFF];
	return crc;
}

uint32_t
cql_crc32(const uint8_t *data, size_t len)
{
	static const uint8_t seed[4] = {0xFA, 0x2D, 0x55, 0xCA};
	uint32_t crc = 0xFFFFFFFFu;

	if (!slices_made)
		make_slices();
	crc = crc32_update(crc, seed, sizeof(seed));
	return ~crc32_update(crc, data, len);
}
