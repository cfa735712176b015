/**
 * In: a document that names files. Out: each file with a token that is fresh, renewed until the
 * process ends. Exchanges are made by {@code command.fetch}. Open {@code KeptFile} first.
 */
@NullMarked
package dev.tokenbroker.command.agent;

import org.jspecify.annotations.NullMarked;
