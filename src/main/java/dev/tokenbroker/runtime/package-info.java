/** The process: its clock and the checks at its start. */
@NullMarked
package dev.tokenbroker.runtime;

import org.jspecify.annotations.NullMarked;
