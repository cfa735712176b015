/** The HTTP edge: well-known documents and verdicts. */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
