/**
 * In: a path and a limit. Out: the content of a small file, or the problem with it in words that
 * reveal nothing of the content. Open {@code FileContent} first.
 */
@NullMarked
package dev.tokenbroker.base.files;

import org.jspecify.annotations.NullMarked;
