/**
 * The command line: one executable that serves, and commands that check, explain or probe, and end.
 * {@code Main} is where the process begins.
 */
@NullMarked
package dev.tokenbroker.command;

import org.jspecify.annotations.NullMarked;
