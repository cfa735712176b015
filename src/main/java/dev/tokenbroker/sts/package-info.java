/**
 * Tokens from an upstream security token service (RFC 8693, RFC 7523): clients, requests,
 * responses.
 */
@NullMarked
package dev.tokenbroker.sts;

import org.jspecify.annotations.NullMarked;
