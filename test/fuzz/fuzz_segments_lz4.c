/*
 * fuzz_segments_lz4.c
 *	  Fuzz target: v5 segments with LZ4.
 */
#include "frames.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_segments(true, data, size);
}
