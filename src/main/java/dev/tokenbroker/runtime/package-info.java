/** The process: its clock, the checks of its settings at the start, and its stop. */
@NullMarked
package dev.tokenbroker.runtime;

import org.jspecify.annotations.NullMarked;
