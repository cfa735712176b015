/**
 * The edge tests: the broker as it is shipped, jar or native executable, in a process of its own
 * and seen from outside. They say nothing about its classes; what can be shown inside one process
 * is tested where it is written.
 */
@NullMarked
package dev.tokenbroker.edges.edge;

import org.jspecify.annotations.NullMarked;
