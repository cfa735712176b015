/**
 * Warns of rules of a federation document that are dangerous or dead. It reads the document only.
 */
@NullMarked
package dev.tokenbroker.rehearsal.lint;

import org.jspecify.annotations.NullMarked;
