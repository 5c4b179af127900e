# cassandra_fdw: a foreign data wrapper for Apache Cassandra.
#
#   make demo    the main job, on a real Cassandra and a private PostgreSQL
#   make test    all tests; both install what is missing (see test/env/install)
#   make && make install    for the PostgreSQL that PG_CONFIG names
#
# Without PostgreSQL's headers only the targets that install them work.

ifndef PG_CONFIG
PG_CONFIG := $(shell test/env/pg_config)
endif
TOPICS = $(sort $(filter-out sql/cassandra_fdw--%,$(wildcard sql/*.sql)))

.DEFAULT_GOAL := all

# ---- the layers -------------------------------------------------------
# src/cql and src/lang are compiled without PostgreSQL's include path: that
# proves that they know nothing of it.  In the same way each room of the client
# is compiled with the headers of itself and of the rooms below it only, and
# what lies above with the client's public headers only.

objects = $(patsubst %.c,%.o,$(sort $(wildcard $(1)/*.c)))

# $(call rooms_until,room,rooms,folder): -I of all rooms up to that one.
rooms_until = $(if $(2),-I$(3)/$(firstword $(2)) $(if $(filter \
	$(1),$(firstword $(2))),,$(call rooms_until,$(1),$(wordlist \
	2,99,$(2)),$(3))))
room_of = $(notdir $(patsubst %/,%,$(dir $(1))))

include src/cql/rooms.mk
CQL_OBJS = $(foreach room,$(CQL_ROOMS),$(call objects,src/cql/$(room)))
LANG_OBJS = $(call objects,src/lang)
TYPES_OBJS = $(call objects,src/types)
include src/fdw/rooms.mk
FDW_OBJS = $(foreach room,$(FDW_ROOMS),$(call objects,src/fdw/$(room))) \
	$(call objects,src/fdw)

CQL_WARNINGS = -Wall -Wextra -Wshadow -Wconversion \
	-Wdeclaration-after-statement -Wstrict-prototypes -Wmissing-prototypes
CQL_CFLAGS = -std=c11 -D_GNU_SOURCE -O2 -g -fPIC -fno-strict-aliasing \
	-fwrapv -fvisibility=hidden $(CQL_WARNINGS) $(WERROR) -MMD -MP

$(CQL_OBJS): src/cql/%.o: src/cql/%.c
	$(CC) $(CQL_CFLAGS) -Isrc/cql \
		$(call rooms_until,$(call room_of,$<),$(CQL_ROOMS),src/cql) $(COPT) -c -o $@ $<
$(LANG_OBJS): src/lang/%.o: src/lang/%.c
	$(CC) $(CQL_CFLAGS) -Isrc/cql -Isrc/lang $(COPT) -c -o $@ $<

# ---- the extension ----------------------------------------------------

MODULE_big = cassandra_fdw
EXTENSION = cassandra_fdw
DATA = $(wildcard sql/cassandra_fdw--*.sql)
OBJS = $(CQL_OBJS) $(LANG_OBJS) $(TYPES_OBJS) $(FDW_OBJS)
PGFILEDESC = "cassandra_fdw - foreign data wrapper for Apache Cassandra"
SHLIB_LINK = -lssl -lcrypto -llz4 -lanl
PG_CPPFLAGS = -Isrc/cql -Isrc/lang
PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-missing-field-initializers \
	$(WERROR) -MMD -MP
REGRESS = $(patsubst sql/%.sql,%,$(TOPICS))
EXTRA_CLEAN = build src/*/*.d src/*/*/*.d
override with_llvm = no

# ---- the rest ---------------------------------------------------------

ifneq ($(PG_CONFIG),)
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
src/types/%.o: override CPPFLAGS += -Isrc/types
src/types/%.o: override CFLAGS += -fvisibility=hidden
src/fdw/%.o: override CPPFLAGS += -Isrc/types \
	$(call rooms_until,$(call room_of,$@),$(FDW_ROOMS),src/fdw)
else
all install installcheck:
	@echo "no PostgreSQL with server headers found:" \
		"run test/env/install, or set PG_CONFIG" >&2; exit 1
clean:
	rm -rf build src/*/*.[od] src/*/*/*.[od] cassandra_fdw.so
endif

-include $(wildcard src/*/*.d src/*/*/*.d)

demo:
	@test/env/install demo && test/demo/run
test:
	@test/env/install && test/run
test-clients:
	@test/env/install clients && test/clients/run
bench:
	@test/env/install && test/bench/run
# make soak [ROWS=10000000] [NODES=1] [CASSANDRA=release]
soak:
	@test/env/install && ROWS=$(ROWS) NODES=$(NODES) VERSION=$(CASSANDRA) \
		test/soak/run
# make oracle [N=queries] [SEED=text] [CASSANDRA=release]
oracle:
	@test/env/install && N=$(N) SEED=$(SEED) VERSION=$(CASSANDRA) \
		test/oracle/run oracle.py
oracle-joins:
	@test/env/install && N=$(N) SEED=$(SEED) VERSION=$(CASSANDRA) \
		test/oracle/run joins.py
oracle-planner:
	@test/env/install && N=$(N) SEED=$(SEED) VERSION=$(CASSANDRA) \
		test/oracle/run planner.py
oracle-writes:
	@test/env/install && N=$(N) SEED=$(SEED) VERSION=$(CASSANDRA) \
		test/oracle/run writes.py
oracle-changes:
	@test/env/install && N=$(N) SEED=$(SEED) VERSION=$(CASSANDRA) \
		test/oracle/run changes.py
# make chaos [FAULTS=20] [SEED=text] [CASSANDRA=release]
chaos:
	@test/env/install && FAULTS=$(FAULTS) SEED=$(SEED) VERSION=$(CASSANDRA) \
		test/chaos/run
check-unit:
	@$(MAKE) -s -f test/check.mk check-unit
check-fuzz:
	@$(MAKE) -s -f test/check.mk check-fuzz
fuzz:
	@$(MAKE) -s -f test/check.mk fuzz
lint:
	@test/lint/run
format:
	@test/lint/run --format

# The archive that PGXN takes, of what is committed.
dist:
	version=$$(sed -n 's/^   "version": "\(.*\)",/\1/p' META.json) && \
		git archive --format=zip --prefix=cassandra_fdw-$$version/ \
		--output=cassandra_fdw-$$version.zip HEAD

.PHONY: dist demo test test-clients bench soak chaos oracle oracle-joins \
	oracle-planner oracle-writes oracle-changes check-unit check-fuzz fuzz lint format
