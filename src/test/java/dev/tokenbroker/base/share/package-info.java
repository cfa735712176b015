/** Tests of shares; no helpers. */
@NullMarked
package dev.tokenbroker.base.share;

import org.jspecify.annotations.NullMarked;
