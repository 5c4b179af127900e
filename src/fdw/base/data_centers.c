/*
 * data_centers.c
 *	  Where the nodes of a cluster are, and what is told of that.
 */
#include "client.h"
#include "conncache.h"

#include "utils/builtins.h"

const cql_node *
cass_node_in_dc(const cql_cluster *cluster, bool local)
{
	uint32 i;

	for (i = 0; i < cql_cluster_nnodes(cluster); i++)
	{
		const cql_node *node = cql_cluster_node(cluster, i);

		if (node->local == local)
			return node;
	}
	return NULL;
}

void
cass_warn_of_data_centers(const cql_cluster *cluster, const char *server)
{
	const cql_node *near = cass_node_in_dc(cluster, true);
	const char *quoted = quote_identifier(server);
	const char *dc =
		near == NULL ? NULL : quote_literal_cstr(cass_from_cql(near->dc));

	if (dc == NULL)
		ereport(WARNING,
				(errmsg("no node of server \"%s\" is in its local data "
						"center, all are asked",
						server),
				 errhint("Check the server option \"local_datacenter\"; "
						 "cassandra_connections() shows data centers.")));
	else
		ereport(WARNING,
				(errmsg("server \"%s\" has nodes in more than one data "
						"center, and none is named as the local one",
						server),
				 errdetail("That of the first node reached is taken: %s.", dc),
				 errhint("Name the one to be asked: ALTER SERVER %s OPTIONS "
						 "(ADD local_datacenter %s);",
						 quoted, dc)));
}
