/**
 * Tries a federation before it goes live: case files and the gate that holds a document back,
 * recording and replay. The policy of every exchange decides, and nothing is issued.
 */
@NullMarked
package dev.tokenbroker.rehearsal;

import org.jspecify.annotations.NullMarked;
