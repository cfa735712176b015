/** Tests of {@code edges.http.operator}. */
@NullMarked
package dev.tokenbroker.edges.http.operator;

import org.jspecify.annotations.NullMarked;
