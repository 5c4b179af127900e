/*
 * frames.h
 *	  What the fuzz targets of envelopes and segments share.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "crc.h"
#include "frame.h"

/*
 * Decodes the bytes at once and in small parts, and aborts where the results
 * differ.  Returns 0.
 */
extern int fuzz_frames(bool segments, bool lz4, const uint8_t *data,
					   size_t size);
/* The same of v5 segments, as they are and again with right checksums. */
extern int fuzz_segments(bool lz4, const uint8_t *data, size_t size);

/* libFuzzer's entry point, one in each target. */
extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* FRAMES_H */
