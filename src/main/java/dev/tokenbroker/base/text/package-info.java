/**
 * In: texts, bytes and numbers. Out: what the other rooms say about them: digests, bounds of
 * settings, blocks of addresses, the nearest word, a log line for each state. Depends on nothing.
 * Open {@code SettingLimits} first.
 */
@NullMarked
package dev.tokenbroker.base.text;

import org.jspecify.annotations.NullMarked;
