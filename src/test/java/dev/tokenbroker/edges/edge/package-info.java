/**
 * The edge tests: the broker as it is shipped, jar or native executable, in a process of its own
 * and seen from outside. They say nothing about its classes; what can be shown inside one process
 * is tested where it is written.
 *
 * <p>Stand-ins and set-up: {@link Artifact}, {@link BrokerProcess}, {@link CandidateProfile},
 * {@link Documents}, {@link EdgeFederation}, {@link Flood}, {@link FloodConnection}, {@link
 * FloodRequests}, {@link FloodSender}, {@link FreePort}, {@link HonestCallers}, {@link Http},
 * {@link Neighbour}, {@link ProxyProfile}, {@link PublishedKeys}, {@link Reflection}, {@link
 * Together}.
 */
@NullMarked
package dev.tokenbroker.edges.edge;

import org.jspecify.annotations.NullMarked;
