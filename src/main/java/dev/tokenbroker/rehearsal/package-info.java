/**
 * Tries a federation before it goes live: case files, the gate that holds back a document whose
 * cases fail, and the lint. It decides by the policy of every exchange, and issues nothing.
 */
@NullMarked
package dev.tokenbroker.rehearsal;

import org.jspecify.annotations.NullMarked;
