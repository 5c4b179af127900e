/*
 * fuzz_envelopes_v4.c
 *	  Fuzz target: v4 envelopes without compression.
 */
#include "frames.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_frames(false, false, data, size);
}
