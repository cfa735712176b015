/**
 * In: case files. Out: which expectations of a document hold, and the gate that holds a document
 * back. Issues nothing. Open {@code CaseRunner} first.
 */
@NullMarked
package dev.tokenbroker.operate.cases;

import org.jspecify.annotations.NullMarked;
