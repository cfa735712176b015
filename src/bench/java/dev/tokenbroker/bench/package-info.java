/** What an exchange costs, in whole and in parts; no part of the product or of its tests. */
@NullMarked
package dev.tokenbroker.bench;

import org.jspecify.annotations.NullMarked;
