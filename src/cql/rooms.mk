# The rooms of the client, lowest first: each includes and calls only itself
# and those before it.

CQL_ROOMS = bytes message connection ring session

# Include path of a file: its own room and those below it.
cql_includes = -Isrc/cql $(call rooms_until,$(notdir $(patsubst %/,%,$(dir \
	$(1)))),$(CQL_ROOMS))
rooms_until = $(if $(2),-Isrc/cql/$(firstword $(2)) $(if $(filter \
	$(1),$(firstword $(2))),,$(call rooms_until,$(1),$(wordlist 2,99,$(2)))))
