/*
 * replay.c
 *	  Runs a fuzz target once over each of the files named by arguments.
 *
 * Linked with one fuzz_*.c in place of libFuzzer, so that the corpus can be
 * replayed with any compiler.  Includes the C library only.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The whole file in exactly as many bytes as it has, so that the address
 * sanitizer sees every read beyond its end.  The caller frees.
 */
static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long length;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
		(length = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
	{
		perror(path);
		exit(2);
	}
	*size = (size_t) length;
	data = malloc(*size > 0 ? *size : 1);
	if (data == NULL || fread(data, 1, *size, file) != *size)
	{
		perror(path);
		exit(2);
	}
	fclose(file);
	return data;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		size_t size;
		uint8_t *data = read_file(argv[i], &size);

		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return 0;
}
