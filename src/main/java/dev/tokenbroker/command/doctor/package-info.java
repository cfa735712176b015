/**
 * The checks of {@code token-broker doctor} that need no running broker: the document, the issuers
 * and the upstreams. Owns the names of all checks and their defects, and the report. {@code
 * command} runs the checks of a broker and writes the report.
 */
@NullMarked
package dev.tokenbroker.command.doctor;

import org.jspecify.annotations.NullMarked;
