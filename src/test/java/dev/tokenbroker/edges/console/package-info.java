/** Tests of the console's data, and of what its watchers cost. */
@NullMarked
package dev.tokenbroker.edges.console;

import org.jspecify.annotations.NullMarked;
