# The rooms of the wrapper, lowest first: each includes and calls only itself
# and those before it.
FDW_ROOMS = base table push plan write scan join modify call
