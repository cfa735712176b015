/**
 * The use case: one evaluation from request to verdict, with its cache, its shared flights and its
 * admission. {@code TokenExchange} is the class to read first.
 */
@NullMarked
package dev.tokenbroker.exchange;

import org.jspecify.annotations.NullMarked;
