/**
 * Judges a candidate federation beside the one in force: loads its document, and compares the
 * decisions of both for a share of the exchanges. It issues nothing, calls no peer and uses up no
 * credential. Edges and telemetry read its reports.
 */
@NullMarked
package dev.tokenbroker.rehearsal.candidate;

import org.jspecify.annotations.NullMarked;
