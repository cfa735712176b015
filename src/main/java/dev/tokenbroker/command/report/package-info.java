/**
 * In: what a command found, as a tree of nodes. Out: text for a person, JSON, or JUnit XML. Open
 * {@code Node} first.
 */
@NullMarked
package dev.tokenbroker.command.report;

import org.jspecify.annotations.NullMarked;
