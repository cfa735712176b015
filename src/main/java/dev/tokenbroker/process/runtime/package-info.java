/**
 * In: the settings. Out: a start, or every reason against it; the clock, and the stop. Open {@code
 * StartupChecks} first.
 */
@NullMarked
package dev.tokenbroker.process.runtime;

import org.jspecify.annotations.NullMarked;
