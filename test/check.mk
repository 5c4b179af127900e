# Unit tests and fuzz targets of src/cql and src/lang, under ASan and UBSan.
#
#   test/unit/test_NAME.c   a program: prints "ok ..." or "not ok ..." a case
#   test/unit/OTHER.c       linked into every one of them
#   test/fuzz/fuzz_NAME.c   LLVMFuzzerTestOneInput; corpus/NAME/ has inputs
#   test/fuzz/replay.c      main() that feeds the files named by arguments

FUZZ_SECONDS ?= 60
FUZZ_CC ?= $(firstword $(foreach name,clang clang-20 clang-19 clang-18 \
	clang-17 clang-16 clang-15 clang-14,$(shell command -v $(name))))

include src/cql/rooms.mk

B = build/san
CFLAGS = -std=c11 -D_GNU_SOURCE -O1 -g -fno-omit-frame-pointer -Wall -Wextra \
	-Werror -Isrc/cql $(CQL_ROOMS:%=-Isrc/cql/%) -Isrc/lang -Itest/unit -I$(B) \
	-MMD -MP
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all
LIBS = -lssl -lcrypto -llz4 -lanl -lm

CQL_SOURCES = $(wildcard $(CQL_ROOMS:%=src/cql/%/*.c) src/lang/*.c)
CQL = $(patsubst %.c,$(B)/%.o,$(CQL_SOURCES))
TESTS = $(patsubst %.c,$(B)/%,$(sort $(wildcard test/unit/test_*.c)))
HELPERS = $(patsubst %.c,$(B)/%.o,$(filter-out test/unit/test_%.c,\
	$(wildcard test/unit/*.c)))
TARGETS = $(patsubst test/fuzz/fuzz_%.c,%,$(sort $(wildcard \
	test/fuzz/fuzz_*.c)))
FUZZ_HELPERS = $(filter-out test/fuzz/fuzz_%.c test/fuzz/replay.c,\
	$(wildcard test/fuzz/*.c))

unit-programs: $(TESTS)
replay-programs: $(TARGETS:%=$(B)/replay_%)

check-unit: unit-programs
	@test/env/each-unit $(TESTS)

check-fuzz: replay-programs
	@test/env/each-fuzz $(B) $(TARGETS)

$(B)/libcql.a: $(CQL)
	rm -f $@ && $(AR) rcs $@ $(CQL)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) -c -o $@ $<

# The vectors as C tables, for any test that includes them.
$(B)/vectors.h: test/unit/vectors.py test/unit/vectors.json
	@mkdir -p $(@D)
	python3 test/unit/vectors.py test/unit/vectors.json $@

$(patsubst %.c,$(B)/%.o,$(wildcard test/unit/*.c)): | $(B)/vectors.h

$(TESTS): %: %.o $(HELPERS) $(B)/libcql.a
	$(CC) $(SAN) -o $@ $^ $(LIBS)

$(B)/replay_%: $(B)/test/fuzz/fuzz_%.o $(B)/test/fuzz/replay.o \
		$(FUZZ_HELPERS:%.c=$(B)/%.o) $(B)/libcql.a
	$(CC) $(SAN) -o $@ $^ $(LIBS)

# One after the other, each for FUZZ_SECONDS; new inputs go to build/fuzz.
fuzz: $(TARGETS:%=fuzz-%)

fuzz-%:
	@test -n "$(FUZZ_CC)" || { echo "fuzzing needs clang" >&2; exit 1; }
	@mkdir -p build/fuzz/$*
	$(FUZZ_CC) $(filter-out -MMD -MP,$(CFLAGS)) $(SAN) -fsanitize=fuzzer \
		-o build/fuzz/fuzz_$* \
		test/fuzz/fuzz_$*.c $(FUZZ_HELPERS) $(CQL_SOURCES) $(LIBS)
	build/fuzz/fuzz_$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
		-rss_limit_mb=2048 build/fuzz/$* \
		$(wildcard test/fuzz/corpus/$*)

-include $(wildcard $(B)/*/*/*.d $(B)/*/*/*/*.d)

.PHONY: unit-programs replay-programs check-unit check-fuzz fuzz
.SECONDARY:
