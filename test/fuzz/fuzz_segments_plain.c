/*
 * fuzz_segments_plain.c
 *	  Fuzz target: v5 segments without compression.
 */
#include "frames.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_segments(false, data, size);
}
