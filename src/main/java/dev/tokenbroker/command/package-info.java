/**
 * The command line: one executable that serves, and small commands that look, judge or probe and
 * end. Sits on top of all packages; nothing uses it. {@code Main} is where the process begins.
 */
@NullMarked
package dev.tokenbroker.command;

import org.jspecify.annotations.NullMarked;
