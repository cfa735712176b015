/**
 * In: the files of the federation as they change. Out: the document in force, which a bad one never
 * replaces. Open {@code Federations} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.federation;

import org.jspecify.annotations.NullMarked;
