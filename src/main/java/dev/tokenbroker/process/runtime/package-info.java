/**
 * The process: the checks of its settings at the start, its clock, and its stop. Open {@code
 * StartupChecks} first.
 */
@NullMarked
package dev.tokenbroker.process.runtime;

import org.jspecify.annotations.NullMarked;
