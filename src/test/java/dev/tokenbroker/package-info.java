/**
 * Tests of the build itself.
 *
 * <p>Stand-ins and set-up: {@link Seeds}, {@link TestClasses}.
 */
@NullMarked
package dev.tokenbroker;

import org.jspecify.annotations.NullMarked;
