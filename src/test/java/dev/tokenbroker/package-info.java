/** Tests of the build itself. */
@NullMarked
package dev.tokenbroker;

import org.jspecify.annotations.NullMarked;
