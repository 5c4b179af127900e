/*
 * fuzz_envelopes_lz4.c
 *	  Fuzz target: v4 envelopes with LZ4.
 */
#include "frames.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_frames(false, true, data, size);
}
