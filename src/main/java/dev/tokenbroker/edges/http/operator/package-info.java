/**
 * In: HTTP requests of operators. Out: verdicts, changes, the candidate, replicas and streams of
 * them. It changes nothing that is in force. Open {@code OperatorRequests} first.
 */
@NullMarked
package dev.tokenbroker.edges.http.operator;

import org.jspecify.annotations.NullMarked;
