/**
 * Tests of {@code base.jose}.
 *
 * <p>Stand-ins and set-up: {@link SignatureProviderProbe}, {@link SignatureProviders}, {@link
 * TestKey}, {@link TestKeys}.
 */
@NullMarked
package dev.tokenbroker.base.jose;

import org.jspecify.annotations.NullMarked;
