/**
 * Time and chance. In: the clocks of the process. Out: the time of day, monotonic time and random
 * numbers, which tests replace; rounds of work; signals of the system. Begin with {@link
 * dev.tokenbroker.base.time.Clocks}.
 */
@NullMarked
package dev.tokenbroker.base.time;

import org.jspecify.annotations.NullMarked;
