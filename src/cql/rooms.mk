# The rooms of the client, lowest first: each includes and calls only itself
# and those before it.
CQL_ROOMS = bytes message connection ring pool request kind cluster
