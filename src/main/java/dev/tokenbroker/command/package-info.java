/**
 * In: a command line. Out: a server, or a command that checks, explains or probes, and ends. Open
 * {@code Main} first.
 */
@NullMarked
package dev.tokenbroker.command;

import org.jspecify.annotations.NullMarked;
